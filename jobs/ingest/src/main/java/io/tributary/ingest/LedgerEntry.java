package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.events.facts.RowCounts;
import java.util.Optional;

/**
 * What the ledger says of a delivery.
 *
 * @param verdict the last one; empty while it has not been judged
 */
public record LedgerEntry(Delivery delivery, Optional<Verdict> verdict) {
  /** What became of a delivery. */
  public enum Outcome {
    ADMITTED,
    REJECTED,
    /** Its files were changed before it was judged; it has no rows in any table. */
    WITHDRAWN
  }

  /**
   * A judgement of a delivery.
   *
   * @param rules the digest of what it was judged by
   * @param message why it was rejected or withdrawn; else empty
   */
  public record Verdict(
      String source,
      long number,
      Outcome outcome,
      Digest rules,
      String message,
      RowCounts counts) {}

  boolean is(Outcome outcome) {
    return verdict.filter(v -> v.outcome() == outcome).isPresent();
  }
}
