package io.tributary.events.runs;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.UnknownFacts;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The facts of a run in each of its commits, as the commit's {@code userMetadata}. They suffice to
 * derive the run's record and lineage if the process died before it could append them.
 *
 * @param attempt the number of the attempt at this key, from 1
 * @param inputs what the run read
 * @param fingerprint of the definition and the logical inputs: equal fingerprints make equal
 *     results
 * @param facts what it did, for the platform's own jobs
 * @param notes what a user's own job adds; keys in kebab-case, values that JSON can hold
 * @param reads its inputs other than tables
 * @param writes its outputs other than tables
 * @param definitions the digests under which the lake stores the definitions that it used, by kind
 *     and name, {@code view carrier_history@1}
 * @param outputs what the run had committed before this commit, in order
 * @param commitPoint whether the run's work is complete with this commit
 */
@JsonPropertyOrder("format")
@JsonIgnoreProperties(value = "format", allowGetters = true)
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
    Map<String, Digest> definitions,
    List<TableVersion> outputs,
    Environment environment,
    boolean commitPoint) {
  /** The format that this build writes, and the newest that it reads. */
  public static final int FORMAT = 1;

  public CommitFacts {
    inputs = List.copyOf(inputs);
    notes = Collections.unmodifiableMap(new TreeMap<>(notes));
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
    definitions = Collections.unmodifiableMap(new TreeMap<>(definitions));
    outputs = List.copyOf(outputs);
  }

  /**
   * Parses a commit's {@code userMetadata}.
   *
   * @throws PlatformException REFUSED when a newer build wrote it; CORRUPT when it is something
   *     else
   */
  static CommitFacts read(String json) {
    int format = format(json);
    if (format > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read the facts of a commit: they are in format %d, written by a newer build of Tributary, and this build reads up to format %d. Use the build that wrote them, or a later one."
              .formatted(format, FORMAT));
    }
    return Json.read(json, CommitFacts.class);
  }

  /** Reads the format, which is the first field, without parsing the rest. */
  private static int format(String json) {
    try (JsonParser parser = Json.mapper().getFactory().createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        parser.nextToken();
        if (parser.getCurrentName().equals("format")) {
          return parser.getIntValue();
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // Text that is not JSON fails when the facts are parsed.
    }
    return FORMAT;
  }

  /** The format of the facts. */
  @JsonProperty
  public int format() {
    return FORMAT;
  }

  /** The same facts after {@code outputs} were committed. */
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
        definitions,
        outputs,
        environment,
        commitPoint);
  }

  /**
   * Its facts, if they are of a kind.
   *
   * @throws PlatformException REFUSED where a newer build wrote facts that this one can't read:
   *     work can't continue without them
   */
  public <T extends RunFacts> Optional<T> facts(Class<T> kind) {
    if (facts.orElse(null) instanceof UnknownFacts unknown) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read the facts of run %s of %s: they are \"%s\", version %d, written by a newer build of Tributary. Use that build, or a later one."
              .formatted(run, key, unknown.kind(), unknown.version()));
    }
    return facts.filter(kind::isInstance).map(kind::cast);
  }
}
