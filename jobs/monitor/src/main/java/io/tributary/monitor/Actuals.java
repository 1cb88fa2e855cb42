package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * @param behind how long before the interval's end the last label of any row was known, if it was
   *     before
   */
  static MonitorVerdict ofInterval(
      Optional<Outcomes> matured,
      long scored,
      Optional<LabelCounts> labels,
      Optional<Duration> behind) {
    Optional<Double> auc = matured.flatMap(Outcomes::auc);
    return new MonitorVerdict(
        Question.ACTUALS,
        AUC,
        AUC,
        auc.orElse(Double.NaN),
        Double.NaN,
        false,
        text(
            "%d matured rows of %d scored (%.0f %%)%s%s%s",
            matured.map(Outcomes::rows).orElse(0L),
            scored,
            100.0 * matured.map(Outcomes::rows).orElse(0L) / scored,
            labels
                .map(
                    of ->
                        text(
                            ": %d labels of no interest, %d not known by then, %d without value",
                            of.filtered(), of.unknown() + of.immature(), of.missing()))
                .orElse(""),
            behind
                .map(Actuals::words)
                .map(of -> "; the last label was known " + of + " before the interval's end")
                .orElse(""),
            auc.isPresent()
                ? text(
                    "; their scores promise %.4f",
                    matured.flatMap(Outcomes::aucPromised).orElse(Double.NaN))
                : "; cannot judge, no labels of both kinds"));
  }

  private static String words(Duration duration) {
    return duration.toHours() >= 48
        ? duration.toDays() + " days"
        : duration.toHours() >= 2
            ? duration.toHours() + " hours"
            : duration.toMinutes() + " minutes";
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
    Map<Slice, List<Outcomes>> slices = new HashMap<>();
    window.forEach(
        day ->
            day.slices()
                .forEach(
                    (slice, rows) ->
                        slices.computeIfAbsent(slice, s -> new ArrayList<>()).add(rows)));
    // Another version may promise something for others.
    slices.keySet().retainAll(slices(metrics));
    metrics
        .slices()
        .forEach(
            (column, values) ->
                values.stream()
                    .filter(value -> value.promise().containsKey(Measure.AUC))
                    .forEach(
                        value ->
                            verdicts.add(
                                verdict(
                                    text("%s of %s %s", AUC, column, value.value()),
                                    Measure.AUC,
                                    value.promise(),
                                    slices.getOrDefault(
                                        new Slice(column, value.value()), List.of()),
                                    FALSE_ALARMS_OF_SLICES / Math.max(1, slices.size()),
                                    inForce,
                                    ""))));
    return verdicts;
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
    Standing standing =
        measure == Measure.AUC || found.standing() == Standing.BEYOND
            ? found.standing()
            : Standing.AS_PROMISED;
    return new WindowVerdict(
        Question.ACTUALS,
        item,
        BESIDE,
        found.difference(),
        found.lower(),
        found.upper(),
        limit,
        Optional.of(standing),
        measure == Measure.AUC ? -found.smallestFound() : found.smallestFound(),
        Double.NaN,
        Optional.empty(),
        Double.NaN,
        inForce && measure == Measure.AUC && found.standing() == Standing.BEYOND,
        text(
            "%+.4f beside its promise, %+.4f to %+.4f, by %s%s%s%s",
            found.difference(),
            found.lower(),
            found.upper(),
            found.intervals() == 1 ? "1 day" : found.intervals() + " days",
            standing == Standing.BEYOND && measure == Measure.AUC && -found.difference() < drop
                ? text(", nearer to %s less than to none", drop)
                : "",
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
          text(
                  "all rows together %.4f, on the test rows %.4f",
                  ScoreBins.auc(window.stream().map(KeptActuals.Day::bins).toList()),
                  metrics.test().auc().orElse(Double.NaN))
              + Optional.ofNullable(metrics.baselines().get("logistic"))
                  .flatMap(BinaryMetrics::auc)
                  .map(auc -> text(", of a logistic regression there %.4f", auc))
                  .orElse("");
      case LOG_LOSS ->
          mean(days, Outcomes::logLoss, metrics.test().logLoss())
              + constant
                  .map(BinaryMetrics::meanScore)
                  .map(c -> -share * Math.log(c) - (1 - share) * Math.log(1 - c))
                  .map(loss -> text(", of a constant %.4f", loss))
                  .orElse("");
      case BRIER ->
          mean(days, Outcomes::brier, metrics.test().brier())
              + constant
                  .map(BinaryMetrics::meanScore)
                  .map(c -> share * (1 - c) * (1 - c) + (1 - share) * c * c)
                  .map(loss -> text(", of a constant %.4f", loss))
                  .orElse("");
      case CALIBRATION ->
          text(
              "share of true labels %.4f, mean score %.4f",
              share, Outcomes.mean(days, Outcomes::meanScore));
    };
  }

  private static String mean(
      List<Outcomes> days, ToDoubleFunction<Outcomes> measure, double tested) {
    return text(
        "all rows together %.4f, on the test rows %.4f", Outcomes.mean(days, measure), tested);
  }
}
