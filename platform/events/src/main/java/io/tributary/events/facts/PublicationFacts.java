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
 * @param compared rows that were read back and compared; empty before they were
 * @param differences rows that the store answers otherwise; empty before they were compared
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

  /** Of a snapshot that is about to be published. */
  public static PublicationFacts of(Instant instant, long rows) {
    return new PublicationFacts(
        instant, rows, Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Override
  public String kind() {
    return KIND;
  }

  /** The same once it is published and compared. */
  public PublicationFacts compared(long sequence, long compared, long differences) {
    return new PublicationFacts(
        instant, rows, Optional.of(sequence), Optional.of(compared), Optional.of(differences));
  }
}
