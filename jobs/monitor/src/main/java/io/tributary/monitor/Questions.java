package io.tributary.monitor;

import io.tributary.definition.Monitor;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ReferenceProfile.InputProfile;
import io.tributary.model.ReferenceProfile.Night;
import io.tributary.model.ReferenceProfile.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges an interval by a monitor's limits and by the nights of the model's training. An interval
 * breaches only if it passes the declared limit <em>and</em> lies {@value #MARGIN} times beyond the
 * farthest night of training: a single night is always narrower than a year.
 */
final class Questions {
  /**
   * How far beyond the farthest night of training an interval must be: with many inputs some new
   * night is always the farthest.
   */
  static final double MARGIN = 1.5;

  private final Monitor monitor;
  private final ReferenceProfile profile;
  private final ModelMetrics metrics;

  Questions(Monitor monitor, ReferenceProfile profile, ModelMetrics metrics) {
    this.monitor = monitor;
    this.profile = profile;
    this.metrics = metrics;
  }

  /** The verdicts of the first three questions, on the rows that were scored. */
  List<MonitorVerdict> ofScores(IntervalCounts counts) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    for (int i = 0; i < profile.inputs().size(); i++) {
      verdicts.addAll(input(i, counts));
    }
    verdicts.add(predictions(counts));
    verdicts.addAll(bounds(counts));
    return verdicts;
  }

  private List<MonitorVerdict> input(int i, IntervalCounts counts) {
    InputProfile input = profile.inputs().get(i);
    boolean judged = counts.rows() >= ReferenceProfile.MIN_ROWS_PER_NIGHT;
    double psi = input.bins().psi(counts.inputs().get(i));
    double psiLimit = Math.max(monitor.inputPsi(), MARGIN * input.psi().largest());
    double missing = counts.rows() == 0 ? 0 : (double) counts.missing()[i] / counts.rows();
    double rise = missing - input.missing();
    double riseLimit = Math.max(monitor.inputMissing(), MARGIN * input.missingRise().largest());
    return List.of(
        new MonitorVerdict(
            Question.INPUTS,
            input.column(),
            "psi",
            psi,
            psiLimit,
            judged && psi > psiLimit,
            judged ? "farthest night of training " + input.psi().largest() : tooFew(counts)),
        new MonitorVerdict(
            Question.INPUTS,
            input.column(),
            "missing-rise",
            rise,
            riseLimit,
            judged && rise > riseLimit,
            judged ? "missing " + missing + ", in training " + input.missing() : tooFew(counts)));
  }

  private MonitorVerdict predictions(IntervalCounts counts) {
    boolean judged = counts.rows() >= ReferenceProfile.MIN_ROWS_PER_NIGHT;
    double psi = profile.predictions().psi(counts.predictions());
    double limit = Math.max(monitor.predictionPsi(), MARGIN * profile.predictionPsi().largest());
    return new MonitorVerdict(
        Question.PREDICTIONS,
        "score",
        "psi",
        psi,
        limit,
        judged && psi > limit,
        judged
            ? "farthest night of training " + profile.predictionPsi().largest()
            : tooFew(counts));
  }

  private List<MonitorVerdict> bounds(IntervalCounts counts) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    verdicts.add(
        new MonitorVerdict(
            Question.BOUNDS,
            "score",
            "outside",
            counts.outside(),
            0,
            counts.outside() > 0,
            "scores outside ["
                + monitor.lowest()
                + ", "
                + monitor.highest()
                + "] or not a number, of "
                + counts.rows()));
    double mean = counts.meanScore();
    monitor
        .lowestMean()
        .ifPresent(
            low ->
                verdicts.add(
                    new MonitorVerdict(
                        Question.BOUNDS,
                        "score",
                        "mean-above",
                        mean,
                        low,
                        mean < low,
                        "mean score must not be below")));
    monitor
        .highestMean()
        .ifPresent(
            high ->
                verdicts.add(
                    new MonitorVerdict(
                        Question.BOUNDS,
                        "score",
                        "mean-below",
                        mean,
                        high,
                        mean > high,
                        "mean score must not be above")));
    return verdicts;
  }

  /** The verdict of the fourth question, on the rows whose labels have matured. */
  MonitorVerdict ofActuals(Matured matured) {
    double promised = metrics.test().auc().orElse(Double.NaN);
    double lowest =
        profile.nights().stream()
            .filter(n -> n.range() == Range.TEST && n.rows() >= ReferenceProfile.MIN_ROWS_PER_NIGHT)
            .map(Night::auc)
            .flatMap(Optional::stream)
            .mapToDouble(Double::doubleValue)
            .min()
            .orElse(promised);
    double limit = Math.min(promised - monitor.aucDrop(), lowest);
    Optional<Double> auc =
        matured.rows() < ReferenceProfile.MIN_ROWS_PER_NIGHT ? Optional.empty() : matured.auc();
    return new MonitorVerdict(
        Question.ACTUALS,
        "auc",
        "auc",
        auc.orElse(Double.NaN),
        limit,
        auc.map(a -> a < limit).orElse(false),
        auc.isPresent()
            ? "of "
                + matured.rows()
                + " matured rows; the test set promised "
                + promised
                + ", its worst night "
                + lowest
            : matured.rows() + " matured rows, too few or all alike to judge");
  }

  private static String tooFew(IntervalCounts counts) {
    return counts.rows() + " rows, too few to judge";
  }
}
