package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.runs.RunRecord;
import io.tributary.features.FeatureJobs;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a version means in a lake after the first process that used it was killed: before its first
 * commit anything, after that what it meant to that process.
 */
class ITKilledMeanings {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final String VIEW = "view driver_history@1";
  private static final Interval NIGHT = Interval.parse("2024-01-24T23:00:00Z/2024-01-25T23:00:00Z");

  @TempDir static Path folder;
  private static Path project;
  private static Path edited;
  private static Path delivered;

  @BeforeAll
  static void deliver() throws Exception {
    project = folder.resolve("project");
    CheckedProject checked = TinyProject.write(project, 1);
    edited = folder.resolve("edited");
    Folders.copy(project, edited);
    Path view = edited.resolve("features/driver_history.yaml");
    Files.writeString(view, Files.readString(view).replace("delay > 15", "delay > 10"));
    delivered = folder.resolve("delivered");
    try (Lake lake = lake(delivered);
        OnlineStore online = OnlineStores.open("rocksdb:" + delivered.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()))
          .ingest()
          .forEach(runner::run);
    }
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  private static Lake lake(Path path) {
    return Lake.open(path.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  private static Path copyOf(Path lake) throws Exception {
    Path copy = Files.createTempDirectory(folder, "lake");
    Folders.copy(lake, copy);
    return copy;
  }

  private static RunRecord materialize(Path project, Path at) {
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    try (Lake lake = lake(at);
        JobRunner runner = JobRunner.open(lake)) {
      return runner.run(
          FeatureJobs.materialize(
                  FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name())),
                  List.of("driver_history@1"),
                  NIGHT)
              .get(0));
    }
  }

  private static void refuses(Path project, Path at, ErrorCode code, String... parts) {
    assertThatThrownBy(() -> materialize(project, at))
        .hasFieldOrPropertyWithValue("code", code)
        .hasMessageContainingAll(parts);
  }

  private static String fixedBy(Path at) {
    return Meanings.open(at.toString()).fixed(VIEW).orElseThrow().runs().get(0);
  }

  private static Process start(List<String> options, String... words) throws Exception {
    return JavaProcess.of(options, words).redirectError(folder.resolve("errors").toFile()).start();
  }

  private static void requireHalted(Process process) throws Exception {
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    assertThat(ended && process.exitValue() == FailPoints.HALTED)
        .as("it was halted; it said: %s", Files.readString(folder.resolve("errors")))
        .isTrue();
  }

  @Test
  void beforeTheFirstCommitNothingIsBound() throws Exception {
    Path at = copyOf(delivered);
    requireHalted(
        start(
            List.of(
                ITKillPoints.halt(
                    "before features/driver_history_v1/_delta_log/00000000000000000000.json", at)),
            "io.tributary.features.MaterializeMain",
            project.toString(),
            "driver_history@1",
            "--night",
            "2024-01-25",
            "--lake",
            at.toString()));
    assertThat(fixedBy(at)).isNotEmpty();
    try (Stream<Path> kept = Files.list(at.resolve("definitions"))) {
      assertThat(kept.map(Path::toString).filter(f -> f.endsWith(".json"))).isNotEmpty();
    }

    assertThat(materialize(project, copyOf(at)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    Path other = copyOf(at);
    assertThat(materialize(edited, other).outcome()).isEqualTo(Outcome.SUCCEEDED);
    refuses(project, other, ErrorCode.REFUSED, "delay > 10", "tributary amend driver_history@1");
  }

  @Test
  void afterTheFirstCommitItsMeaningIsBoundThoughTheRunWasNotComplete() throws Exception {
    Path at = copyOf(delivered);
    requireHalted(
        start(
            List.of(
                ITKillPoints.halt("after training/first/_delta_log/00000000000000000000.json", at)),
            TwoCommits.class.getName(),
            project.toString(),
            at.toString()));
    assertThat(at.resolve("training/second")).doesNotExist();

    refuses(edited, at, ErrorCode.REFUSED, "run " + fixedBy(at) + " fixed it", "delay > 15");
    assertThat(materialize(project, at).outcome()).isEqualTo(Outcome.SUCCEEDED);
    refuses(edited, at, ErrorCode.REFUSED, "delay > 15");
  }

  @Test
  void whileAProcessWorksAnotherMeaningWaits() throws Exception {
    Path at = copyOf(delivered);
    Process process =
        start(List.of(), TwoCommits.class.getName(), project.toString(), at.toString());
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(said.lines().anyMatch("committed"::equals)).isTrue();
      refuses(edited, at, ErrorCode.CONFLICT, "run " + fixedBy(at) + " is at work", "Wait");
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isZero();
    refuses(edited, at, ErrorCode.REFUSED, "run " + fixedBy(at) + " fixed it");
  }
}
