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
 * What the newest complete run of a job left, from which a later run decides that there is nothing
 * to do.
 *
 * @param at when it was complete
 * @param inputs what it read, as far as what it left says so
 * @param fingerprint of the definition and logical inputs that it had
 * @param outputs the table versions that it wrote, the commit point last; empty for a job that
 *     writes no table
 * @param facts what it did, of the platform's own jobs
 * @param notes what a job of a user's own added
 * @param writes what it wrote beside tables
 * @param definitions each thing that it used, as its commits name them
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

  /** What it did, where it is of one kind. */
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
