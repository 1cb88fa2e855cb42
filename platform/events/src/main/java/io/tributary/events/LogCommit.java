package io.tributary.events;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One commit of a Delta table, as its log records it.
 *
 * @param at when it was made, by the writer's clock; by the commit file's time if the writer
 *     recorded none
 * @param operation Delta's name of it, such as {@code WRITE} or {@code OPTIMIZE}
 * @param userMetadata as the writer set it
 * @param changedData whether rows were added or removed; false for compaction and for changes of
 *     properties
 * @param filesAdded data files that it added
 * @param filesRemoved data files that it removed
 * @param metrics Delta's operation metrics, such as {@code numOutputRows}
 */
public record LogCommit(
    long version,
    Instant at,
    String operation,
    Optional<String> userMetadata,
    boolean changedData,
    int filesAdded,
    int filesRemoved,
    Map<String, String> metrics) {
  public LogCommit {
    metrics = java.util.Collections.unmodifiableMap(new TreeMap<>(metrics));
  }
}
