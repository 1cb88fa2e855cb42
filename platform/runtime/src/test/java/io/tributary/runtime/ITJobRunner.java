package io.tributary.runtime;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.lake;
import static io.tributary.lake.LakeKit.minutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.ProjectRevision;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageEvent;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeKit;
import io.tributary.lake.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

class ITJobRunner {
  private static final Environment ELSEWHERE =
      Environment.ofProcess()
          .with(new ProjectRevision(Optional.of("abc"), false, Digest.of("files")));

  @TempDir Path folder;
  private Lake lake;
  private TableVersion input;

  @BeforeEach
  void open() {
    lake = lake(folder);
    input = lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
  }

  @Test
  void recordsWhatARunReadWroteAndUsed() {
    List<String> said = new ArrayList<>();
    RunRecord record;
    try (JobRunner runner = JobRunner.open(lake, said::add)) {
      record =
          runner.run(
              new Hours(
                  lake,
                  "one",
                  a -> {
                    a.note("delay-minutes", 15);
                    a.reads(LineageNode.file("data/x.csv", Digest.of("x")));
                  },
                  a -> {}));
    }

    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(record.attempt()).isEqualTo(1);
    assertThat(record.inputs()).extracting(p -> p.version()).containsExactly(input);
    assertThat(record.outputs()).containsExactly(lake.find(Hours.OUTPUT).orElseThrow());
    assertThat(record.notes()).containsEntry("rows", 60).containsEntry("delay-minutes", 15);
    Resources used = record.resources().orElseThrow();
    assertThat(used.rowsRead()).contains(60L);
    assertThat(used.rowsWritten()).contains(60L);
    assertThat(used.bytesRead().orElseThrow()).isPositive();
    assertThat(used.bytesWritten().orElseThrow()).isPositive();
    assertThat(used.executorCpuSeconds().orElseThrow()).isPositive();
    assertThat(used.driverCpuSeconds().orElseThrow()).isPositive();
    assertThat(used.peakMemoryBytes().orElseThrow()).isGreaterThan(50L << 20);
    assertThat(used.nativeTrainingSeconds()).isEmpty();
    assertThat(used.onlineFiles()).isEmpty();
    assertThat(record.environment().user()).isEqualTo(System.getProperty("user.name"));
    assertThat(RunLog.open(lake.uri()).list()).containsExactly(record);
    LineageEvent lineage = Lineage.open(lake.uri()).events().get(0);
    assertThat(lineage.inputs())
        .containsExactly(LineageNode.table(input), LineageNode.file("data/x.csv", Digest.of("x")));
    assertThat(lineage.outputs()).containsExactly(LineageNode.table(record.outputs().get(0)));
    assertThat(said)
        .startsWith(Hours.KEY.toString())
        .last()
        .asString()
        .matches("materialize hours@1 .*: done in [0-9.]+ s");
    assertThat(Files.exists(folder.resolve("platform/locks/jobs"))).isTrue();
    assertThat(new JobLocks(folder).abandoned()).isEmpty();
  }

  @Test
  void aTaskLogsWithTheRunThatItWorksFor() {
    List<String> seen = new ArrayList<>();
    RunRecord record =
        run(new Hours(lake, "one", a -> seen.addAll(runsOfTasks(a.lake())), a -> {}));
    assertThat(seen).hasSize(2).containsOnly(record.run().text());
    assertThat(runsOfTasks(lake)).containsOnly("null");
  }

  private static List<String> runsOfTasks(Lake lake) {
    return lake.spark()
        .range(0, 2, 1, 2)
        .javaRDD()
        .map(n -> String.valueOf(MDC.get("mdc.run")))
        .collect();
  }

  @Test
  void anUnchangedRunStartsNoSession() {
    RunRecord first = run(new Hours(lake, "one"));

    LakeSession never = LakeSession.lazy();
    RunRecord second;
    try (Lake light = Lake.open(lake.uri(), Lake.DEFAULT_RETENTION, never);
        JobRunner runner = JobRunner.open(light)) {
      second = runner.run(new Hours(light, "one"));
    }

    assertThat(never.started()).isEmpty();
    assertThat(second.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(second.outputs()).isEqualTo(first.outputs());
    assertThat(second.notes()).isEqualTo(first.notes());
    assertThat(second.message()).isEqualTo("as run " + first.run() + " left it");
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::outcome)
        .containsExactly(Outcome.SUCCEEDED, Outcome.UNCHANGED);
    assertThat(Lineage.open(lake.uri()).events()).hasSize(1);
  }

  @Test
  void newRowsOrANewDefinitionMakeItRunAgain() {
    run(new Hours(lake, "one"));
    assertThat(run(new Hours(lake, "two")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(run(new Hours(lake, "two")).outcome()).isEqualTo(Outcome.UNCHANGED);

    lake.table(Hours.INPUT).append(minutes(60, 61), facts("minutes", true));
    RunRecord third = run(new Hours(lake, "two"));

    assertThat(third.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(third.attempt()).isEqualTo(3);
    assertThat(lake.table(Hours.OUTPUT).read(third.outputs().get(0)).count()).isEqualTo(61);
  }

  @Test
  void compactionAndEmptyCommitsOfAnInputChangeNothing() {
    lake.table(Hours.INPUT).append(minutes(60, 70), facts("minutes", true));
    run(new Hours(lake, "one"));

    lake.spark().sql("optimize delta.`" + lake.path(Hours.INPUT) + "`");
    lake.table(Hours.INPUT).append(minutes(0, 0), facts("minutes", true));

    assertThat(lake.find(Hours.INPUT).orElseThrow().version()).isEqualTo(3);
    assertThat(run(new Hours(lake, "one")).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aFailureIsRecordedWithItsCodeAndThrown() {
    Hours failing =
        new Hours(
            lake,
            "one",
            a -> {
              throw new PlatformException(
                  ErrorCode.EXPECTATIONS_FAILED, "Cannot admit delivery 3: too late. Look.");
            },
            a -> {});

    assertThatThrownBy(() -> run(failing)).hasMessage("Cannot admit delivery 3: too late. Look.");

    RunRecord failed = RunLog.open(lake.uri()).list(Hours.KEY).get(0);
    assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(failed.error()).contains(RunError.of(ErrorCode.EXPECTATIONS_FAILED));
    assertThat(failed.message()).isEqualTo("Cannot admit delivery 3: too late. Look.");
    assertThat(failed.outputs()).isEmpty();
    assertThat(run(new Hours(lake, "one")).attempt()).isEqualTo(2);
  }

  @Test
  void aMissingInputIsRecordedToo() throws IOException {
    Lake empty = lake(Files.createDirectory(folder.resolve("other")));

    assertThatThrownBy(() -> JobRunner.open(empty).run(new Hours(empty, "one")))
        .hasMessageStartingWith("Cannot find table bronze.minutes");

    assertThat(RunLog.open(empty.uri()).list())
        .extracting(RunRecord::outcome, RunRecord::error)
        .containsExactly(tuple(Outcome.FAILED, Optional.of(RunError.of(ErrorCode.NOT_FOUND))));
  }

  @Test
  void aJobWithoutCommitPointIsABug() {
    Job forgetful =
        new Forwarding(new Hours(lake, "one")) {
          @Override
          public void run(Attempt attempt) {
            lake.table(Hours.OUTPUT).append(minutes(0, 1), attempt.facts());
          }
        };

    assertThatThrownBy(() -> run(forgetful))
        .hasMessageContaining("it made no commit to features.hours_v1 as its commit point");
  }

  @Test
  void aRunLostAfterItsCommitPointIsRecordedExactlyOnce() {
    RunId run = RunId.startingAt(LakeKit.NOON);
    RunningAttempt attempt = attempt(run);
    attempt.note("rows", 60);
    TableVersion quarantine = lake.table("quarantine.hours").append(minutes(0, 1), attempt.facts());
    TableVersion written = lake.table(Hours.OUTPUT).append(minutes(0, 60), attempt.commitPoint());
    RunLog log = RunLog.open(lake.uri());

    // The input of the test was written without a runner and counts as lost as well.
    List<RunRecord> repaired = log.repair(f -> false);
    assertThat(log.repair(f -> false)).isEmpty();
    assertThat(RunLog.open(lake.uri()).repair(f -> false)).isEmpty();

    assertThat(repaired).hasSize(2);
    RunRecord record = log.find(run).orElseThrow();
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(record.outputs()).containsExactly(quarantine, written);
    assertThat(record.notes()).containsEntry("rows", 60);
    assertThat(record.resources()).isEmpty();
    assertThat(log.list()).hasSize(2);
    assertThat(Lineage.open(lake.uri()).makers(LineageNode.table(written)))
        .extracting(LineageEvent::run)
        .containsExactly(run);
  }

  @Test
  void aLivingRunIsLeftToRecordItself() {
    JobLocks locks = new JobLocks(folder);
    List<List<RunRecord>> repaired = new ArrayList<>();

    run(
        new Hours(
            lake,
            "one",
            a -> {},
            a -> repaired.add(RunLog.open(lake.uri()).repair(f -> locks.isHeld(f.run())))));

    assertThat(repaired.get(0)).extracting(RunRecord::key).doesNotContain(Hours.KEY);
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY)).hasSize(1);
  }

  @Test
  void aRunWaitsWhileSomebodyIsAloneInTheLakeAndNobodyIsAloneWhileItWorks() throws Exception {
    JobLocks locks = new JobLocks(folder);
    List<Boolean> alone = new ArrayList<>();
    CountDownLatch waits = new CountDownLatch(1);
    AtomicBoolean begun = new AtomicBoolean();
    Job job =
        new Hours(
            lake,
            "one",
            a -> {},
            a -> {
              begun.set(true);
              alone.add(locks.alone().isPresent());
            });
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (JobRunner runner =
        JobRunner.open(
            lake,
            line -> {
              if (line.endsWith("waits while tributary clean works")) {
                waits.countDown();
              }
            })) {
      Future<RunRecord> running;
      try (JobLocks.Lock held = locks.alone().orElseThrow()) {
        running = thread.submit(() -> runner.run(job));
        await(waits);
        assertThat(begun).isFalse();
        assertThat(locks.working()).as("it takes no lock of its own yet").isEmpty();
      }
      assertThat(running.get().outcome()).isEqualTo(Outcome.SUCCEEDED);
    } finally {
      thread.shutdownNow();
    }
    assertThat(alone).containsExactly(false);
    locks.alone().orElseThrow().close();
  }

  @Test
  void aRunNamesThePipelineThatStartedIt() {
    Definition pipeline =
        new Definition(
            "pipeline",
            "nightly",
            "pipelines/nightly.yaml",
            "active",
            "pipeline: nightly\n",
            "steps",
            Map.of(),
            Map.of(),
            Map.of());
    RunRecord record;
    try (JobRunner runner = JobRunner.open(lake, Progress.none(), List.of(pipeline))) {
      record = runner.run(new Hours(lake, "one"));
    }
    assertThat(record.definitions())
        .containsExactly(Map.entry("pipeline nightly", pipeline.digest()));
    assertThat(lake.definitions().store().read(pipeline.digest())).isEqualTo(pipeline);
    assertThat(lake.table(Hours.OUTPUT).commits().get(0).facts().orElseThrow().definitions())
        .isEqualTo(record.definitions());
  }

  @Test
  void theNextStartRecordsTheDead() {
    RunId completed = RunId.startingAt(LakeKit.NOON);
    RunId killed = RunId.startingAt(LakeKit.NOON);
    JobLocks locks = new JobLocks(folder);
    try (JobLocks.Held held = locks.acquire(holder(completed, Hours.KEY))) {
      lake.table(Hours.OUTPUT).append(minutes(0, 60), attempt(completed).commitPoint());
      held.keepTrace();
    }
    try (JobLocks.Held held = locks.acquire(holder(killed, JobKey.of("train", "late")))) {
      held.keepTrace();
    }

    JobRunner.open(lake).close();
    JobRunner.open(lake).close();

    List<RunRecord> records =
        RunLog.open(lake.uri()).list().stream()
            .filter(r -> !r.key().subject().equals("minutes"))
            .toList();
    assertThat(records)
        .extracting(RunRecord::run, RunRecord::outcome, RunRecord::error)
        .containsExactlyInAnyOrder(
            tuple(completed, Outcome.SUCCEEDED, Optional.empty()),
            tuple(killed, Outcome.FAILED, Optional.of(RunError.of(ErrorCode.KILLED))));
    assertThat(locks.abandoned()).isEmpty();
  }

  @Test
  void aKilledRunWhoseWorkIsCompleteOutsideOfTheTablesEndsAsSucceeded() {
    RunId run = RunId.startingAt(LakeKit.NOON);
    JobKey key = JobKey.of("train", "late");
    JobLocks locks = new JobLocks(folder);
    try (JobLocks.Held held = locks.acquire(holder(run, key))) {
      held.keepTrace();
    }
    RunLog log = RunLog.open(lake.uri());
    JobRunner.open(lake).close();
    assertThat(log.find(run).orElseThrow().error()).contains(RunError.of(ErrorCode.KILLED));

    RunRecord again = run(registered(key, run));
    run(registered(key, run));

    assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
    RunRecord record = log.find(run).orElseThrow();
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(record.started()).isEqualTo(LakeKit.NOON);
    assertThat(record.seconds()).isEqualTo(60);
    assertThat(record.environment()).isEqualTo(ELSEWHERE);
    assertThat(log.list(key))
        .extracting(RunRecord::outcome)
        .containsExactly(Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.UNCHANGED);
    assertThat(Lineage.open(lake.uri()).makers(LineageNode.model("late", 1)))
        .singleElement()
        .satisfies(
            e -> assertThat(e.inputs()).containsExactly(LineageNode.table(input)),
            e -> assertThat(e.run()).isEqualTo(run));
  }

  @Test
  void aLivingRunWhoseWorkIsCompleteIsLeftToRecordItself() {
    RunId run = RunId.startingAt(LakeKit.NOON);
    JobKey key = JobKey.of("train", "late");
    try (JobLocks.Held held = new JobLocks(folder).acquire(holder(run, key))) {
      assertThat(held).isNotNull();
      run(registered(key, run));
      assertThat(RunLog.open(lake.uri()).find(run)).isEmpty();
    }
  }

  /** A job whose work a run has completed in a registry. */
  private Job registered(JobKey key, RunId run) {
    return new Forwarding(new Hours(lake, "one")) {
      @Override
      public JobKey key() {
        return key;
      }

      @Override
      public Optional<TableName> commitPoint() {
        return Optional.empty();
      }

      @Override
      public Optional<CompletedRun> recorded(Lake of) {
        return Optional.of(
            new CompletedRun(
                run,
                1,
                LakeKit.NOON.plusSeconds(60),
                inputs(),
                Fingerprint.of(of, definition(), inputs()),
                List.of(),
                Optional.empty(),
                Map.of(),
                List.of(LineageNode.model("late", 1)),
                Map.of(),
                ELSEWHERE));
      }
    };
  }

  @Test
  void aSecondRunOfTheSameKeyIsToldWhoWorksOnIt() throws Exception {
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<RunRecord> first =
          thread.submit(
              () ->
                  run(
                      new Hours(
                          lake,
                          "one",
                          a -> {
                            working.countDown();
                            await(goOn);
                          },
                          a -> {})));
      working.await();

      assertThatThrownBy(() -> run(new Hours(lake, "one")))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
          .hasMessageMatching(
              "Cannot run materialize hours@1 .*: run \\S+ of \\S+ \\(process %d on .*\\) works on it since .*"
                  .formatted(ProcessHandle.current().pid()));
      goOn.countDown();
      assertThat(first.get().outcome()).isEqualTo(Outcome.SUCCEEDED);
    } finally {
      goOn.countDown();
      thread.shutdown();
    }
    assertThat(run(new Hours(lake, "one")).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void parallelRunsAreMeteredApart() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<RunRecord> small = threads.submit(() -> run(new Reading("small", 1_000, both)));
      Future<RunRecord> large = threads.submit(() -> run(new Reading("large", 50_000, both)));

      Resources little = small.get().resources().orElseThrow();
      Resources much = large.get().resources().orElseThrow();
      assertThat(little.rowsWritten()).contains(1_000L);
      assertThat(much.rowsWritten()).contains(50_000L);
      assertThat(little.driverCpuSeconds()).isEmpty();
      assertThat(much.driverCpuSeconds()).isEmpty();
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aLakeThatCannotBeWrittenSaysWhoMustAct() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Lake broken = lake(file.resolve("lake"));

    assertThatThrownBy(() -> JobRunner.open(broken))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageMatching(
            "Cannot write \\S+/file/lake/tributary.json: .*/file.*\\. Name a folder in which \\S+ may write, as with --lake\\.");
  }

  @Test
  void aTableThatCannotBeWrittenSaysSo() throws IOException {
    Files.createDirectories(folder.resolve("features"));
    Files.writeString(folder.resolve("features/hours_v1"), "in the way");

    assertThatThrownBy(() -> lake.table(Hours.OUTPUT).append(minutes(0, 1), facts("x", true)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageContaining("features/hours_v1");
  }

  @Test
  void aLogThatCannotBeWrittenDoesNotHideTheFirstError() throws IOException {
    Files.createDirectories(folder.resolve("platform"));
    Files.writeString(folder.resolve("platform/runs"), "in the way");
    Hours failing =
        new Hours(
            lake,
            "one",
            a -> {
              throw new PlatformException(ErrorCode.REFUSED, "Cannot do it: no. Stop.");
            },
            a -> {});

    assertThatThrownBy(() -> run(failing))
        .hasMessage("Cannot do it: no. Stop.")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(run(new Hours(lake, "one")).outcome()).isEqualTo(Outcome.SUCCEEDED);

    Files.delete(folder.resolve("platform/runs"));
    JobRunner.open(lake).close();
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::outcome)
        .contains(Outcome.SUCCEEDED);
  }

  private RunRecord run(Job job) {
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(job);
    }
  }

  private RunningAttempt attempt(RunId run) {
    return new RunningAttempt(
        run,
        Hours.KEY,
        1,
        LakeKit.NOON,
        lake,
        List.of(),
        Digest.of("x"),
        SampleFacts.HERE,
        Map.of(),
        Progress.none());
  }

  private static JobLocks.Holder holder(RunId run, JobKey key) {
    return new JobLocks.Holder(
        run, key, key, 1, LakeKit.NOON, ProcessHandle.current().pid(), Environment.ofProcess());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes {@code rows} rows while another one does. */
  private final class Reading extends Forwarding {
    private final String subject;
    private final int rows;
    private final CountDownLatch both;

    Reading(String subject, int rows, CountDownLatch both) {
      super(new Hours(lake, "one"));
      this.subject = subject;
      this.rows = rows;
      this.both = both;
    }

    @Override
    public JobKey key() {
      return JobKey.of("score", subject);
    }

    @Override
    public Optional<TableName> commitPoint() {
      return Optional.of(TableName.of("scores", subject));
    }

    @Override
    public void run(Attempt attempt) {
      both.countDown();
      await(both);
      lake.table(commitPoint().orElseThrow()).append(minutes(0, rows), attempt.commitPoint());
    }
  }

  /** A job with parts of its own. */
  private abstract static class Forwarding implements Job {
    private final Job job;

    Forwarding(Job job) {
      this.job = job;
    }

    @Override
    public JobKey key() {
      return job.key();
    }

    @Override
    public List<Pin> inputs() {
      return job.inputs();
    }

    @Override
    public Digest definition() {
      return job.definition();
    }

    @Override
    public Optional<TableName> commitPoint() {
      return job.commitPoint();
    }

    @Override
    public void run(Attempt attempt) {
      job.run(attempt);
    }
  }
}
