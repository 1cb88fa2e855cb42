package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RunFacts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Facts of commits that tests write themselves: each completes the first attempt of a run. */
public final class SampleFacts {
  public static final Environment HERE =
      new Environment("abc", false, "17", "Linux", "ada", "host");

  private SampleFacts() {}

  /** Of a job's commit. */
  public static CommitFacts of(JobKey key, Instant at, List<Pin> inputs, Optional<RunFacts> facts) {
    return new CommitFacts(
        RunId.startingAt(at),
        key,
        1,
        at,
        inputs,
        Digest.of(key + " " + inputs + " " + facts),
        facts,
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        List.of(),
        HERE,
        true);
  }

  /** Of the commit by which a source's deliveries up to a number become valid. */
  public static CommitFacts ingested(String source, Instant at, long number) {
    return ingested(
        source, at, new IngestFacts.Validated(number, Digest.of("rules"), false, Optional.empty()));
  }

  /** Of the commit by which a source's deliveries become valid. */
  public static CommitFacts ingested(String source, Instant at, IngestFacts.Validated validated) {
    return of(
        JobKey.of("ingest", source),
        at,
        List.of(),
        Optional.of(
            new IngestFacts(List.of(), List.of(), Optional.empty(), Optional.of(validated))));
  }
}
