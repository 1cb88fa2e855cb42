package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * What a step read from one table, such that it can be read again whatever has been appended,
 * compacted or cleaned up since.
 *
 * @param version the physical version, for audit
 * @param deliveries for an append-only table the number of the last delivery that was read: the pin
 *     is "delivery ≤ n" of the table with this id; empty for a table that is replaced as a whole or
 *     by interval
 * @param leftOut deliveries that are not read all the same, for whoever asks what would be without
 *     them; a run reads all, and none is recorded
 */
public record Pin(TableVersion version, Optional<Long> deliveries, @JsonIgnore Set<Long> leftOut) {
  public Pin {
    leftOut = Set.copyOf(leftOut);
  }

  @JsonCreator
  Pin(
      @JsonProperty("version") TableVersion version,
      @JsonProperty("deliveries") Optional<Long> deliveries) {
    this(version, deliveries, Set.of());
  }

  public static Pin of(TableVersion version) {
    return new Pin(version, Optional.empty());
  }

  public static Pin upTo(TableVersion version, long deliveries) {
    return new Pin(version, Optional.of(deliveries));
  }

  /** The same without some deliveries. */
  public Pin without(Collection<Long> deliveries) {
    return new Pin(version, this.deliveries, Set.copyOf(deliveries));
  }

  /** Whether rows of a delivery are read. */
  public boolean reads(long delivery) {
    return deliveries.map(last -> delivery <= last).orElse(true) && !leftOut.contains(delivery);
  }
}
