package io.tributary.events.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.PublicationFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRunLog {
  private static final Instant NOON = Instant.parse("2013-07-01T12:00:00.000123Z");
  private static final Environment HERE =
      new Environment("abc", true, "17", "Linux", "ada", "host");
  private static final JobKey KEY =
      JobKey.of("score", "departures", Interval.parse("2013-01-01T05:00:00Z/2013-01-02T05:00:00Z"));

  @TempDir Path lake;

  @Test
  void recordsComeBackWhole() {
    RunRecord record = record(KEY, 2, Outcome.SUCCEEDED);
    RunLog.open(lake.toString()).append(List.of(record));

    assertThat(RunLog.open(lake.toString()).list()).containsExactly(record);
    assertThat(RunLog.open(lake.toString()).find(record.run())).contains(record);
  }

  @Test
  void aRecordThatIsAppendedTwiceIsThereOnce() {
    RunLog log = RunLog.open(lake.toString());
    RunRecord record = record(KEY, 1, Outcome.SUCCEEDED);
    log.append(List.of(record));
    log.append(List.of(record));

    assertThat(log.list()).containsExactly(record);
    assertThat(Lineage.open(lake.toString()).events()).hasSize(1);
  }

  @Test
  void aKilledRunIsOneThatSucceededOnceItIsKnownThatItsWorkWasComplete() {
    RunLog log = RunLog.open(lake.toString());
    RunRecord succeeded = record(KEY, 1, Outcome.SUCCEEDED);
    RunRecord killed =
        new RunRecord(
            succeeded.run(),
            KEY,
            1,
            Outcome.FAILED,
            Optional.empty(),
            Optional.of(RunError.of(ErrorCode.KILLED)),
            "its process was stopped",
            NOON,
            0,
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            HERE);
    log.append(List.of(killed));
    assertThat(log.list()).containsExactly(killed);
    assertThat(log.isRecorded(killed.run())).isFalse();

    log.append(List.of(succeeded));

    assertThat(log.list()).containsExactly(succeeded);
    assertThat(log.find(killed.run())).contains(succeeded);
    assertThat(log.isRecorded(killed.run())).isTrue();
  }

  @Test
  void onlyWhatSucceededHasLineage() {
    RunLog.open(lake.toString())
        .append(
            List.of(
                record(KEY, 1, Outcome.FAILED),
                record(KEY, 2, Outcome.SUCCEEDED),
                unchanged(record(KEY, 2, Outcome.SUCCEEDED))));

    assertThat(Lineage.open(lake.toString()).events())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.inputs())
                  .extracting(LineageNode::toString)
                  .containsExactly("table:validated.flights@3#v", "model:late@4");
              assertThat(e.outputs())
                  .extracting(LineageNode::toString)
                  .containsExactly("table:scores.departures@7#s");
              assertThat(e.at()).isEqualTo(NOON.plusMillis(1500));
            });
  }

  @Test
  void attemptsAreCountedByKey() {
    RunLog log = RunLog.open(lake.toString());
    assertThat(log.attempts(KEY)).isZero();
    log.append(
        List.of(
            record(KEY, 1, Outcome.FAILED),
            record(KEY, 2, Outcome.SUCCEEDED),
            record(JobKey.of("train", "late"), 1, Outcome.SUCCEEDED)));

    assertThat(log.attempts(KEY)).isEqualTo(2);
    assertThat(log.list(KEY)).hasSize(2);
  }

  @Test
  void commitFactsSurviveJson() {
    CommitFacts facts =
        new CommitFacts(
            RunId.startingAt(NOON),
            KEY,
            1,
            NOON,
            List.of(Pin.upTo(TableVersion.parse("validated.flights@3#v"), 9)),
            Digest.of("x"),
            Optional.of(PublicationFacts.of(NOON, 7).compared(3, 7, 0)),
            Map.of("rows", 7, "list", List.of("a"), "map", Map.of("b", 1.5)),
            List.of(LineageNode.file("data/x.csv", Digest.of("x"))),
            List.of(LineageNode.parse("online:history@1@2013-01-01T05:00:00Z")),
            Map.of(),
            List.of(TableVersion.parse("quarantine.flights@3#q")),
            HERE,
            true);

    assertThat(CommitFacts.read(Json.write(facts))).isEqualTo(facts);
    assertThat(Json.write(facts)).startsWith("{\"format\":1,");
    assertThatThrownBy(
            () -> CommitFacts.read(Json.write(facts).replace("\"format\":1,", "\"format\":2,")))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessageContaining("they are in format 2, written by a newer build of Tributary");
  }

  @Test
  void listsAndMapsThatAnOlderBuildDidNotWriteAreEmpty() {
    CommitFacts read =
        CommitFacts.read(
            "{\"format\":1,\"run\":\"%s\",\"key\":{\"job\":\"ingest\",\"subject\":\"rides\"},\"attempt\":1,\"started\":\"%s\",\"fingerprint\":\"%s\",\"facts\":{\"kind\":\"ingest\",\"version\":1,\"judged\":{}}}"
                .formatted(RunId.startingAt(NOON), NOON, Digest.of("x").hex()));

    assertThat(read.inputs()).isEmpty();
    assertThat(read.notes()).isEmpty();
    assertThat(read.definitions()).isEmpty();
    IngestFacts facts = read.facts(IngestFacts.class).orElseThrow();
    assertThat(facts.brought()).isEmpty();
    assertThat(facts.judged().orElseThrow().duplicates()).isEmpty();
    assertThat(facts.judged().orElseThrow().verdicts()).isEmpty();
  }

  @Test
  void factsOfANewerBuildAreRefusedWhereWorkGoesOnFromThem() {
    CommitFacts known =
        SampleFacts.of(KEY, NOON, List.of(), Optional.of(PublicationFacts.of(NOON, 7)));
    assertThat(known.facts(IngestFacts.class)).isEmpty();

    CommitFacts newer =
        CommitFacts.read(Json.write(known).replace("\"version\":1", "\"version\":2"));

    assertThatThrownBy(() -> newer.facts(IngestFacts.class))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessage(
            "Cannot read the facts of run %s of %s: they are \"publication\", version 2, written by a newer build of Tributary. Use that build, or a later one."
                .formatted(known.run(), KEY));
  }

  @Test
  void lineageNamesTheDefinitionOfTheJobsOwnKindAlone() {
    Map<String, Digest> used =
        Map.of(
            "monitor lateness", Digest.of("m"),
            "training-set lateness", Digest.of("t"),
            "suite lateness", Digest.of("s"),
            "source lateness", Digest.of("r"));
    for (var job :
        Map.of("monitor", "monitor", "ingest", "source", "training-set", "training-set")
            .entrySet()) {
      String own = job.getValue() + " lateness";
      assertThat(LineageEvent.of(using(JobKey.of(job.getKey(), "lateness"), used)).inputs())
          .containsExactly(LineageNode.definition(own, used.get(own)));
    }
  }

  private static RunRecord using(JobKey key, Map<String, Digest> definitions) {
    return new RunRecord(
        RunId.startingAt(NOON),
        key,
        1,
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        NOON,
        1,
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        List.of(),
        List.of(),
        definitions,
        Optional.empty(),
        HERE);
  }

  @Test
  void anUnchangedRunIsASmallRecordThatPointsToTheRunThatItFound() {
    RunLog log = RunLog.open(lake.toString());
    RunRecord worked = record(KEY, 2, Outcome.SUCCEEDED);
    RunRecord unchanged = unchanged(worked);
    RunRecord orphan = unchanged(record(KEY, 3, Outcome.SUCCEEDED));
    log.append(List.of(worked, unchanged, orphan));

    assertThat(RunLog.open(lake.toString()).list().subList(0, 2))
        .containsExactly(worked, unchanged);
    assertThat(log.find(orphan.run()).orElseThrow())
        .satisfies(
            r -> {
              assertThat(r.found()).isEqualTo(orphan.found());
              assertThat(r.outputs()).isEmpty();
            });
    String body = log("runs").read().find("run/" + unchanged.run()).orElseThrow().body();
    assertThat(body).hasSizeLessThan(400).doesNotContain("scores.departures@7");
  }

  @Test
  void newestRunsAreFoundByJobAndFailure() {
    RunLog log = RunLog.open(lake.toString());
    RunRecord a = record(KEY, 1, Outcome.FAILED);
    RunRecord b = record(KEY, 2, Outcome.SUCCEEDED);
    RunRecord c = record(JobKey.of("train", "late"), 1, Outcome.FAILED);
    log.append(List.of(a, b, c));

    assertThat(log.newest(2, Optional.empty(), false)).containsExactly(b, c);
    assertThat(log.newest(9, Optional.of("score"), false)).containsExactly(a, b);
    assertThat(log.newest(9, Optional.of("scor"), false)).isEmpty();
    assertThat(log.newest(9, Optional.empty(), true)).containsExactly(a, c);
  }

  @Test
  void whatANewerBuildWritesIsPassedOverOrKeptAsItIs() {
    RunLog log = RunLog.open(lake.toString());
    RunRecord failed = record(KEY, 1, Outcome.FAILED);
    log.append(List.of(failed));
    Event known = log("runs").read().events().get(0);
    log("runs")
        .append(
            List.of(
                new Event(
                    "run/skipped",
                    NOON,
                    "skipped",
                    KEY.toString(),
                    known.principal(),
                    "20130701T120000Z-00000000",
                    "{}"),
                new Event(
                    "run/other",
                    NOON,
                    "failed",
                    KEY.toString(),
                    known.principal(),
                    "20130701T120000Z-00000001",
                    known.body().replace("STORAGE", "QUOTA_EXCEEDED"))));

    assertThat(RunLog.open(lake.toString()).list())
        .extracting(r -> r.error().orElseThrow())
        .containsExactly(
            RunError.of(ErrorCode.STORAGE), new RunError("QUOTA_EXCEEDED", "EXTERNAL"));
    assertThat(log.attempts(KEY)).isEqualTo(1);
  }

  private EventLog log(String subject) {
    return EventLog.open(LakeTables.path(lake.toString(), TableName.of("platform", subject)));
  }

  private static RunRecord unchanged(RunRecord found) {
    return new RunRecord(
        RunId.startingAt(NOON),
        found.key(),
        found.attempt(),
        Outcome.UNCHANGED,
        Optional.of(found.run()),
        Optional.empty(),
        "as run " + found.run() + " left it",
        NOON,
        0.1,
        found.inputs(),
        found.outputs(),
        found.facts(),
        found.notes(),
        found.reads(),
        found.writes(),
        Map.of(),
        Optional.empty(),
        HERE);
  }

  private static RunRecord record(JobKey key, int attempt, Outcome outcome) {
    return new RunRecord(
        RunId.startingAt(NOON),
        key,
        attempt,
        outcome,
        Optional.empty(),
        outcome == Outcome.FAILED ? Optional.of(RunError.of(ErrorCode.STORAGE)) : Optional.empty(),
        "why",
        NOON,
        1.5,
        List.of(Pin.upTo(TableVersion.parse("validated.flights@3#v"), 9)),
        List.of(TableVersion.parse("scores.departures@7#s")),
        Optional.empty(),
        Map.of("rows", 7),
        List.of(LineageNode.model("late", 4)),
        List.of(),
        Map.of(),
        Optional.of(Resources.ofTasks(0.5, 1, 2, 3, 4, 5, 6)),
        HERE);
  }
}
