package io.tributary.online;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What is stored of one entity.
 *
 * @param eventTime of the newest visible event behind the values; empty for values that need none
 * @param knownTime of that event
 * @param publishedFor the instant at which the values are true
 * @param values one a feature, in the publication's order; null where the feature is null. None of
 *     an entity of which no event is visible any more
 */
public record StoredRow(
    Optional<Instant> eventTime,
    Optional<Instant> knownTime,
    Instant publishedFor,
    List<Object> values) {
  public StoredRow {
    values = Collections.unmodifiableList(values);
  }

  /** Whether no event of the entity is visible. */
  public boolean isAbsent() {
    return values.isEmpty();
  }

  /** Whether this row's event is newer than another's: by event time, then by known time. */
  public boolean hasNewerEventThan(StoredRow other) {
    int byEvent = eventTime.orElse(Instant.MIN).compareTo(other.eventTime.orElse(Instant.MIN));
    return byEvent != 0
        ? byEvent > 0
        : knownTime.orElse(Instant.MIN).compareTo(other.knownTime.orElse(Instant.MIN)) > 0;
  }
}
