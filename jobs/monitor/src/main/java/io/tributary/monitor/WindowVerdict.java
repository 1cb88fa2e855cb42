package io.tributary.monitor;

import io.tributary.drift.Standing;
import java.util.Optional;

/**
 * Where one measured item stands in a window of days.
 *
 * @param item an input's column, or what was measured: {@code score}, {@code window} for all of it
 * @param measure what the value is, such as {@code psi}
 * @param value as measured; this and all figures after it NaN where there is none
 * @param lower of the interval of uncertainty, for which the days are the sample
 * @param upper of it
 * @param limit as declared
 * @param standing in words; empty where it can't be judged, and {@code detail} says why
 * @param smallestFound the smallest value that such a window finds beyond the limit in 95 of 100
 *     cases
 * @param farthest the largest value among training's own windows
 * @param farthestFrom the first day of that window
 * @param part of the shift of the mean score that is this item's
 * @param breaching whether it is a breach, unless the day before was one too
 */
record WindowVerdict(
    Question question,
    String item,
    String measure,
    double value,
    double lower,
    double upper,
    double limit,
    Optional<Standing> standing,
    double smallestFound,
    double farthest,
    Optional<String> farthestFrom,
    double part,
    boolean breaching,
    String detail) {
  /** The item of a verdict on all of a window. */
  static final String WHOLE = "window";

  static WindowVerdict cannotJudge(
      Question question, String item, String measure, double limit, String why) {
    return new WindowVerdict(
        question,
        item,
        measure,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        limit,
        Optional.empty(),
        Double.NaN,
        Double.NaN,
        Optional.empty(),
        Double.NaN,
        false,
        why);
  }

  boolean hasLimit() {
    return !Double.isNaN(limit);
  }

  /** The column and value of the slice that it is on; empty if it is on all rows. */
  Optional<String> slice() {
    int of = item.indexOf(" of ");
    return question == Question.ACTUALS && of >= 0
        ? Optional.of(item.substring(of + 4))
        : Optional.empty();
  }

  /** Whether two verdicts are on the same item. */
  boolean isOf(WindowVerdict other) {
    return question == other.question && item.equals(other.item) && measure.equals(other.measure);
  }
}
