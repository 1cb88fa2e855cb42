package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestStaleness {
  private static final Instant AT = Instant.parse("2013-12-31T05:00:00Z");
  private static final Principal ADA = Principal.osUser("ada");
  private static final String VIEW = "view rides@1";

  @TempDir Path lake;
  private LakeDefinitions definitions;
  private RunLog log;

  @BeforeEach
  void open() {
    definitions = LakeDefinitions.open(lake.toString());
    log = RunLog.open(lake.toString());
  }

  /** A definition with one meaning, made of others. */
  private Definition define(String reference, String meaning, Definition... of) {
    Map<String, Digest> uses = new TreeMap<>();
    for (Definition used : of) {
      uses.put(used.reference(), used.digest());
    }
    int space = reference.indexOf(' ');
    Definition definition =
        new Definition(
            reference.substring(0, space),
            reference.substring(space + 1),
            "file.yaml",
            "active",
            "",
            meaning,
            Map.of(),
            uses,
            Map.of());
    definitions.store().put(definition);
    return definition;
  }

  private RunId ran(JobKey key, List<LineageNode> writes, Definition... used) {
    return ran(key, Optional.empty(), writes, used);
  }

  private RunId ran(
      JobKey key, Optional<RunId> found, List<LineageNode> writes, Definition... used) {
    RunId run = RunId.startingAt(AT);
    definitions.admit("build it", List.of(used), run, ADA);
    Map<String, Digest> digests = new TreeMap<>();
    for (Definition each : used) {
      digests.put(each.reference(), each.digest());
    }
    log.append(
        List.of(
            new RunRecord(
                run,
                key,
                1,
                found.isPresent() ? Outcome.UNCHANGED : Outcome.SUCCEEDED,
                found,
                Optional.empty(),
                "",
                AT,
                1,
                List.of(),
                List.of(),
                Optional.empty(),
                Map.of(),
                List.of(),
                writes,
                digests,
                Optional.empty(),
                new Environment("code", false, "java", "os", "ada", "host"))));
    return run;
  }

  private RunId trained(int version, Definition... used) {
    return ran(JobKey.of("train", "late"), List.of(LineageNode.model("late", version)), used);
  }

  private List<String> stale() {
    return Staleness.of(definitions, log.list()).stream().map(Staleness.Stale::toString).toList();
  }

  private List<String> by(RunId run) {
    return Staleness.by(definitions, log, Set.of(run)).stream()
        .map(Staleness.Stale::toString)
        .toList();
  }

  @Test
  void isSaidOnceByTheRunThatFirstUsedAnotherMeaning() {
    JobKey build = JobKey.of("training-set", "late");
    Definition set = define("training-set late", "after 15 minutes");
    Definition model = define("model late", "dense", set);
    RunId first = ran(build, List.of(), set);
    trained(1, set, model);
    assertThat(by(first)).isEmpty();

    Definition other = define("training-set late", "after 10 minutes");
    RunId edited = ran(build, List.of(), other);
    assertThat(by(edited)).containsExactly("model late@1 (training-set late)");
    assertThat(by(ran(build, List.of(), other))).isEmpty();
    assertThat(stale()).containsExactly("model late@1 (training-set late)");

    RunId back = ran(build, List.of(), set);
    assertThat(by(back)).isEmpty();
    assertThat(stale()).isEmpty();
  }

  @Test
  void anEditThatIsTakenBackMakesStaleWhatWasBuiltMeanwhile() {
    Definition scores = define("scores next", "above a half");
    RunId first = ran(night(1), List.of(), scores);
    ran(night(2), List.of(), scores);
    ran(night(3), List.of(), define("scores next", "above a third"));
    assertThat(stale()).containsExactly("scores of next, 2 intervals (scores next)");

    ran(night(1), Optional.of(first), List.of(), scores);
    assertThat(stale()).containsExactly("scores of next (scores next)");
  }

  @Test
  void isSaidOnceByARunThatFoundItsWorkDone() {
    Definition former = define("model late", "dense");
    RunId first = trained(1, former);
    trained(2, define("model late", "denser"));
    assertThat(stale()).containsExactly("model late@1 (model late)");

    JobKey train = JobKey.of("train", "late");
    RunId back = ran(train, Optional.of(first), List.of(), former);
    assertThat(by(back)).containsExactly("model late@2 (model late)");
    assertThat(by(ran(train, Optional.of(first), List.of(), former))).isEmpty();
  }

  private static JobKey night(int day) {
    return JobKey.of(
        "score", "next", Interval.parse("2013-01-0%d/2013-01-0%d".formatted(day, day + 1)));
  }

  @Test
  void aModelThatSomebodyVouchesForIsNotStale() {
    Definition source = define("source rides", "known after an hour");
    Definition view = define(VIEW, "known after an hour", source);
    Definition set = define("training-set late", "rides", view);
    Definition model = define("model late", "dense", set);
    trained(1, source, view, set, model);
    trained(2, source, view, set, model);

    Definition edited = define("source rides", "known after two");
    Definition amended = define(VIEW, "known after two", edited);
    Meanings meanings = definitions.meanings();
    meanings.amend(
        amended,
        amended.digest(),
        meanings.fixed(VIEW).orElseThrow(),
        List.of("late@1"),
        AT,
        ADA,
        "it was two");
    Definition rebuilt = define("training-set late", "other rides", amended);
    ran(JobKey.of("training-set", "late"), List.of(), edited, amended, rebuilt);
    assertThat(stale()).containsExactly("model late@2 (source rides)");

    meanings.accept(meanings.fixed(VIEW).orElseThrow(), List.of("late@2"), AT, ADA, "good enough");
    assertThat(stale()).isEmpty();
  }

  @Test
  void theModelVersionThatScoredIsNoNewerDefinitionOfTheModel() {
    Definition former = define("model late", "dense");
    Definition scores = define("scores next", "above a half");
    JobKey score = JobKey.of("score", "next");
    trained(1, former);
    trained(2, define("model late", "denser"));
    RunId rolledBack = ran(score, List.of(), former, scores);
    assertThat(by(rolledBack)).isEmpty();
    assertThat(stale()).containsExactly("model late@1 (model late)");
  }
}
