package io.tributary.events.facts;

import java.util.List;

/**
 * Events of a delivery in several rows with equal known time and different values: the later
 * version is undetermined, and the order of values decides which one counts.
 *
 * @param events the number of such events
 * @param rows the number of their further rows, without exact repeats
 * @param example the places, {@code file:line} or {@code file.parquet: row 5}, of two rows of one
 *     event: the earlier one, maybe of an earlier delivery, and that of this delivery
 */
public record Duplicates(long events, long rows, List<String> example) {
  public Duplicates {
    example = List.copyOf(example);
  }

  /** A line for people, with the places. */
  public String line() {
    return "%,d %s the event key and known time of another, with other values, of %,d %s (as %s)"
        .formatted(
            rows,
            rows == 1 ? "row has" : "rows have",
            events,
            events == 1 ? "event" : "events",
            String.join(" and ", example));
  }
}
