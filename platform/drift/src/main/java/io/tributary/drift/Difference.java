package io.tributary.drift;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * By how much one measure of two models differs on the same rows: the mean over intervals, which
 * are the sample, of which neighbours resemble each other.
 *
 * @param intervals how many there were
 * @param lower of the interval that holds the difference in 95 of 100 cases
 * @param upper of it
 */
public record Difference(int intervals, double mean, double lower, double upper) {
  /** Fewer intervals don't tell how much intervals differ. */
  public static final int LEAST_INTERVALS = 8;

  private static final double BELOW = 0.975;

  /**
   * The mean of an interval's differences; empty if they are too few.
   *
   * @param differences of each interval, in their order
   */
  public static Optional<Difference> of(double[] differences) {
    int n = differences.length;
    if (n < LEAST_INTERVALS) {
      return Optional.empty();
    }
    double mean = Arrays.stream(differences).sum() / n;
    double reach =
        Math.sqrt(MeanOfIntervals.variance(differences))
            * new TDistribution(null, n - 1.0).inverseCumulativeProbability(BELOW);
    return Optional.of(new Difference(n, mean, mean - reach, mean + reach));
  }
}
