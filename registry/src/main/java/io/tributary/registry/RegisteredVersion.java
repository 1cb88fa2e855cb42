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
 * A version with its registration and retirement.
 *
 * @param at when it was registered
 * @param principal who registered it
 * @param stored the artefacts of components too large for its event, by component
 * @param retirement empty while it may be used
 */
public record RegisteredVersion(
    ModelVersion version,
    Instant at,
    Principal principal,
    Map<String, Digest> stored,
    Optional<Retirement> retirement) {
  /** The decision that a version must not be used any more. */
  public record Retirement(Instant at, Principal principal, String reason) {}

  public RegisteredVersion {
    stored = Collections.unmodifiableMap(new TreeMap<>(stored));
  }

  /** All artefacts that it refers to. */
  public Set<Digest> artefacts() {
    Set<Digest> artefacts = new LinkedHashSet<>(stored.values());
    artefacts.add(version.artefact().digest());
    artefacts.add(version.environment().dependencyArtefact());
    return artefacts;
  }
}
