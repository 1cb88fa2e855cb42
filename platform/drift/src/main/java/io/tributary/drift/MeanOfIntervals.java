package io.tributary.drift;

import java.util.Arrays;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean over consecutive intervals, which are the sample and may resemble their neighbours, and
 * how sure it is: the variance of the mean by its slowest waves, each two estimates of its own, so
 * that Student's t says how far off it may be (equal-weighted periodogram: Lazarus, Lewis, Stock,
 * Watson 2018). Of normal intervals without likeness that is exact for any number; of some likeness
 * nearly so. A rhythm of whole weeks is no uncertainty.
 *
 * @param intervals how many there are
 * @param error the standard error
 * @param freedom degrees of freedom of the error
 */
public record MeanOfIntervals(int intervals, double mean, double error, double freedom) {
  /** Fewer intervals don't tell how much intervals differ. */
  public static final int LEAST_INTERVALS = 8;

  private static final double BOTH_SIDES = 0.975;

  private static final int WEEK = 7;

  /** More see less of likeness, fewer are less sure. */
  private static final int MOST_WAVES = 4;

  private static final double LEAST_ERROR = 1e-9;

  /** The mean of at least two intervals, in the order of time. */
  public static MeanOfIntervals of(double[] values) {
    int n = values.length;
    double mean = Arrays.stream(values).sum() / n;
    int waves = waves(n);
    double[] cosines = new double[waves];
    double[] sines = new double[waves];
    for (int i = 0; i < n; i++) {
      double cosine = Math.cos(2 * Math.PI * i / n);
      double sine = Math.sin(2 * Math.PI * i / n);
      double x = values[i] - mean;
      double y = 0;
      for (int wave = 0; wave < waves; wave++) {
        double turned = x * cosine - y * sine;
        y = x * sine + y * cosine;
        x = turned;
        cosines[wave] += x;
        sines[wave] += y;
      }
    }
    double squares = 0;
    for (int wave = 0; wave < waves; wave++) {
      squares += cosines[wave] * cosines[wave] + sines[wave] * sines[wave];
    }
    return new MeanOfIntervals(
        n, mean, Math.max(LEAST_ERROR, Math.sqrt(squares / waves) / n), freedom(n));
  }

  /** Waves slower than a week, four at most. */
  private static int waves(int intervals) {
    return Math.min(MOST_WAVES, Math.max(1, (intervals - 1) / WEEK));
  }

  /** Degrees of freedom of so many intervals: two of each wave. */
  static int freedom(int intervals) {
    return Math.min(intervals - 1, 2 * waves(intervals));
  }

  /**
   * How far to one side of the mean the truth may be.
   *
   * @param sure the share of cases in which it is not beyond
   */
  public double reach(double sure) {
    return error * new TDistribution(null, freedom).inverseCumulativeProbability(sure);
  }

  /** Half of the interval that holds the truth in 95 of 100 cases. */
  public double reach() {
    return reach(BOTH_SIDES);
  }

  /** The lower end of that interval. */
  public double lower() {
    return mean - reach();
  }

  /** Its upper end. */
  public double upper() {
    return mean + reach();
  }
}
