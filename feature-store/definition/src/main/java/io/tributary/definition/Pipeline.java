package io.tributary.definition;

import java.util.List;
import java.util.Optional;

/**
 * What runs each night.
 *
 * @param schedule cron
 * @param history what is loaded and computed in one go before the first night
 * @param until the data's end, for a project whose data ends; empty = none
 * @param train models that are trained after the history, if they have no version yet or what they
 *     are made of has changed
 * @param steps the night's steps in order
 */
public record Pipeline(
    String name,
    String description,
    String schedule,
    Optional<io.tributary.core.Interval> history,
    Optional<java.time.Instant> until,
    List<String> train,
    List<Step> steps,
    SourceLocation location) {
  public Pipeline {
    train = List.copyOf(train);
    steps = List.copyOf(steps);
  }

  /**
   * One step, {@code score departures}.
   *
   * @param verb ingest, materialize, publish, training-set, train, score, monitor
   * @param subject what of; empty = all there are
   */
  public record Step(String verb, Optional<String> subject) {}
}
