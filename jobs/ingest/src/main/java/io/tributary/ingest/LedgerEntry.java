package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.events.facts.RowCounts;
import java.util.List;
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
    /**
     * Its files were changed before it was judged, or are delivered again; no table has its rows.
     */
    WITHDRAWN
  }

  /**
   * A judgement of a delivery.
   *
   * @param rules the digest of what made its rows of its lines: contract, derived columns, look-ups
   * @param suite the digest of what the suite means that it was judged by, of a withdrawn delivery
   *     the one that had rejected it; empty where none has judged it: of rows that a person
   *     released, and of a delivery that was withdrawn before
   * @param message why it was rejected or withdrawn; else empty
   */
  public record Verdict(
      String source,
      long number,
      Outcome outcome,
      Digest rules,
      Optional<Digest> suite,
      String message,
      RowCounts counts) {}

  /** The suite that judged the last delivery that one has judged. */
  static Optional<Digest> lastSuite(List<LedgerEntry> entries) {
    return entries.stream()
        .flatMap(e -> e.verdict().flatMap(Verdict::suite).stream())
        .reduce((before, last) -> last);
  }

  boolean is(Outcome outcome) {
    return verdict.filter(v -> v.outcome() == outcome).isPresent();
  }
}
