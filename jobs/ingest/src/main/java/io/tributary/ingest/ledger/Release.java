package io.tributary.ingest.ledger;

import io.tributary.core.Principal;
import java.util.List;

/**
 * A person's decision that rows in quarantine are good as they are. It is a delivery of its own,
 * which has these rows for content: later readers find them behind all that was delivered before
 * it, and a row is never released by two of them.
 *
 * @param settles rejected deliveries of which after it no row is held back for the rejection alone:
 *     ingest no longer fails for them
 * @param because why, in the person's words
 * @param by who
 */
public record Release(List<Rows> rows, List<Long> settles, String because, Principal by) {
  /** Rows of one file of a delivery. */
  public record Rows(long delivery, String file, LineSet lines) {}

  public Release {
    rows = List.copyOf(rows);
    settles = List.copyOf(settles);
  }

  /** How many rows it releases. */
  public long count() {
    return rows.stream().mapToLong(r -> r.lines().count()).sum();
  }

  /** The deliveries that it releases rows from, ascending. */
  public List<Long> deliveries() {
    return rows.stream().map(Rows::delivery).distinct().sorted().toList();
  }
}
