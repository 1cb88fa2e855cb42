package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.FailPoints;
import io.tributary.core.RunnerChoice;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
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
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What follows from a breach of actuals, the decision, the rows, the challenger, its comparison and
 * perhaps its promotion: killed just before or just after a file becomes part of what is stored,
 * and begun again, it leaves what an undisturbed one leaves.
 */
@Tag("long")
class ITKilledRetraining {
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir static Path folder;
  private static Path project;
  private static CheckedProject checked;
  private static final Set<String> POINTS = new LinkedHashSet<>();
  private static Map<String, String> undisturbed;

  @BeforeAll
  static void breach() throws IOException {
    project = folder.resolve("project");
    checked = ITRetraining.write(project);
    Path at = folder.resolve("undisturbed");
    try (Lake lake = lake(at);
        OnlineStore online = OnlineStores.open("rocksdb:" + at.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      ITRetraining.judged(lake, 8, "actuals", "lateness@1");
    }
    Folders.copy(at, folder.resolve("before"));
    Path list = folder.resolve("instants");
    System.setProperty(FailPoints.INSTANTS, list.toString());
    try {
      assertThat(retrain(at)).isTrue();
    } finally {
      System.clearProperty(FailPoints.INSTANTS);
    }
    Files.readAllLines(list).forEach(i -> POINTS.add(ITKillPoints.relative(i, at)));
    undisturbed = contents(at);
    assertThat(undisturbed.get("history")).contains("retrain-decided").contains("compared");
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void eachInstantLeavesWhatAnUndisturbedOneLeaves() throws Exception {
    List<String> differences = new ArrayList<>();
    for (String point : POINTS) {
      differences.addAll(killedAndDoneAgain(point));
    }
    assertThat(POINTS.stream().filter(p -> p.contains("platform/registry/_delta_log/")))
        .as("decided, registered, compared")
        .hasSizeGreaterThan(5);
    assertThat(differences).isEmpty();
  }

  private static List<String> killedAndDoneAgain(String point) throws Exception {
    // A path of its own: this process keeps what it has read of a table by its path.
    Path at = Files.createTempDirectory(folder, "point");
    Folders.copy(folder.resolve("before"), at);
    ITKillPoints.haltedAt(
        point,
        at,
        "io.tributary.pipeline.RetrainMain",
        project.toString(),
        "--lake",
        at.toString());
    retrain(at);
    // Of a challenger that was registered by a run that left no record the next one says so.
    retrain(at);
    List<String> differences = new ArrayList<>();
    if (retrain(at)) {
      differences.add(point + ": is not done");
    }
    Map<String, String> found = contents(at);
    undisturbed.forEach(
        (what, expected) -> {
          if (!expected.equals(found.get(what))) {
            differences.add(point + ": " + what + " is " + found.get(what) + ", not " + expected);
          }
        });
    Folders.delete(at);
    return differences;
  }

  /**
   * @return whether there was something to do
   */
  private static boolean retrain(Path at) {
    try (Lake lake = lake(at);
        OnlineStore online = OnlineStores.open("rocksdb:" + at.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      boolean decided = !jobs.followUp().isEmpty();
      var steps = jobs.retraining();
      steps.forEach(of -> of.forEach(runner::run));
      return decided || !steps.isEmpty();
    }
  }

  private static Map<String, String> contents(Path at) {
    Map<String, String> contents = new TreeMap<>();
    try (Lake lake = lake(at)) {
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      ModelVersion challenger = registry.find("lateness@2").version();
      contents.put(
          "history",
          registry.history("lateness").stream()
              .map(change -> change.kind() + " " + change.reason())
              .toList()
              .toString());
      contents.put("production", "" + registry.find("lateness@production").version().number());
      contents.put("versions", "" + registry.models().get("lateness").versions().size());
      contents.put("challenger", challenger.artefact() + " " + challenger.metrics());
      contents.put("rows", "" + Contents.of(lake));
      Map<String, String> succeeded = new TreeMap<>(Contents.succeeded(lake));
      // No run left the commit that stands for a night's: a repair makes a record of it.
      succeeded.keySet().removeIf(key -> key.startsWith("monitor "));
      contents.put("succeeded", "" + succeeded);
    }
    return contents;
  }

  private static Jobs jobs(Lake lake, OnlineStore online) {
    return new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
  }

  private static Lake lake(Path path) {
    return Lake.open(path.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }
}
