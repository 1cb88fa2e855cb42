package io.tributary.drift;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Whether a model orders rows as well as its scores promise, once their labels are known: in each
 * interval the area under the curve, less what one would expect if each score were the chance that
 * it claims to be. An interval of rows that are all alike promises little and is forgiven for it;
 * what the model can do within an interval is what is compared. Its spread from interval to
 * interval is far smaller than that of the area itself.
 */
final class Actuals {
  private static final double FALSE_ALARMS = 0.01;
  private static final double FOUND = 0.95;

  private Actuals() {}

  /** The area to expect if each score is the chance that its row is positive. */
  static OptionalDouble promised(double[] scores) {
    double[] sorted = Arrays.stream(scores).sorted().toArray();
    double below = 0;
    double area = 0;
    double positives = 0;
    double negatives = 0;
    double same = 0;
    for (double p : sorted) {
      area += p * (below + (1 - p) / 2);
      below += 1 - p;
      positives += p;
      negatives += 1 - p;
      same += p * (1 - p);
    }
    double pairs = positives * negatives - same / 2;
    return pairs > 0 ? OptionalDouble.of(area / pairs) : OptionalDouble.empty();
  }

  /**
   * The intervals that a window needs to find a drop in 95 of 100 cases, with one false alarm in a
   * hundred windows; empty if no number is enough.
   *
   * @param deviation of single intervals
   * @param promise the intervals that the promise was measured on
   */
  static OptionalInt needed(double deviation, double drop, int promise) {
    NormalDistribution normal = new NormalDistribution(null, 0, 1);
    double z =
        normal.inverseCumulativeProbability(1 - FALSE_ALARMS)
            + normal.inverseCumulativeProbability(FOUND);
    double rate = Math.pow(drop / z / deviation, 2) - 1.0 / promise;
    return rate > 0 ? OptionalInt.of((int) Math.ceil(1 / rate)) : OptionalInt.empty();
  }

  /**
   * A window's mean less the promise.
   *
   * @param difference negative where the model is worse
   * @param error its standard error
   */
  record Fall(double difference, double error) {
    /** Whether it is lower than chance allows in one of a hundred windows. */
    boolean isReal() {
      return difference
          < -new NormalDistribution(null, 0, 1).inverseCumulativeProbability(1 - FALSE_ALARMS)
              * error;
    }
  }

  /**
   * Compares a window with the intervals of the test range.
   *
   * @param promise areas less what scores promised, of the intervals that the model was tested on
   * @param window the same of the window
   */
  static Fall fall(double[] promise, double[] window) {
    double before = Arrays.stream(promise).average().orElse(0);
    double now = Arrays.stream(window).average().orElse(0);
    double variance =
        Arrays.stream(promise).map(x -> (x - before) * (x - before)).sum()
            / Math.max(1, promise.length - 1);
    return new Fall(
        now - before,
        Math.sqrt(variance * (1.0 / promise.length + 1.0 / Math.max(1, window.length))));
  }
}
