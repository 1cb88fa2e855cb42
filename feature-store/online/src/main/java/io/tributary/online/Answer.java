package io.tributary.online;

import java.time.Instant;
import java.util.Optional;

/**
 * What the store says of one feature of one entity at an instant.
 *
 * @param feature the feature's name
 * @param status whether there is a value, and if not, why
 * @param value the value, in the feature's type (Long, Double, Boolean, String, Instant, LocalDate,
 *     BigDecimal, {@link Bytes}, List, also of a struct's fields, Map in the order of its keys);
 *     for {@link Status#ABSENT} and {@link Status#EXPIRED} the feature's empty value: 0 for counts,
 *     else nothing
 * @param isDefault whether {@code value} is the view's default in place of a null
 * @param eventTime of the newest event behind the row; empty when there is none
 * @param publishedFor the instant that the row is true for; empty when there is no row
 */
public record Answer(
    String feature,
    Status status,
    Optional<Object> value,
    boolean isDefault,
    Optional<Instant> eventTime,
    Optional<Instant> publishedFor) {
  /** Why a feature has the value that it has; the point-in-time contract's rule 11. */
  public enum Status {
    /** There is a value. */
    PRESENT,
    /** The value is null. */
    NULL,
    /**
     * The newest event is older than the view's TTL, or the publication older than its largest
     * staleness.
     */
    EXPIRED,
    /** No visible event, also where all have been withdrawn, or a key never seen. */
    ABSENT
  }
}
