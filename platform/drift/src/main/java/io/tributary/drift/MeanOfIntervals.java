package io.tributary.drift;

/** A mean over consecutive intervals, which resemble their neighbours, and how sure it is. */
final class MeanOfIntervals {
  /** Over how many intervals a likeness is followed. */
  private static final int LAG = 6;

  private static final double LEAST = 1e-12;

  private MeanOfIntervals() {}

  /**
   * The variance of the mean, with Bartlett's weights for likeness between neighbours (Newey and
   * West 1987).
   */
  static double variance(double[] values) {
    int n = values.length;
    double mean = 0;
    for (double value : values) {
      mean += value / n;
    }
    double sum = 0;
    for (int lag = 0; lag <= Math.min(LAG, n - 1); lag++) {
      double products = 0;
      for (int i = lag; i < n; i++) {
        products += (values[i] - mean) * (values[i - lag] - mean);
      }
      sum += (lag == 0 ? 1 : 2 * (1 - lag / (LAG + 1.0))) * products;
    }
    return Math.max(sum, LEAST) / n / Math.max(1, n - 1);
  }
}
