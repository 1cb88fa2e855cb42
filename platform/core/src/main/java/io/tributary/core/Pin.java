package io.tributary.core;

import java.util.Optional;

/**
 * What a step read from one table, such that it can be read again whatever has been appended,
 * compacted or cleaned up since.
 *
 * @param version the physical version, for audit
 * @param deliveries for an append-only table the number of the last delivery that was read: the pin
 *     is "delivery ≤ n" of the table with this id; empty for a table that is replaced as a whole or
 *     by interval
 */
public record Pin(TableVersion version, Optional<Long> deliveries) {
  public static Pin of(TableVersion version) {
    return new Pin(version, Optional.empty());
  }

  public static Pin upTo(TableVersion version, long deliveries) {
    return new Pin(version, Optional.of(deliveries));
  }
}
