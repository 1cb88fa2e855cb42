package io.tributary.drift;

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
public record MeasureInterval(double lower, double upper) {
  /** What is kept of a night of the test rows. */
  public record Night(Outcomes outcomes, ScoreBins bins) {}

  /**
   * By the measure's name; without those that a night's counts don't tell, and of too few nights
   * none.
   *
   * @param measured on the rows of all nights, by name
   */
  public static Map<String, MeasureInterval> of(List<Night> nights, Map<String, Double> measured) {
    Map<String, MeasureInterval> intervals = new HashMap<>();
    if (nights.size() >= MeanOfIntervals.LEAST_INTERVALS) {
      put(intervals, "auc", nights, measured, MeasureInterval::auc, 1);
      put(
          intervals,
          "log-loss",
          nights,
          measured,
          of -> mean(of, Outcomes::logLoss),
          Double.POSITIVE_INFINITY);
      put(intervals, "brier", nights, measured, of -> mean(of, Outcomes::brier), 1);
    }
    return intervals;
  }

  private static void put(
      Map<String, MeasureInterval> intervals,
      String name,
      List<Night> nights,
      Map<String, Double> measured,
      ToDoubleFunction<List<Night>> measure,
      double most) {
    if (measured.containsKey(name)) {
      MeasureInterval interval = jackknife(nights, measure, measured.get(name), most);
      // Without a night whose labels alone are of the other kind there is no area.
      if (!Double.isNaN(interval.lower())) {
        intervals.put(name, interval);
      }
    }
  }

  private static MeasureInterval jackknife(
      List<Night> nights, ToDoubleFunction<List<Night>> measure, double value, double most) {
    int n = nights.size();
    double all = measure.applyAsDouble(nights);
    double[] pseudo = new double[n];
    for (int i = 0; i < n; i++) {
      List<Night> others = new ArrayList<>(nights);
      others.remove(i);
      pseudo[i] = n * all - (n - 1) * measure.applyAsDouble(others);
    }
    double reach = MeanOfIntervals.of(pseudo).reach();
    return new MeasureInterval(Math.max(0, value - reach), Math.min(most, value + reach));
  }

  private static double mean(List<Night> nights, ToDoubleFunction<Outcomes> measure) {
    return Outcomes.mean(nights.stream().map(Night::outcomes).toList(), measure);
  }

  private static double auc(List<Night> nights) {
    return ScoreBins.auc(nights.stream().map(Night::bins).toList());
  }
}
