package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Principal;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A version with its registration, and what people said and decided of it since.
 *
 * @param at when it was registered
 * @param principal who registered it
 * @param stored the artefacts of components too large for its event, by component
 * @param importedFrom the lake that it was imported from; empty where it was trained for this one
 * @param retirement the decision that it must not be used any more; empty while it may be
 * @param hold the decision that nothing of it goes; empty where nobody holds it
 * @param description in the words of whoever described it last; empty where nobody did
 * @param tags by key
 */
public record RegisteredVersion(
    ModelVersion version,
    Instant at,
    Principal principal,
    Map<String, Digest> stored,
    Optional<Origin> importedFrom,
    Optional<Decision> retirement,
    Optional<Decision> hold,
    Optional<String> description,
    Map<String, String> tags) {
  /** Who decided something of a version, when and why. */
  public record Decision(Instant at, Principal principal, String reason) {
    /** {@code ada at 2026-02-01T06:00:00Z (of no use)}. */
    @Override
    public String toString() {
      return principal + " at " + at + " (" + reason + ")";
    }
  }

  public RegisteredVersion {
    stored = Collections.unmodifiableMap(new TreeMap<>(stored));
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
  }

  /** All artefacts that it refers to. */
  public Set<Digest> artefacts() {
    Set<Digest> artefacts = new LinkedHashSet<>(stored.values());
    artefacts.addAll(version.artefacts());
    return artefacts;
  }
}
