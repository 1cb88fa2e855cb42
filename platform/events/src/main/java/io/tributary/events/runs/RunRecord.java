package io.tributary.events.runs;

import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of one run: one attempt of a job over the parameters that identify its work.
 *
 * @param attempt the number of the attempt at this key, from 1; an unchanged run has the number of
 *     the run that it found
 * @param error empty unless it failed
 * @param message why it failed, or what it found unchanged; else empty
 * @param seconds of wall clock
 * @param outputs the table versions that it wrote, the commit point last; of an unchanged run those
 *     of the run that it found
 * @param facts counts, digests, metrics; keys in kebab-case
 * @param resources empty for a run whose record was derived from its commits after its process had
 *     died
 */
public record RunRecord(
    RunId run,
    JobKey key,
    int attempt,
    Outcome outcome,
    Optional<ErrorCode> error,
    String message,
    Instant started,
    double seconds,
    List<Pin> inputs,
    List<TableVersion> outputs,
    Map<String, Object> facts,
    Optional<Resources> resources,
    Environment environment) {
  public RunRecord {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    facts = Collections.unmodifiableMap(new TreeMap<>(facts));
  }

  /** When it ended. */
  public Instant ended() {
    return started.plusNanos(Math.round(seconds * 1e9));
  }
}
