package io.tributary.train;

import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ReferenceProfile.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How far a measure on the test rows could be elsewhere, had other nights been tested: by the
 * jackknife over nights (Tukey 1958), from what a profile keeps of each.
 *
 * @param reach half of the interval that holds 95 of 100
 */
record MeasureInterval(double reach) {
  private static final double OF_95 = 1.96;

  /** By the measure's name; without those that a night's counts don't tell. */
  static Map<String, MeasureInterval> of(ReferenceProfile profile) {
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
    if (nights.size() > 1) {
      intervals.put("auc", jackknife(nights, MeasureInterval::auc));
      intervals.put("log-loss", jackknife(nights, of -> mean(of, Outcomes::logLoss)));
      intervals.put("brier", jackknife(nights, of -> mean(of, Outcomes::brier)));
    }
    return intervals;
  }

  private record Counted(Outcomes outcomes, ScoreBins bins) {}

  private static MeasureInterval jackknife(
      List<Counted> nights, ToDoubleFunction<List<Counted>> measure) {
    int n = nights.size();
    double[] without = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      List<Counted> others = new ArrayList<>(nights);
      others.remove(i);
      without[i] = measure.applyAsDouble(others);
      mean += without[i] / n;
    }
    double squares = 0;
    for (double each : without) {
      squares += (each - mean) * (each - mean);
    }
    return new MeasureInterval(OF_95 * Math.sqrt((n - 1.0) / n * squares));
  }

  private static double mean(List<Counted> nights, ToDoubleFunction<Outcomes> measure) {
    return Outcomes.mean(nights.stream().map(Counted::outcomes).toList(), measure);
  }

  private static double auc(List<Counted> nights) {
    return ScoreBins.auc(nights.stream().map(Counted::bins).toList());
  }
}
