package io.tributary.quality.expectation;

import java.util.List;
import java.util.function.Function;

/**
 * An argument of an expectation, or several that make one value.
 *
 * @param keys as suites write them
 * @param form what they are, for people
 */
record Argument<T>(List<String> keys, String form, Function<Arguments, T> reader) {
  static final Argument<String> COLUMN =
      new Argument<>(List.of("column"), "`column`", a -> a.text("column"));

  static final Argument<Double> MOSTLY =
      new Argument<>(List.of("mostly"), "`mostly` = 1", Arguments::mostly);

  private static final List<String> BOUNDS =
      List.of("min_value", "max_value", "strict_min", "strict_max");
  private static final String BOUNDS_FORM =
      "`min_value`, `max_value` (one at least), `strict_min` = false, `strict_max` = false";

  /** Numbers, texts or truth values. */
  static final Argument<Range> RANGE = new Argument<>(BOUNDS, BOUNDS_FORM, Arguments::range);

  static final Argument<Range> NUMBERS = new Argument<>(BOUNDS, BOUNDS_FORM, Arguments::numbers);

  static final Argument<Range> EXACTLY =
      new Argument<>(List.of("value"), "`value`", Arguments::exactly);

  T of(Arguments given) {
    return reader.apply(given);
  }
}
