package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.FailPoints;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.features.TrainingSetJob;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.LakeTable;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The build of a training set whose rows ask every so often, whose label is an outcome over an
 * interval, and one of whose views is read from its snapshots: killed just before or just after a
 * file becomes part of what is stored, and begun again, it leaves what an undisturbed one leaves.
 */
class ITKilledBuilds {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final TableName TABLE = TableName.of("training", "busy");

  @TempDir static Path folder;
  private static Path project;
  private static CheckedProject checked;
  private static final Set<String> POINTS = new LinkedHashSet<>();
  private static Map<String, String> undisturbed;

  @BeforeAll
  static void build() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, 1);
    Files.writeString(
        project.resolve("features/served.yaml"),
        """
        view: served@1
        entity: [driver]
        source: rides
        accuracy: snapshot
        publish-delay: 1h
        max-staleness: 30h
        features:
          rides: count(*) over 7d
        """);
    Files.writeString(
        project.resolve("training-sets/busy.yaml"),
        """
        training-set: busy
        rows:
          source: rides
          every: 6h
          entity: [driver]
        label:
          name: busy
          value: count(*) > 7 from rides
          during: "(0d, 1d]"
          maturity: 1h
          keys: [driver]
        features:
          - driver_history@1
          - served@1
        """);
    checked = CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    Path at = folder.resolve("undisturbed");
    try (Lake lake = lake(at);
        OnlineStore online = OnlineStores.open("rocksdb:" + at.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      Interval january = Interval.parse("2024-01-09T23:00:00Z/2024-01-14T23:00:00Z");
      jobs.materialize(Optional.of("served@1"), january).forEach(runner::run);
    }
    Folders.copy(at, folder.resolve("before"));
    Path list = folder.resolve("instants");
    System.setProperty(FailPoints.INSTANTS, list.toString());
    try {
      assertThat(buildAgain(at).outcome()).isEqualTo(Outcome.SUCCEEDED);
    } finally {
      System.clearProperty(FailPoints.INSTANTS);
    }
    Files.readAllLines(list).forEach(i -> POINTS.add(ITKillPoints.relative(i, at)));
    undisturbed = contents(at);
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void theInstantBeforeTheTableIsThereLeavesWhatAnUndisturbedBuildLeaves() throws Exception {
    assertThat(killedAndBuiltAgain(point("before training/busy/_delta_log/"))).isEmpty();
  }

  @Test
  @Tag("long")
  void eachInstantLeavesWhatAnUndisturbedBuildLeaves() throws Exception {
    assertThat(POINTS).hasSizeGreaterThan(3);
    List<String> differences = new ArrayList<>();
    for (String point : POINTS) {
      differences.addAll(killedAndBuiltAgain(point));
    }
    assertThat(differences).isEmpty();
  }

  private static String point(String text) {
    return POINTS.stream()
        .filter(p -> p.startsWith(text))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no point " + text + " in " + POINTS));
  }

  private static List<String> killedAndBuiltAgain(String point) throws Exception {
    // A path of its own: this process keeps what it has read of a table by its path.
    Path at = Files.createTempDirectory(folder, "point");
    Folders.copy(folder.resolve("before"), at);
    ITKillPoints.haltedAt(
        point,
        at,
        "io.tributary.features.TrainingSetMain",
        project.toString(),
        "busy",
        "--lake",
        at.toString());
    buildAgain(at);
    List<String> differences = new ArrayList<>();
    if (buildAgain(at).outcome() != Outcome.UNCHANGED) {
      differences.add(point + ": is built a third time");
    }
    Map<String, String> found = contents(at);
    if (!found.equals(undisturbed)) {
      differences.add(point + ": " + found + ", not " + undisturbed);
    }
    return differences;
  }

  private static RunRecord buildAgain(Path at) {
    try (Lake lake = lake(at);
        JobRunner runner = JobRunner.open(lake)) {
      return runner.run(
          TrainingSetJob.of(
              FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name())),
              checked.trainingSet("busy").definition()));
    }
  }

  private static Map<String, String> contents(Path at) {
    Map<String, String> contents = new TreeMap<>();
    try (Lake lake = lake(at)) {
      LakeTable table = lake.table(TABLE);
      ContentDigest digest = ContentDigest.of(table.read(table.requireVersion()));
      assertThat(digest.rows()).isGreaterThan(100);
      contents.put("rows", digest.rows() + " " + digest.digest());
      contents.put("version", "" + table.requireVersion().version());
      contents.put("snapshots", "" + lake.table("features.served_v1").requireVersion().version());
      contents.put("succeeded", "" + Contents.succeeded(lake));
    }
    return contents;
  }

  private static Lake lake(Path path) {
    return Lake.open(path.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }
}
