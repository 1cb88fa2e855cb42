package io.tributary.registry;

import java.time.Instant;
import java.util.Optional;

/**
 * A version as the registry knows it.
 *
 * @param at when it was registered
 * @param actor by whom
 * @param retirement empty while it may be used
 */
public record RegisteredVersion(
    ModelVersion version, Instant at, String actor, Optional<Retirement> retirement) {
  /** That a version must not be used any more. */
  public record Retirement(Instant at, String actor, String reason) {}
}
