package io.tributary.events.facts;

import io.tributary.core.Digest;
import java.util.Optional;

/**
 * The verdict on a delivery.
 *
 * @param number of the delivery
 * @param rules the digest of what turned its lines into rows: contract, derived columns, look-ups
 * @param suite the digest of the meaning of the suite that judged it, that of no expectations if
 *     there was none; for a withdrawn delivery the suite that had rejected it. Empty if it was not
 *     judged: for rows that a person released, and for a delivery withdrawn before
 * @param reading the digest of how its files are read: format, options, null markers, zone; for a
 *     withdrawn delivery as for {@code suite}. Empty if no files were read
 * @param message why it was rejected or withdrawn; else empty
 */
public record DeliveryVerdict(
    String source,
    long number,
    Outcome outcome,
    Digest rules,
    Optional<Digest> suite,
    Optional<Digest> reading,
    String message,
    RowCounts counts) {
  /** The result for a delivery. */
  public enum Outcome {
    ADMITTED,
    REJECTED,
    /** Its files changed before it was judged, or are delivered again; no table has its rows. */
    WITHDRAWN
  }
}
