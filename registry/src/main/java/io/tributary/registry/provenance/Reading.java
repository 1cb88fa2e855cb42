package io.tributary.registry.provenance;

import java.util.List;
import java.util.Optional;

/**
 * Which of a source's events rows read: those of the row's own key, for some time after each.
 *
 * @param asking the columns of the rows that name the key; none = a row reads events of any
 * @param stored the columns of the source's table that hold it, in the same order
 * @param event the column of the table with the instant from which an event is read; empty = at all
 *     times
 * @param known whether it is not read before it is known
 * @param micros how long it is read, in microseconds; {@link #EVER} = for ever
 * @param snapshots the snapshots in which it is read; empty = it is read at the row's own as-of
 */
record Reading(
    List<String> asking,
    List<String> stored,
    Optional<String> event,
    boolean known,
    long micros,
    Optional<Served> snapshots) {
  /**
   * Snapshots of a view, each read until the next one is.
   *
   * @param delay in microseconds, from its instant until it is read
   */
  record Served(String view, long delay) {}

  static final long EVER = Long.MAX_VALUE;

  /** Any row, at any time. */
  static final Reading ALL =
      new Reading(List.of(), List.of(), Optional.empty(), false, EVER, Optional.empty());

  Reading {
    asking = List.copyOf(asking);
    stored = List.copyOf(stored);
  }

  /** The same whatever the keys. */
  Reading ofAnyKey() {
    return new Reading(List.of(), List.of(), event, known, micros, snapshots);
  }

  /** The same whatever the time. */
  Reading atAnyTime() {
    return new Reading(asking, stored, Optional.empty(), false, EVER, Optional.empty());
  }
}
