package io.tributary.drift;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * How good a model's scores were, less what they promise themselves, on intervals that its fit has
 * not seen: what later intervals are compared with. An interval of rows that are all alike promises
 * little and is forgiven for it; what the model can do within an interval is what is compared. That
 * differs far less from interval to interval than the measure itself.
 *
 * @param intervals how many there were
 * @param mean of the differences
 * @param between the variance from interval to interval that is not by rows alone
 * @param error the standard error of the mean
 * @param effective how many intervals of equal weight say as much
 */
public record Promise(int intervals, double mean, double between, double error, double effective) {
  /** Windows of intervals like those of the promise that are found to be worse, by chance. */
  public static final double FALSE_ALARMS = 0.01;

  private static final double FOUND = 0.95;

  /** Fewer intervals don't tell how much intervals differ. */
  private static final double LEAST_INTERVALS = 8;

  /**
   * How many intervals what the promise knows of the variance between intervals is worth, beside
   * those of a window.
   */
  private static final int KNOWN = 7;

  /** Of scores that leave no doubt there would be none. */
  private static final double LEAST_VARIANCE = 1e-12;

  /** What was measured on intervals; empty if they are too few to promise anything. */
  public static Optional<Promise> of(Measure measure, Collection<Outcomes> intervals) {
    List<Measure.Point> points = points(measure, intervals);
    if (points.isEmpty()) {
      return Optional.empty();
    }
    Mean mean = Mean.of(points);
    double between = Math.max(0, mean.between);
    return mean.effective < LEAST_INTERVALS
        ? Optional.empty()
        : Optional.of(
            new Promise(
                points.size(),
                mean.value,
                between,
                Math.sqrt(mean.variance(between)),
                mean.effective));
  }

  private static List<Measure.Point> points(Measure measure, Collection<Outcomes> intervals) {
    return intervals.stream().flatMap(rows -> measure.of(rows).stream()).toList();
  }

  /**
   * The intervals that a window needs to find a rise or fall in 95 of 100 cases, with one false
   * alarm in a hundred windows; empty if no number is enough.
   */
  public OptionalInt needed(double limit) {
    NormalDistribution normal = new NormalDistribution(null, 0, 1);
    double z =
        normal.inverseCumulativeProbability(1 - FALSE_ALARMS)
            + normal.inverseCumulativeProbability(FOUND);
    double left = Math.pow(limit / z, 2) - error * error;
    return left > 0
        ? OptionalInt.of((int) Math.ceil(error * error * effective / left))
        : OptionalInt.empty();
  }

  /** How many days it takes to find a fall, as people read it. */
  public String takes(double limit) {
    OptionalInt needed = needed(limit);
    return needed.isPresent()
        ? "%s less takes %d days to be found".formatted(limit, needed.getAsInt())
        : "%s less can't be found for certain by any number of days, as the promise itself is known by %d"
            .formatted(limit, intervals);
  }

  /**
   * A window beside the promise.
   *
   * @param intervals those that could be measured
   * @param difference the window's mean less the promise
   * @param lower of the interval of uncertainty, for which the intervals are the sample
   * @param upper of it
   * @param smallestFound the smallest fall or rise that such a window finds in 95 of 100 cases
   * @param standing {@code BEYOND}: surely worse than promised, and nearer to the limit than to
   *     none; {@code WITHIN}: surely not worse by the limit
   */
  public record Beside(
      int intervals,
      double difference,
      double lower,
      double upper,
      double smallestFound,
      Standing standing) {}

  /**
   * Compares a window of intervals.
   *
   * @param limit by how much a measure may be worse
   * @param falseAlarms the share of windows like the promise that may be found beyond
   * @return empty if no interval could be measured
   */
  public Optional<Beside> beside(
      Measure measure, Collection<Outcomes> window, double limit, double falseAlarms) {
    List<Measure.Point> points = points(measure, window);
    if (points.isEmpty()) {
      return Optional.empty();
    }
    Mean now = Mean.of(points);
    double own = now.effective - 1;
    double known = KNOWN + own;
    double variance =
        now.variance(Math.max(0, (KNOWN * between + (own > 0 ? own * now.between : 0)) / known));
    double all = variance + error * error;
    double freedom =
        all * all / (variance * variance / known + Math.pow(error, 4) / (effective - 1));
    double tail = measure == Measure.CALIBRATION ? falseAlarms / 2 : falseAlarms;
    TDistribution chance = new TDistribution(null, freedom);
    double reach = Math.sqrt(all) * chance.inverseCumulativeProbability(1 - tail);
    double difference = now.value - mean;
    double worse = measure.worse(difference);
    return Optional.of(
        new Beside(
            points.size(),
            difference,
            difference - reach,
            difference + reach,
            reach + Math.sqrt(all) * chance.inverseCumulativeProbability(FOUND),
            worse > reach && worse >= limit / 2
                ? Standing.BEYOND
                : worse + reach < limit ? Standing.WITHIN : Standing.CANNOT_TELL));
  }

  /** A weighted mean of intervals; its variance between them by moments. */
  private record Mean(double value, double between, double effective, List<Measure.Point> points) {
    static Mean of(List<Measure.Point> points) {
      double weight = 0;
      double sum = 0;
      double squares = 0;
      for (Measure.Point point : points) {
        weight += point.weight();
        sum += point.weight() * point.difference();
        squares += point.weight() * point.weight();
      }
      double value = sum / weight;
      double left = 0;
      for (Measure.Point point : points) {
        double off = point.difference() - value;
        left += point.weight() * (off * off - point.noise() * (1 - point.weight() / weight));
      }
      return new Mean(
          value,
          points.size() == 1 ? 0 : left / (weight - squares / weight),
          weight * weight / squares,
          points);
    }

    /** Of the mean, for a variance between intervals. */
    double variance(double among) {
      double weight = 0;
      double sum = 0;
      for (Measure.Point point : points) {
        weight += point.weight();
        sum += point.weight() * point.weight() * (among + point.noise());
      }
      return Math.max(LEAST_VARIANCE, sum / weight / weight);
    }
  }
}
