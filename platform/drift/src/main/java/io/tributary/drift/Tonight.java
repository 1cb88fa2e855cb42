package io.tributary.drift;

import java.util.List;
import java.util.Optional;

/**
 * Whether something broke in an interval, judged by the interval alone.
 *
 * @param cannotJudge why there is no judgement, where there is none
 * @param inputs how far each is from what training, the weekday and the other inputs lead one to
 *     expect; the one to look at first leading
 * @param whole how unlike training the interval is as a whole, on the same scale
 * @param limit what the largest of all these must exceed to alarm
 * @param rate of false alarms that goes with such a limit
 * @param rateAtMost with 95 % probability, the rate of this very limit
 */
public record Tonight(
    Optional<String> cannotJudge,
    List<Deviation> inputs,
    double whole,
    double limit,
    double rate,
    double rateAtMost) {
  /**
   * How far an input is from expectation.
   *
   * @param statistic in which it is farthest, for people
   * @param score by the scale of {@link #limit}
   */
  public record Deviation(String input, String statistic, double score) {}

  static Tonight cannotJudge(String why) {
    return new Tonight(Optional.of(why), List.of(), 0, 0, 0, 0);
  }

  /** Whether the interval differs more than chance and weather allow. */
  public boolean alarms() {
    return whole > limit || !broken().isEmpty();
  }

  /** The inputs that are beyond the limit, the one to look at first leading. */
  public List<Deviation> broken() {
    return inputs.stream().filter(input -> input.score() > limit).toList();
  }
}
