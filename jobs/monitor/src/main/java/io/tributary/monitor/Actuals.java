package io.tributary.monitor;

import io.tributary.definition.Monitor;
import io.tributary.drift.Measure;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Promise;
import io.tributary.drift.Promise.Beside;
import io.tributary.drift.ScoreBins;
import io.tributary.drift.Standing;
import io.tributary.events.facts.LabelCounts;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.Matured.Slice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Answers the fourth question: whether a model keeps what it promised, now that labels are known.
 */
final class Actuals {
  static final String BESIDE = "beside-promise";

  /** Of all slices together, the share of windows in which one may be found worse by chance. */
  private static final double FALSE_ALARMS_OF_SLICES = 0.0025;

  private static final String AUC = Measure.AUC.text();

  private final Monitor monitor;
  private final ModelMetrics metrics;

  Actuals(Monitor monitor, ModelMetrics metrics) {
    this.monitor = monitor;
    this.metrics = metrics;
  }

  /** The slices that a window can be judged by. */
  static List<Slice> slices(ModelMetrics metrics) {
    return metrics.slices().entrySet().stream()
        .flatMap(
            column ->
                column.getValue().stream()
                    .filter(slice -> slice.promise().containsKey(Measure.AUC))
                    .map(slice -> new Slice(column.getKey(), slice.value())))
        .toList();
  }

  /**
   * What matured in an interval, which is shown and not judged: one night says too little.
   *
   * @param matured empty if nothing did
   * @param scored the rows whose labels were due
   * @param labels what became of the labels of these rows, if that is known of them alone
   */
  static MonitorVerdict ofInterval(
      Optional<Outcomes> matured, long scored, Optional<LabelCounts> labels) {
    Optional<Double> auc = matured.flatMap(Outcomes::auc);
    return new MonitorVerdict(
        Question.ACTUALS,
        AUC,
        AUC,
        auc.orElse(Double.NaN),
        Double.NaN,
        false,
        "%d matured rows of %d scored%s%s"
            .formatted(
                matured.map(Outcomes::rows).orElse(0L),
                scored,
                labels
                    .map(
                        of ->
                            " (%d labels of no interest, %d not known by then, %d without value)"
                                .formatted(
                                    of.filtered(), of.unknown() + of.immature(), of.missing()))
                    .orElse(""),
                auc.isPresent()
                    ? "; their scores promise %.4f"
                        .formatted(matured.flatMap(Outcomes::aucPromised).orElse(Double.NaN))
                    : ": cannot judge, no labels of both kinds"));
  }

  /** Where a version stands by the days of a window, its last the newest. */
  List<WindowVerdict> ofWindow(List<KeptActuals.Day> window) {
    boolean inForce = window.get(window.size() - 1).role().equals(ScoreColumns.CHAMPION);
    List<Outcomes> days = window.stream().map(KeptActuals.Day::rows).toList();
    List<WindowVerdict> verdicts = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      verdicts.add(
          verdict(
              measure.text(),
              measure,
              metrics.promise(),
              days,
              Promise.FALSE_ALARMS,
              inForce,
              "; " + ofAllRows(measure, window)));
    }
    Map<Slice, List<Outcomes>> slices =
        new TreeMap<>(Comparator.comparing(Slice::column).thenComparing(Slice::value));
    window.forEach(
        day ->
            day.slices()
                .forEach(
                    (slice, rows) ->
                        slices.computeIfAbsent(slice, s -> new ArrayList<>()).add(rows)));
    // Another version may promise something for others.
    slices.keySet().removeIf(slice -> !promise(slice).containsKey(Measure.AUC));
    slices.forEach(
        (slice, rows) ->
            verdicts.add(
                verdict(
                    "%s of %s %s".formatted(AUC, slice.column(), slice.value()),
                    Measure.AUC,
                    promise(slice),
                    rows,
                    FALSE_ALARMS_OF_SLICES / slices.size(),
                    inForce,
                    "")));
    return verdicts;
  }

  private Map<Measure, Promise> promise(Slice slice) {
    return metrics.slices().getOrDefault(slice.column(), List.of()).stream()
        .filter(known -> known.value().equals(slice.value()))
        .findFirst()
        .map(ModelMetrics.Slice::promise)
        .orElse(Map.of());
  }

  private WindowVerdict verdict(
      String item,
      Measure measure,
      Map<Measure, Promise> promises,
      Collection<Outcomes> days,
      double falseAlarms,
      boolean inForce,
      String more) {
    double drop = measure == Measure.AUC ? monitor.aucDrop() : 0;
    double limit = measure == Measure.AUC ? -drop : Double.NaN;
    Promise promise = promises.get(measure);
    if (promise == null) {
      return WindowVerdict.cannotJudge(
          Question.ACTUALS,
          item,
          BESIDE,
          limit,
          "its days of validation and test are too few to promise anything: train it on more days");
    }
    Optional<Beside> beside = promise.beside(measure, days, drop, falseAlarms);
    if (beside.isEmpty()) {
      return WindowVerdict.cannotJudge(
          Question.ACTUALS,
          item,
          BESIDE,
          limit,
          "on none of its days labels of both kinds matured");
    }
    Beside found = beside.get();
    return new WindowVerdict(
        Question.ACTUALS,
        item,
        BESIDE,
        found.difference(),
        found.lower(),
        found.upper(),
        limit,
        Optional.of(found.standing()),
        measure == Measure.AUC ? -found.smallestFound() : found.smallestFound(),
        Double.NaN,
        Optional.empty(),
        Double.NaN,
        inForce && measure == Measure.AUC && found.standing() == Standing.BEYOND,
        "%+.4f beside its promise, %+.4f to %+.4f, by %d days%s%s"
            .formatted(
                found.difference(),
                found.lower(),
                found.upper(),
                found.intervals(),
                measure == Measure.AUC ? "; " + promise.takes(drop) : "",
                more));
  }

  /** The measure of all rows of a window together, which is shown and not judged. */
  private String ofAllRows(Measure measure, List<KeptActuals.Day> window) {
    List<Outcomes> days = window.stream().map(KeptActuals.Day::rows).toList();
    double share = Outcomes.mean(days, of -> (double) of.positives() / of.rows());
    Optional<BinaryMetrics> constant = Optional.ofNullable(metrics.baselines().get("constant"));
    return switch (measure) {
      case AUC ->
          "all rows together %.4f, on the test rows %.4f"
              .formatted(
                  ScoreBins.auc(window.stream().map(KeptActuals.Day::bins).toList()),
                  metrics.test().auc().orElse(Double.NaN));
      case LOG_LOSS ->
          mean(days, Outcomes::logLoss, metrics.test().logLoss())
              + constant
                  .map(BinaryMetrics::meanScore)
                  .map(c -> -share * Math.log(c) - (1 - share) * Math.log(1 - c))
                  .map(loss -> ", of a constant %.4f".formatted(loss))
                  .orElse("");
      case BRIER ->
          mean(days, Outcomes::brier, metrics.test().brier())
              + constant
                  .map(BinaryMetrics::meanScore)
                  .map(c -> share * (1 - c) * (1 - c) + (1 - share) * c * c)
                  .map(loss -> ", of a constant %.4f".formatted(loss))
                  .orElse("");
      case CALIBRATION ->
          "share of true labels %.4f, mean score %.4f"
              .formatted(share, Outcomes.mean(days, Outcomes::meanScore));
    };
  }

  private static String mean(
      List<Outcomes> days, ToDoubleFunction<Outcomes> measure, double tested) {
    return "all rows together %.4f, on the test rows %.4f"
        .formatted(Outcomes.mean(days, measure), tested);
  }
}
