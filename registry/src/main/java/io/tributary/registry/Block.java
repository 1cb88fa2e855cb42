package io.tributary.registry;

import io.tributary.core.Principal;
import java.time.Instant;

/**
 * A breach for which no version of a model may be promoted until somebody unblocks it.
 *
 * @param night as users name the interval, {@code 2013-12-31}
 * @param notice the id of what receivers were notified of
 * @param at when it was blocked
 * @param principal whose run found the breach
 * @param reason what breached, in words
 */
public record Block(
    String monitor, String night, String notice, Instant at, Principal principal, String reason) {
  @Override
  public String toString() {
    return "monitor %s found a breach on %s (%s)".formatted(monitor, night, reason);
  }
}
