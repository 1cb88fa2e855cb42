package io.tributary.train;

import io.tributary.drift.MeanOfIntervals;
import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ReferenceProfile.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Where a measure on the test rows could be elsewhere, had other nights been tested: by the
 * jackknife's pseudo-values of nights (Tukey 1958), from what a profile keeps of each.
 *
 * @param lower of the interval that holds 95 of 100
 * @param upper of it
 */
record MeasureInterval(double lower, double upper) {
  /**
   * By the measure's name; without those that a night's counts don't tell, and of too few nights
   * none.
   *
   * @param measured on the test rows
   */
  static Map<String, MeasureInterval> of(ReferenceProfile profile, BinaryMetrics measured) {
    List<Counted> nights = new ArrayList<>();
    for (int i = 0; i < profile.nights().size(); i++) {
      if (profile.nights().get(i).range() == Range.TEST) {
        nights.add(
            new Counted(
                profile.nights().get(i).outcomes(),
                new ScoreBins(
                    profile.scores().bins().get(i), profile.scores().positives().get(i))));
      }
    }
    Map<String, MeasureInterval> intervals = new HashMap<>();
    if (nights.size() >= MeanOfIntervals.LEAST_INTERVALS) {
      measured
          .auc()
          .ifPresent(auc -> intervals.put("auc", jackknife(nights, MeasureInterval::auc, auc, 1)));
      intervals.put(
          "log-loss",
          jackknife(
              nights,
              of -> mean(of, Outcomes::logLoss),
              measured.logLoss(),
              Double.POSITIVE_INFINITY));
      intervals.put(
          "brier", jackknife(nights, of -> mean(of, Outcomes::brier), measured.brier(), 1));
    }
    return intervals;
  }

  private record Counted(Outcomes outcomes, ScoreBins bins) {}

  private static MeasureInterval jackknife(
      List<Counted> nights, ToDoubleFunction<List<Counted>> measure, double value, double most) {
    int n = nights.size();
    double all = measure.applyAsDouble(nights);
    double[] pseudo = new double[n];
    for (int i = 0; i < n; i++) {
      List<Counted> others = new ArrayList<>(nights);
      others.remove(i);
      pseudo[i] = n * all - (n - 1) * measure.applyAsDouble(others);
    }
    double reach = MeanOfIntervals.of(pseudo).reach();
    return new MeasureInterval(Math.max(0, value - reach), Math.min(most, value + reach));
  }

  private static double mean(List<Counted> nights, ToDoubleFunction<Outcomes> measure) {
    return Outcomes.mean(nights.stream().map(Counted::outcomes).toList(), measure);
  }

  private static double auc(List<Counted> nights) {
    return ScoreBins.auc(nights.stream().map(Counted::bins).toList());
  }
}
