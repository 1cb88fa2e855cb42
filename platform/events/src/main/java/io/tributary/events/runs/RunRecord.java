package io.tributary.events.runs;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
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
 * The record of one run: one attempt at the work that a job key identifies.
 *
 * @param attempt the number of the attempt at this key, from 1; an unchanged run has the number of
 *     the run that it found
 * @param found the run that had done the work which an unchanged run found; inputs, outputs, facts,
 *     notes, reads and writes of an unchanged run are those of that run, and empty where the log
 *     does not hold it
 * @param error empty unless it failed
 * @param message why it failed, or what it found unchanged; else empty
 * @param seconds of wall clock
 * @param outputs the table versions that it wrote, the commit point last
 * @param facts what it did, for the platform's own jobs
 * @param notes what a user's own job adds; keys in kebab-case
 * @param reads its inputs other than tables
 * @param writes its outputs other than tables
 * @param definitions the digests under which the lake stores the definitions that it used, by kind
 *     and name, {@code view carrier_history@1}
 * @param resources empty for an unchanged run, which uses next to nothing, and for one whose record
 *     was derived from its commits after its process had died
 */
@JsonIgnoreProperties(value = "format", allowGetters = true)
public record RunRecord(
    RunId run,
    JobKey key,
    int attempt,
    Outcome outcome,
    Optional<RunId> found,
    Optional<RunError> error,
    String message,
    Instant started,
    double seconds,
    List<Pin> inputs,
    List<TableVersion> outputs,
    Optional<RunFacts> facts,
    Map<String, Object> notes,
    List<LineageNode> reads,
    List<LineageNode> writes,
    Map<String, Digest> definitions,
    Optional<Resources> resources,
    Environment environment) {
  /** The format of the record, which is also its event's. */
  public static final int FORMAT = 1;

  public RunRecord {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    notes = Collections.unmodifiableMap(new TreeMap<>(notes));
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
    definitions = Collections.unmodifiableMap(new TreeMap<>(definitions));
  }

  /** The format of the record. */
  @JsonProperty
  public int format() {
    return FORMAT;
  }

  /** When it ended. */
  public Instant ended() {
    return started.plusNanos(Math.round(seconds * 1e9));
  }

  /** Its facts, if they are of a kind. */
  public <T extends RunFacts> Optional<T> facts(Class<T> kind) {
    return facts.filter(kind::isInstance).map(kind::cast);
  }
}
