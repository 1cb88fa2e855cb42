package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run says of itself in each of its commits, as the commit's {@code userMetadata}. Enough to
 * derive the run's record and lineage again when the process died before it could append them.
 *
 * @param attempt the number of the attempt at this key, from 1
 * @param inputs what the run read
 * @param fingerprint of the definition and the logical inputs: equal fingerprints make equal
 *     results
 * @param facts counts, digests, metrics; keys in kebab-case, values that JSON can say
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
    Map<String, Object> facts,
    List<TableVersion> outputs,
    Environment environment,
    boolean commitPoint) {
  public CommitFacts {
    inputs = List.copyOf(inputs);
    facts = Collections.unmodifiableMap(new TreeMap<>(facts));
    outputs = List.copyOf(outputs);
  }

  /** The same facts of a run that had committed {@code outputs} before. */
  public CommitFacts after(List<TableVersion> outputs) {
    return new CommitFacts(
        run, key, attempt, started, inputs, fingerprint, facts, outputs, environment, commitPoint);
  }
}
