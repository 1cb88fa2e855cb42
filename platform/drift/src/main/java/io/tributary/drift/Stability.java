package io.tributary.drift;

import java.util.Arrays;

/**
 * The population stability index of a window of intervals against training, with an interval of
 * uncertainty for which the intervals, not the rows, are the sample.
 *
 * @param value the sum of (p − q) ln(p / q) over the groups
 * @param unbiased less what chance alone adds
 * @param reach how far to either side of {@code unbiased} the truth may be, with 95 % each
 */
record Stability(double value, double unbiased, double reach) {
  private static final double HALF_A_COUNT = 0.5;

  /** One-sided. */
  static final double SURE = 0.95;

  private static final double MOST_TILT = 16;
  private static final int HALVINGS = 12;

  /**
   * The index of a window.
   *
   * @param counts by interval, then by group
   * @param training the shares of training
   */
  static Stability of(double[][] counts, double[] training) {
    int groups = training.length;
    double[] p = shares(sums(counts));
    double rows = Arrays.stream(counts).mapToDouble(Stability::sum).average().orElse(1);
    double[][] differences = new double[groups][counts.length];
    double[] along = new double[counts.length];
    double bias = 0;
    for (int b = 0; b < groups; b++) {
      double slope = Math.log(p[b] / training[b]) + 1 - training[b] / p[b];
      for (int i = 0; i < counts.length; i++) {
        differences[b][i] = (counts[i][b] - sum(counts[i]) * p[b]) / rows;
        along[i] += differences[b][i] * slope;
      }
      double error = MeanOfIntervals.of(differences[b]).error();
      bias += (1 / p[b] + training[b] / (p[b] * p[b])) * error * error / 2;
    }
    double value = value(p, training);
    return new Stability(value, value - bias, MeanOfIntervals.of(along).reach(SURE));
  }

  /**
   * The smallest index that intervals like those of a window are found beyond a limit by, in 95 of
   * 100 cases: the window, moved to training's shares and from there along its groups, up or down,
   * until it surely is beyond.
   *
   * @param order of the groups, along which values move; the last, of missing ones, stays
   */
  static double smallestFound(double[][] counts, double[] training, double[] order, double limit) {
    return Math.max(
        limit,
        Math.max(
            smallestFound(counts, training, order, limit, MOST_TILT),
            smallestFound(counts, training, order, limit, -MOST_TILT)));
  }

  private static double smallestFound(
      double[][] counts, double[] training, double[] order, double limit, double most) {
    double found = most;
    double missed = 0;
    for (int half = 0; half < HALVINGS; half++) {
      double tilt = (found + missed) / 2;
      Stability tilted = of(tilted(counts, training, order, tilt), training);
      // As far again as it must surely be beyond is the chance of being so.
      if (tilted.unbiased - 2 * tilted.reach > limit) {
        found = tilt;
      } else {
        missed = tilt;
      }
    }
    return of(tilted(counts, training, order, found), training).unbiased;
  }

  private static double[][] tilted(
      double[][] counts, double[] training, double[] order, double tilt) {
    double[] p = shares(sums(counts));
    double[][] tilted = new double[counts.length][p.length];
    for (int i = 0; i < counts.length; i++) {
      for (int b = 0; b < p.length; b++) {
        tilted[i][b] = counts[i][b] * training[b] / p[b] * Math.exp(tilt * order[b]);
      }
      double scale = sum(counts[i]) / Math.max(Double.MIN_NORMAL, sum(tilted[i]));
      for (int b = 0; b < p.length; b++) {
        tilted[i][b] *= scale;
      }
    }
    return tilted;
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
  static double[] shares(double[] counts) {
    double all = sum(counts) + HALF_A_COUNT * counts.length;
    return Arrays.stream(counts).map(c -> (c + HALF_A_COUNT) / all).toArray();
  }

  static double[] sums(double[][] counts) {
    double[] sums = new double[counts[0].length];
    for (double[] interval : counts) {
      for (int b = 0; b < sums.length; b++) {
        sums[b] += interval[b];
      }
    }
    return sums;
  }

  private static double sum(double[] counts) {
    return Arrays.stream(counts).sum();
  }

  double lower() {
    return unbiased - reach;
  }

  double upper() {
    return unbiased + reach;
  }
}
