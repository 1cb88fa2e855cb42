package io.tributary.registry;

import io.tributary.core.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * A version as the registry knows it.
 *
 * @param at when it was registered
 * @param principal by whom
 * @param retirement empty while it may be used
 */
public record RegisteredVersion(
    ModelVersion version, Instant at, Principal principal, Optional<Retirement> retirement) {
  /** That a version must not be used any more. */
  public record Retirement(Instant at, Principal principal, String reason) {}
}
