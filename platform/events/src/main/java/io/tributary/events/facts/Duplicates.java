package io.tributary.events.facts;

import java.util.List;

/**
 * Events that a delivery brought in several rows of equal known time and other values, so that
 * nothing says which one is the later version and one of them counts by the order of its values.
 *
 * @param events how many of the delivery's events
 * @param rows how many further rows they have, exact repeats aside
 * @param example the places, {@code file:line} or {@code file.parquet: row 5}, of two rows of one
 *     event: of the one before, maybe of an earlier delivery, and of the one that the delivery
 *     brought
 */
public record Duplicates(long events, long rows, List<String> example) {
  public Duplicates {
    example = List.copyOf(example);
  }

  /** In words, with the places. */
  public String line() {
    return "%,d %s of equal event key and known time as another, with other values, of %,d %s (as %s)"
        .formatted(
            rows,
            rows == 1 ? "row is" : "rows are",
            events,
            events == 1 ? "event" : "events",
            String.join(" and ", example));
  }
}
