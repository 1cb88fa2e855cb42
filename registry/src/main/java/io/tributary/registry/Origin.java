package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * Where an imported version comes from.
 *
 * @param lake the id of the lake that exported it
 * @param project the name of that lake's project, when it was exported
 * @param version what it is there
 * @param event the id of its registration there
 * @param at when it was registered there
 * @param by who registered it there
 * @param archive the digest of the archive's manifest
 * @param before where that lake had it from; empty where it was trained there
 */
public record Origin(
    String lake,
    String project,
    ModelReference version,
    String event,
    Instant at,
    Principal by,
    Digest archive,
    Optional<Origin> before) {
  /** Where it was trained, whichever lakes it came through. */
  public Origin first() {
    return before.map(Origin::first).orElse(this);
  }

  /**
   * {@code late_arrival@3 of lake 9f86… (nyc), registered there by ada at 2026-02-01T06:00:00Z}.
   */
  @Override
  public String toString() {
    return "%s of lake %s (%s), registered there by %s at %s%s"
        .formatted(
            version,
            lake,
            project,
            by,
            at,
            before.map(former -> ", which had it from " + former).orElse(""));
  }
}
