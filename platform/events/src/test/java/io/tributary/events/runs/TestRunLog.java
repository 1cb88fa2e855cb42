package io.tributary.events.runs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
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
            Optional.of(ErrorCode.KILLED),
            "its process was stopped",
            NOON,
            0,
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of(),
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
                record(KEY, 1, Outcome.UNCHANGED),
                record(KEY, 2, Outcome.SUCCEEDED)));

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
            List.of(TableVersion.parse("quarantine.flights@3#q")),
            HERE,
            true);

    assertThat(Json.read(Json.write(facts), CommitFacts.class)).isEqualTo(facts);
  }

  private static RunRecord record(JobKey key, int attempt, Outcome outcome) {
    return new RunRecord(
        RunId.startingAt(NOON),
        key,
        attempt,
        outcome,
        outcome == Outcome.FAILED ? Optional.of(ErrorCode.STORAGE) : Optional.empty(),
        "why",
        NOON,
        1.5,
        List.of(Pin.upTo(TableVersion.parse("validated.flights@3#v"), 9)),
        List.of(TableVersion.parse("scores.departures@7#s")),
        Optional.empty(),
        Map.of("rows", 7),
        List.of(LineageNode.model("late", 4)),
        List.of(),
        Optional.of(new Resources(1, 2, 3, 4, 0.5)),
        HERE);
  }
}
