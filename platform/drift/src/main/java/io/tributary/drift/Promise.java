package io.tributary.drift;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How good a model's scores were, less what they promise themselves, on intervals that its fit has
 * not seen: what later intervals are compared with. An interval of rows that are all alike promises
 * little and is forgiven for it; what the model can do within an interval is what is compared. That
 * differs far less from interval to interval than the measure itself.
 *
 * @param intervals how many there were
 * @param mean of the differences
 * @param between the variance from interval to interval that is not by rows alone, with what
 *     neighbours resemble each other in
 * @param error the standard error of the mean
 * @param effective how many intervals of equal weight say as much
 * @param freedom degrees of freedom of {@code error}
 */
public record Promise(
    int intervals, double mean, double between, double error, double effective, double freedom) {
  /** Windows of intervals like those of the promise that are found to be worse, by chance. */
  public static final double FALSE_ALARMS = 0.01;

  private static final double FOUND = 0.95;

  /** What the promise knows of the variance, in degrees of freedom beside those of a window. */
  private static final int KNOWN = 7;

  /** So many days are years: nobody waits for them. */
  private static final int MOST_DAYS = 1_000;

  /** Of scores that leave no doubt there would be none. */
  private static final double LEAST_VARIANCE = 1e-12;

  public Promise {
    // An older bundle knows as much as independent intervals say.
    freedom = freedom > 0 ? freedom : effective - 1;
  }

  /**
   * What was measured on intervals; empty if they are too few to promise anything.
   *
   * @param intervals in the order of time
   */
  public static Optional<Promise> of(Measure measure, Collection<Outcomes> intervals) {
    List<Measure.Point> points = points(measure, intervals);
    if (points.isEmpty()) {
      return Optional.empty();
    }
    Mean mean = Mean.of(points);
    double between = Math.max(0, mean.between);
    return mean.effective < MeanOfIntervals.LEAST_INTERVALS
        ? Optional.empty()
        : Optional.of(
            new Promise(
                points.size(),
                mean.value,
                between,
                Math.sqrt(mean.variance(between)),
                mean.effective,
                mean.freedom));
  }

  private static List<Measure.Point> points(Measure measure, Collection<Outcomes> intervals) {
    return intervals.stream().flatMap(rows -> measure.of(rows).stream()).toList();
  }

  /**
   * The intervals that a window needs to find a rise or fall in 95 of 100 cases, with one false
   * alarm in a hundred windows; empty if {@value #MOST_DAYS} are not enough.
   */
  public OptionalInt needed(double limit) {
    int enough = MOST_DAYS;
    int few = 0;
    while (enough - few > 1) {
      int days = (enough + few) / 2;
      if (finds(days, limit)) {
        enough = days;
      } else {
        few = days;
      }
    }
    return finds(enough, limit) ? OptionalInt.of(enough) : OptionalInt.empty();
  }

  private boolean finds(int days, double limit) {
    MeanOfIntervals beside =
        beside(days, 0, error * error * effective / days, KNOWN + MeanOfIntervals.freedom(days));
    return beside.reach(1 - FALSE_ALARMS) + beside.reach(FOUND) <= limit;
  }

  /** A window's mean less the promise's, for the variance of the one and that of the other. */
  private MeanOfIntervals beside(int window, double difference, double variance, double known) {
    double all = variance + error * error;
    return new MeanOfIntervals(
        window,
        difference,
        Math.sqrt(all),
        all * all / (variance * variance / known + Math.pow(error, 4) / freedom));
  }

  /** How many days it takes to find a fall, as people read it. */
  public String takes(double limit) {
    OptionalInt needed = needed(limit);
    return needed.isPresent()
        ? "%s less takes %d %s to be found"
            .formatted(limit, needed.getAsInt(), needed.getAsInt() == 1 ? "day" : "days")
        : "%s less can't be found for certain within %d days, as the promise itself is known by %d"
            .formatted(limit, MOST_DAYS, intervals);
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
   * @param window its intervals, in the order of time
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
    double known = KNOWN + now.freedom;
    double among = Math.max(0, (KNOWN * between + now.freedom * now.between) / known);
    MeanOfIntervals beside = beside(points.size(), now.value - mean, now.variance(among), known);
    double tail = measure == Measure.CALIBRATION ? falseAlarms / 2 : falseAlarms;
    double reach = beside.reach(1 - tail);
    double difference = beside.mean();
    double worse = measure.worse(difference);
    return Optional.of(
        new Beside(
            points.size(),
            difference,
            difference - reach,
            difference + reach,
            reach + beside.reach(FOUND),
            worse > reach && worse >= limit / 2
                ? Standing.BEYOND
                : worse + reach < limit ? Standing.WITHIN : Standing.CANNOT_TELL));
  }

  /**
   * A weighted mean of intervals.
   *
   * @param between the variance between them beside what rows alone would have, of the mean's
   *     {@link MeanOfIntervals}
   */
  private record Mean(
      double value, double between, double effective, double freedom, List<Measure.Point> points) {
    static Mean of(List<Measure.Point> points) {
      double weight = 0;
      double sum = 0;
      double squares = 0;
      double noise = 0;
      for (Measure.Point point : points) {
        double square = point.weight() * point.weight();
        weight += point.weight();
        sum += point.weight() * point.difference();
        squares += square;
        noise += square * point.noise();
      }
      double value = sum / weight;
      double effective = weight * weight / squares;
      if (points.size() == 1) {
        return new Mean(value, 0, effective, 0, points);
      }
      MeanOfIntervals mean =
          MeanOfIntervals.of(
              points.stream()
                  .mapToDouble(point -> point.weight() * (point.difference() - value))
                  .toArray());
      double all = Math.pow(mean.error() * points.size(), 2);
      return new Mean(
          value,
          (all - noise) / squares,
          effective,
          Math.min(mean.freedom(), effective - 1),
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
