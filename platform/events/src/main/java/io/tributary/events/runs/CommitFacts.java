package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.RunFacts;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run says of itself in each of its commits, as the commit's {@code userMetadata}. Enough to
 * derive the run's record and lineage again when the process died before it could append them.
 *
 * @param attempt the number of the attempt at this key, from 1
 * @param inputs what the run read
 * @param fingerprint of the definition and the logical inputs: equal fingerprints make equal
 *     results
 * @param facts what it did, of the platform's own jobs
 * @param notes what a job of a user's own adds; keys in kebab-case, values that JSON can say
 * @param reads what it read beside tables
 * @param writes what it wrote beside tables
 * @param outputs what the run had committed before this commit, in order
 * @param commitPoint whether the run's work is complete with this commit
 */
public record CommitFacts(
    RunId run,
    JobKey key,
    int attempt,
    Instant started,
    List<Pin> inputs,
    Digest fingerprint,
    Optional<RunFacts> facts,
    Map<String, Object> notes,
    List<LineageNode> reads,
    List<LineageNode> writes,
    List<TableVersion> outputs,
    Environment environment,
    boolean commitPoint) {
  public CommitFacts {
    inputs = List.copyOf(inputs);
    notes = Collections.unmodifiableMap(new TreeMap<>(notes));
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
    outputs = List.copyOf(outputs);
  }

  /** The same facts of a run that had committed {@code outputs} before. */
  public CommitFacts after(List<TableVersion> outputs) {
    return new CommitFacts(
        run,
        key,
        attempt,
        started,
        inputs,
        fingerprint,
        facts,
        notes,
        reads,
        writes,
        outputs,
        environment,
        commitPoint);
  }

  /** What it did, where it is of one kind. */
  public <T extends RunFacts> Optional<T> facts(Class<T> kind) {
    return facts.filter(kind::isInstance).map(kind::cast);
  }
}
