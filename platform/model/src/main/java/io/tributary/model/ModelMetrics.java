package io.tributary.model;

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
 * @param slices on the test rows of each value of a column, by the column's name
 * @param history every epoch that was run
 * @param bestEpoch the epoch that the parameters are from
 */
public record ModelMetrics(
    BinaryMetrics test,
    BinaryMetrics validate,
    Map<String, BinaryMetrics> baselines,
    Map<String, List<Slice>> slices,
    List<Epoch> history,
    int bestEpoch) {
  public ModelMetrics {
    baselines = Collections.unmodifiableMap(new TreeMap<>(baselines));
    slices = Collections.unmodifiableMap(new TreeMap<>(slices));
    history = List.copyOf(history);
  }

  /** The test rows in which a column has this value, {@code null} as text where it is missing. */
  public record Slice(String value, BinaryMetrics metrics) {}

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
