package io.tributary.drift;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether the world has moved: a window of consecutive intervals beside the whole of training.
 *
 * @param cannotJudge why there is no judgement, where there is none
 * @param shifts of all inputs, in the profile's order
 */
public record Trailing(Optional<String> cannotJudge, List<Shift> shifts) {
  /**
   * How far an input has moved.
   *
   * @param index the population stability index of the window against training
   * @param lower of the interval of uncertainty, for which the intervals are the sample
   * @param upper of it
   * @param alone the index of a window that differs from training only by what the other inputs
   *     don't explain
   * @param part of the shift of the mean score that is this input's; empty where training did not
   *     find out what the score depends on
   * @param smallestFound the smallest index that such a window finds beyond the limit in 95 of 100
   *     cases
   * @param farthest the largest index among training's own windows
   * @param farthestFrom the first interval of that window
   * @param sameWeeks the index against the same weeks of former years, two more before and after;
   *     empty where training is shorter than thirteen months
   */
  public record Shift(
      String input,
      Standing standing,
      double index,
      double lower,
      double upper,
      double alone,
      OptionalDouble part,
      double smallestFound,
      double farthest,
      String farthestFrom,
      OptionalDouble sameWeeks) {}

  public Trailing {
    shifts = List.copyOf(shifts);
  }

  static Trailing cannotJudge(String why) {
    return new Trailing(Optional.of(why), List.of());
  }
}
