package io.tributary.events.facts;

import io.tributary.core.Digest;
import java.util.Optional;

/**
 * A judgement of a delivery.
 *
 * @param number of the delivery
 * @param rules the digest of what made its rows of its lines: contract, derived columns, look-ups
 * @param suite the digest of what the suite means that it was judged by, which without one is no
 *     expectations; of a withdrawn delivery of the one that had rejected it. Empty where it was not
 *     judged: of rows that a person released, and of a delivery that was withdrawn before
 * @param reading the digest of how its files are read: format, options, null markers, zone; of a
 *     withdrawn delivery as of {@code suite}. Empty where no files were read
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
  /** What became of a delivery. */
  public enum Outcome {
    ADMITTED,
    REJECTED,
    /**
     * Its files were changed before it was judged, or are delivered again; no table has its rows.
     */
    WITHDRAWN
  }
}
