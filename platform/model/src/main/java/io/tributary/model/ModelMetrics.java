package io.tributary.model;

import io.tributary.drift.Measure;
import io.tributary.drift.Promise;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How good a model version is: what its artefact says of it.
 *
 * @param test on the test rows
 * @param validate on the validation rows, by which the best epoch was chosen
 * @param baselines on the test rows, by the baseline's name: {@code constant} and {@code logistic}
 * @param promise what later days are compared with: each measure less what scores promise, on the
 *     days of validation and test
 * @param slices on the test rows of each value of a column, by the column's name
 * @param history every epoch that was run
 * @param bestEpoch the epoch that the parameters are from
 */
public record ModelMetrics(
    BinaryMetrics test,
    BinaryMetrics validate,
    Map<String, BinaryMetrics> baselines,
    Map<Measure, Promise> promise,
    Map<String, List<Slice>> slices,
    List<Epoch> history,
    int bestEpoch) {
  public ModelMetrics {
    baselines = Collections.unmodifiableMap(new TreeMap<>(baselines));
    promise = promise == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(promise));
    slices = Collections.unmodifiableMap(new TreeMap<>(slices));
    history = List.copyOf(history);
  }

  /**
   * The test rows in which a column has this value, {@code null} as text where it is missing.
   *
   * @param promise as that of all rows; empty of values that are not among the column's most
   *     frequent ones, which no monitor looks at
   */
  public record Slice(String value, BinaryMetrics metrics, Map<Measure, Promise> promise) {
    public Slice {
      promise = promise == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(promise));
    }
  }

  /**
   * The better baseline's value of a measure.
   *
   * @param metric as {@link BinaryMetrics#named} calls it
   */
  public double baseline(String metric) {
    double best =
        BinaryMetrics.largerIsBetter(metric) ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    for (BinaryMetrics baseline : baselines.values()) {
      double value = baseline.named().getOrDefault(metric, Double.NaN);
      if (BinaryMetrics.largerIsBetter(metric) ? value > best : value < best) {
        best = value;
      }
    }
    return best;
  }
}
