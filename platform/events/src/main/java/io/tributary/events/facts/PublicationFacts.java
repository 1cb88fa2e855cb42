package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.Optional;

/**
 * What a publication to the online store did.
 *
 * @param instant the instant that the published snapshot is true for
 * @param rows of the snapshot
 * @param sequence the publication's number; empty before it has one
 * @param compared rows that were read back and compared; empty before the comparison
 * @param differences rows that differ in the store; empty before the comparison
 */
@JsonDeserialize
public record PublicationFacts(
    Instant instant,
    long rows,
    Optional<Long> sequence,
    Optional<Long> compared,
    Optional<Long> differences)
    implements RunFacts {
  static final String KIND = "publication";

  /** The facts of a snapshot about to be published. */
  public static PublicationFacts of(Instant instant, long rows) {
    return new PublicationFacts(
        instant, rows, Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Override
  public String kind() {
    return KIND;
  }

  /** The same after publication and comparison. */
  public PublicationFacts compared(long sequence, long compared, long differences) {
    return new PublicationFacts(
        instant, rows, Optional.of(sequence), Optional.of(compared), Optional.of(differences));
  }
}
