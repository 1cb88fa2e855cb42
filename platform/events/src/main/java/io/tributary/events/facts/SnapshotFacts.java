package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a run that took snapshots of a feature view did.
 *
 * @param snapshots how many were taken
 * @param instants their instants; in the commit, not in the run's record
 * @param definition the digest of the engine and of the content of the view's snapshots
 * @param since what was delivered since the interval's snapshots were last taken; empty if they
 *     were not, or for reference data
 */
@JsonDeserialize
public record SnapshotFacts(
    long snapshots, List<Instant> instants, Digest definition, Optional<Since> since)
    implements RunFacts {
  static final String KIND = "snapshot";

  /**
   * Rows delivered since an interval's snapshots were last taken.
   *
   * @param late known by the interval's last instant
   * @param later known only after it, which change nothing
   */
  public record Since(long late, long later) {}

  public SnapshotFacts {
    instants = List.copyOf(instants);
  }

  @Override
  public String kind() {
    return KIND;
  }

  /** The same without its instants, which may be many. */
  public SnapshotFacts brief() {
    return new SnapshotFacts(snapshots, List.of(), definition, since);
  }
}
