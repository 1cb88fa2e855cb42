package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelChange;
import io.tributary.registry.ModelRegistry;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small world that turns over: who used to be late is on time from one day on, and the others are
 * late. Its nights are run by the command, and nobody does anything else.
 */
class ITRetrainedNights {
  private static final int NIGHTS = 18;
  private static final LocalDate TURNS = TinyProject.FIRST_NIGHT.plusDays(1);

  @TempDir Path folder;

  private Path project() throws IOException {
    Path project = folder.resolve("project");
    TinyProject.write(project, NIGHTS);
    edit(project.resolve("pipelines/nightly.yaml"), "  - materialize\n  - publish\n", "");
    edit(
        project.resolve("training-sets/lateness.yaml"),
        "  - driver_history@1\n  - last_ride@1\n",
        "  - driver@1\n");
    Path model = project.resolve("models/lateness.yaml");
    edit(
        model,
        "train: 2024-01-02/2024-01-15, validate: 2024-01-15/2024-01-20, test: 2024-01-20/2024-01-25",
        "train: 2024-01-10/2024-01-15, validate: 2024-01-15/2024-01-17, test: 2024-01-17/2024-01-25");
    edit(model, "  driver: one-hot\n", "  driver: one-hot\n  driver__town: one-hot\n");
    edit(
        model,
        "learning-rate: 0.01, batch: 64, epochs: 2, patience: 2",
        "learning-rate: 0.05, batch: 32, epochs: 30, patience: 30");
    Files.writeString(
        model, Files.readString(model) + "margin: 0.01\nretrain: {at-most-every: 3d}\n");
    Path monitor = project.resolve("monitors/lateness.yaml");
    edit(monitor, "auc-drop: 0.5", "auc-drop: 0.1");
    edit(monitor, "breach: alert", "breach: retrain\nwindow: 8");
    Files.writeString(project.resolve("data/rides.csv"), rides());
    return project;
  }

  private static void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  private static String rides() {
    StringBuilder csv = new StringBuilder("id,driver,kilometres,starts,delay\n");
    Instant first = Instant.parse("2024-01-01T00:00:00Z");
    for (int id = 0; id < 24 * (25 + NIGHTS); id++) {
      SplittableRandom random = new SplittableRandom(id);
      String driver = List.of("a", "b", "c").get(random.nextInt(3));
      Instant starts = first.plus(Duration.ofHours(id));
      boolean turned = !starts.isBefore(Instant.parse(TURNS + "T00:00:00Z"));
      int most = driver.equals("a") == turned ? 20 : 60;
      csv.append("%d,%s,%s,%s,%d%n".formatted(id, driver, 3.5, starts, random.nextInt(most)));
    }
    return csv.toString();
  }

  private void run(Path project, String... nights) {
    List<String> words = new ArrayList<>(List.of(project.toString(), "--lake", lake()));
    words.addAll(List.of(nights));
    assertThat(JobMain.run("run", words.toArray(String[]::new), new RunMain())).isZero();
  }

  /** What a model's author does before there are nights. */
  private void prepare(Path project) {
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(lake())));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lake(), Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + lake() + "/online");
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.spark);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
    }
  }

  private String lake() {
    return folder.resolve("lake").toString();
  }

  @Test
  @Tag("long")
  void aModelThatTheWorldHasLeftBehindIsTrainedAgainUntilItKnowsBetter() throws Exception {
    Path project = project();
    prepare(project);
    for (int night = 0; night < 6; night++) {
      run(project, "--night", TinyProject.FIRST_NIGHT.plusDays(night).toString());
    }
    run(
        project,
        "--from",
        TinyProject.FIRST_NIGHT.plusDays(6).toString(),
        "--to",
        TinyProject.FIRST_NIGHT.plusDays(NIGHTS).toString());

    ModelRegistry registry = ModelRegistry.open(lake());
    List<ModelChange> history = registry.history("lateness");
    assertThat(history)
        .extracting(ModelChange::kind)
        .containsSubsequence(
            "registered", "promoted", "retrain-decided", "registered", "compared", "promoted");
    assertThat(history)
        .filteredOn(change -> change.kind().equals("retrain-decided"))
        .hasSizeGreaterThan(1)
        .allSatisfy(
            change ->
                assertThat(change.reason())
                    .startsWith("monitor lateness, 2024-")
                    .contains(": auc over "));
    List<FitFacts.Retraining> again =
        RunLog.open(lake()).list().stream()
            .flatMap(run -> run.facts(FitFacts.class).stream())
            .flatMap(fit -> fit.retraining().stream())
            .toList();
    assertThat(again)
        .allSatisfy(
            r ->
                assertThat(r.followed().startsWith("promoted to production"))
                    .isEqualTo(r.comparison().contains("surely not worse")));

    assertThat(again.get(0).followed())
        .as("it has learnt from the world as it was")
        .startsWith("not");
    assertThat(again).anyMatch(r -> r.followed().startsWith("promoted"));
    assertThat(registry.resolve("lateness@production").decision()).isPresent();

    run(project, "--night", TinyProject.FIRST_NIGHT.plusDays(NIGHTS - 1).toString());
    assertThat(registry.history("lateness")).as("nothing is done twice").isEqualTo(history);
    assertThat(RunLog.open(lake()).list())
        .filteredOn(run -> run.outcome().name().equals("FAILED"))
        .extracting(RunRecord::message)
        .isEmpty();
  }
}
