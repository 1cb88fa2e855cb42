package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.RunFacts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest complete run of a job, from which a later run determines that there is nothing to do.
 *
 * @param at when it was complete
 * @param inputs what it read, as far as recorded
 * @param fingerprint of its definition and logical inputs
 * @param outputs the table versions that it wrote, the commit point last; empty for a job that
 *     writes no table
 * @param facts what it did, for the platform's own jobs
 * @param notes what a user's own job added
 * @param writes its outputs other than tables
 * @param definitions those that it used, as its commits name them
 * @param environment where it happened
 */
public record CompletedRun(
    RunId run,
    int attempt,
    Instant at,
    List<Pin> inputs,
    Digest fingerprint,
    List<TableVersion> outputs,
    Optional<RunFacts> facts,
    Map<String, Object> notes,
    List<LineageNode> writes,
    Map<String, Digest> definitions,
    Environment environment) {
  public CompletedRun {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    notes = Map.copyOf(notes);
    writes = List.copyOf(writes);
    definitions = Map.copyOf(definitions);
  }

  /** Its facts, if they are of a kind. */
  public <T extends RunFacts> Optional<T> facts(Class<T> kind) {
    return facts.filter(kind::isInstance).map(kind::cast);
  }

  /** The same for another fingerprint. */
  public CompletedRun with(Digest fingerprint) {
    return new CompletedRun(
        run,
        attempt,
        at,
        inputs,
        fingerprint,
        outputs,
        facts,
        notes,
        writes,
        definitions,
        environment);
  }
}
