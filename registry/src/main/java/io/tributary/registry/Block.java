package io.tributary.registry;

import io.tributary.core.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * A breach for which no version of a model may be promoted to an alias until somebody unblocks it.
 *
 * @param number the version that breached
 * @param alias that is blocked; empty = each
 * @param night as users name the interval, {@code 2013-12-31}
 * @param notice the id of what receivers were notified of
 * @param at when it was blocked
 * @param principal whose run found the breach
 * @param reason what breached, in words
 */
public record Block(
    long number,
    Optional<String> alias,
    String monitor,
    String night,
    String notice,
    Instant at,
    Principal principal,
    String reason) {
  /** Whether it blocks an alias. */
  public boolean blocks(String name) {
    return alias.map(name::equals).orElse(true);
  }

  @Override
  public String toString() {
    return "monitor %s found a breach of @%d on %s (%s)".formatted(monitor, number, night, reason);
  }
}
