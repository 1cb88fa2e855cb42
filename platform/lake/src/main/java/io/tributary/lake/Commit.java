package io.tributary.lake;

import io.tributary.core.TableVersion;
import io.tributary.events.runs.CommitFacts;
import java.time.Instant;
import java.util.Optional;

/**
 * One commit of a table.
 *
 * @param at when it was written, by its writer's clock
 * @param changesData whether it added or removed rows; compaction and property changes do not
 * @param facts what its run said of itself; empty for a commit that no job wrote
 */
public record Commit(
    TableVersion version, Instant at, boolean changesData, Optional<CommitFacts> facts) {}
