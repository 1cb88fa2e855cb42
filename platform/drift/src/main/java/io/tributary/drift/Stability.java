package io.tributary.drift;

import java.util.Arrays;

/**
 * The population stability index of a window of intervals against training, with an interval of
 * uncertainty for which the intervals, not the rows, are the sample.
 *
 * @param value the sum of (p − q) ln(p / q) over the groups
 * @param unbiased less what chance alone adds
 * @param error the standard error
 */
record Stability(double value, double unbiased, double error) {
  private static final double HALF_A_COUNT = 0.5;

  /** One-sided 95 %. */
  static final double SURE = 1.645;

  /**
   * The index of a window.
   *
   * @param counts by interval, then by group
   * @param training the shares of training
   */
  static Stability of(long[][] counts, double[] training) {
    int groups = training.length;
    double[] p = shares(sums(counts));
    double rows = Arrays.stream(counts).mapToLong(c -> Arrays.stream(c).sum()).average().orElse(1);
    double[][] differences = new double[groups][counts.length];
    double[] along = new double[counts.length];
    double bias = 0;
    for (int b = 0; b < groups; b++) {
      double log = Math.log(p[b] / training[b]);
      double slope = log + 1 - training[b] / p[b];
      for (int i = 0; i < counts.length; i++) {
        long all = Arrays.stream(counts[i]).sum();
        differences[b][i] = (counts[i][b] - all * p[b]) / rows;
        along[i] += differences[b][i] * slope;
      }
      bias +=
          (1 / p[b] + training[b] / (p[b] * p[b])) * MeanOfIntervals.variance(differences[b]) / 2;
    }
    double value = value(p, training);
    return new Stability(value, value - bias, Math.sqrt(MeanOfIntervals.variance(along)));
  }

  /** The index of a window's shares. */
  static double value(double[] shares, double[] training) {
    double value = 0;
    for (int b = 0; b < shares.length; b++) {
      value += (shares[b] - training[b]) * Math.log(shares[b] / training[b]);
    }
    return value;
  }

  /** Shares with half a count added to each group, so that an empty one gives no infinity. */
  static double[] shares(long[] counts) {
    double all = Arrays.stream(counts).sum() + HALF_A_COUNT * counts.length;
    return Arrays.stream(counts).mapToDouble(c -> (c + HALF_A_COUNT) / all).toArray();
  }

  static long[] sums(long[][] counts) {
    long[] sums = new long[counts[0].length];
    for (long[] interval : counts) {
      for (int b = 0; b < sums.length; b++) {
        sums[b] += interval[b];
      }
    }
    return sums;
  }

  double lower() {
    return unbiased - SURE * error;
  }

  double upper() {
    return unbiased + SURE * error;
  }

  /** The smallest index that such a window finds beyond a limit in 95 of 100 cases. */
  double smallestFound(double limit) {
    return limit + 2 * SURE * error;
  }
}
