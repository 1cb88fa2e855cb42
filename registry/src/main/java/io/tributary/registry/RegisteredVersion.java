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
 * A version as the registry knows it.
 *
 * @param at when it was registered
 * @param principal by whom
 * @param stored the artefacts that hold what is too large for its event, by the version's component
 * @param retirement empty while it may be used
 */
public record RegisteredVersion(
    ModelVersion version,
    Instant at,
    Principal principal,
    Map<String, Digest> stored,
    Optional<Retirement> retirement) {
  /** That a version must not be used any more. */
  public record Retirement(Instant at, Principal principal, String reason) {}

  public RegisteredVersion {
    stored = Collections.unmodifiableMap(new TreeMap<>(stored));
  }

  /** All artefacts that it needs. */
  public Set<Digest> artefacts() {
    Set<Digest> artefacts = new LinkedHashSet<>(stored.values());
    artefacts.add(version.artefact().digest());
    artefacts.add(version.environment().dependencyArtefact());
    return artefacts;
  }
}
