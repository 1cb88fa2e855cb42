package io.tributary.lake;

import io.tributary.core.TableVersion;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.CommitFacts;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One commit of a table.
 *
 * @param at when it was written, by its writer's clock
 * @param operation Delta's name of it, such as {@code WRITE} or {@code OPTIMIZE}
 * @param changesData whether it added or removed rows; compaction, property changes and empty
 *     frames do not
 * @param metrics Delta's operation metrics, such as {@code numOutputRows}
 * @param facts the facts of its run; empty for a commit that no job wrote
 */
public record Commit(
    TableVersion version,
    Instant at,
    String operation,
    boolean changesData,
    Map<String, String> metrics,
    Optional<CommitFacts> facts) {
  /** Whether it rebuilt all rows of an append-only table. */
  public boolean rebuilds() {
    return facts
        .flatMap(f -> f.facts(IngestFacts.class))
        .flatMap(IngestFacts::validated)
        .filter(IngestFacts.Validated::rebuilt)
        .isPresent();
  }

  public Commit {
    metrics = java.util.Collections.unmodifiableMap(new TreeMap<>(metrics));
  }
}
