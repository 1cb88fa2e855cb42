package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.definitions.ColumnGraph;
import io.tributary.events.definitions.Staleness;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelRegistry;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a lake when definitions are edited: refused, amended, stale, built again. */
class ITDefinitions {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final String HISTORY = "view driver_history@1";
  private static final Interval NIGHT =
      Interval.of(
          TinyProject.FIRST_NIGHT.atStartOfDay(ZoneId.of("Europe/Berlin")).toInstant(),
          TinyProject.FIRST_NIGHT.plusDays(1).atStartOfDay(ZoneId.of("Europe/Berlin")).toInstant());

  @TempDir Path folder;
  private Path project;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void write() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, 1);
  }

  /** The project as its files are now, on the lake. */
  private final class Now implements AutoCloseable {
    final CheckedProject checked;
    final Lake lake;
    final OnlineStore online;
    final JobRunner runner;
    final Jobs jobs;

    Now() {
      Project read = ProjectReader.read(project, Map.of(), Optional.empty());
      checked = CheckedProject.check(read);
      lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
      online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
      runner = JobRunner.open(lake);
      jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
    }

    RunRecord run(Job job) {
      return runner.run(job);
    }

    void ingest() {
      jobs.ingest().forEach(this::run);
    }

    List<Job> history() {
      List<Job> history = new ArrayList<>(jobs.materialize(Optional.of("driver_history@1"), NIGHT));
      history.addAll(jobs.publish(Optional.of("driver_history@1"), NIGHT));
      return history;
    }

    RunRecord train() {
      run(jobs.trainingSetOf("lateness"));
      return run(jobs.train("lateness"));
    }

    Job score() {
      return jobs.score(Optional.of("next"), NIGHT).get(0);
    }

    void all() {
      ingest();
      history().forEach(this::run);
      train();
      run(score());
    }

    List<String> stale() {
      return Staleness.of(lake.definitions(), runner.log().list()).stream()
          .map(Staleness.Stale::toString)
          .toList();
    }

    @Override
    public void close() {
      runner.close();
      online.close();
      lake.close();
    }
  }

  private void edit(String file, String from, String to) throws IOException {
    Path path = project.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to));
  }

  private int amend(String... options) {
    List<String> words =
        new ArrayList<>(
            List.of(project.toString(), "driver_history@1", "--lake", folder + "/lake"));
    words.addAll(List.of(options));
    return JobMain.run("amend", words.toArray(String[]::new), new AmendMain());
  }

  private int run() {
    String[] words = {project.toString(), "--night", "2024-01-25", "--lake", folder + "/lake"};
    return JobMain.run("run", words, new RunMain());
  }

  private static void refuses(Now now, Job job, String... parts) {
    assertThatThrownBy(() -> now.run(job))
        .as("%s", job.key())
        .isInstanceOf(PlatformException.class)
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessageContainingAll(parts);
  }

  @Test
  void anEditUnderTheSameVersionIsRefusedThenAmendedThenStaleThenBuiltAgain() throws IOException {
    try (Now before = new Now()) {
      before.all();
      RunRecord scored = before.runner.log().list(before.score().key()).get(0);
      assertThat(scored.definitions().keySet())
          .contains("scores next", "training-set lateness", HISTORY, "source rides");
      scored
          .definitions()
          .forEach(
              (name, digest) ->
                  assertThat(before.lake.definitions().store().read(digest).reference())
                      .isEqualTo(name));
      assertThat(before.stale()).isEmpty();
      assertThat(before.run(before.score()).outcome()).isEqualTo(Outcome.UNCHANGED);
    }

    edit("features/driver_history.yaml", "delay > 15", "delay > 10");
    try (Now edited = new Now()) {
      List<Job> all = new ArrayList<>(edited.history());
      all.add(edited.jobs.trainingSetOf("lateness"));
      all.add(edited.jobs.train("lateness"));
      all.add(edited.score());
      all.addAll(edited.jobs.monitor(Optional.of("lateness"), NIGHT));
      for (Job job : all) {
        refuses(
            edited,
            job,
            "Cannot run " + job.key() + ": view driver_history@1 (features/driver_history.yaml)",
            "\n  features/driver_history.yaml\n    -",
            "delay > 15",
            "delay > 10",
            "driver_history@2",
            "tributary amend driver_history@1 --reason");
      }
      FeatureStore store = FeatureStore.open(edited.checked, edited.lake);
      ViewId view = ViewId.parse("driver_history@1");
      assertThatThrownBy(
              () ->
                  store.explain(
                      view,
                      "late_share",
                      Map.of("driver", "a"),
                      NIGHT.to(),
                      store
                          .pins()
                          .ofViews(
                              List.of(new ViewUse(view, Map.of(), Optional.empty(), List.of())))))
          .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED);

      assertThat(amend("--reason", "fifteen was a typing error")).isZero();
      assertThat(amend("--reason", "again")).as("nothing to amend").isEqualTo(2);
      assertThat(edited.stale())
          .containsExactlyInAnyOrder(
              "snapshots of driver_history@1 (" + HISTORY + ")",
              "publications of driver_history@1 (" + HISTORY + ")",
              "training set lateness (" + HISTORY + ")",
              "model lateness@1 (" + HISTORY + ")",
              "scores of next (" + HISTORY + ")");

      edited.history().forEach(edited::run);
      refuses(
          edited,
          edited.score(),
          "Cannot use lateness@1: it was trained on another meaning of view driver_history@1",
          "fifteen was a typing error");
      edited.train();
      TinyProject.promote(edited.lake, 2);
      edited.run(edited.score());
      assertThat(edited.stale()).containsExactly("model lateness@1 (" + HISTORY + ")");
    }

    edit("models/lateness.yaml", "epochs: 2", "epochs: 3");
    try (Now after = new Now()) {
      ModelRegistry registry = ModelRegistry.open(after.lake.uri());
      Principal ada = Principal.osUser("ada");
      assertThatThrownBy(() -> registry.resolveOnline("lateness@1"))
          .hasMessageContaining("Cannot use lateness@1: it was trained on another meaning");
      assertThatThrownBy(() -> registry.rollback("lateness", "production", ada, "worse"))
          .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
          .hasMessageContaining("--accept-model lateness@1");
      assertThat(amend("--reason", "no matter", "--accept-model", "lateness@9")).isEqualTo(2);
      assertThat(amend("--reason", "close enough", "--accept-model", "lateness@1")).isZero();
      assertThat(after.stale()).isEmpty();
      registry.rollback("lateness", "production", ada, "worse");
      RunRecord scored = after.run(after.score());
      assertThat(scored.outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(
              ColumnGraph.of(
                      scored.definitions().get("scores next"),
                      after.lake.definitions().store()::read)
                  .edges())
          .isNotEmpty();
      assertThat(scored.definitions().get("model lateness"))
          .as("what scored, not what the project would train")
          .isEqualTo(registry.find("lateness@1").version().definitions().get("model lateness"));
    }
  }

  @Test
  void anEditOfASourceThatChangesAViewNamesBothFiles() throws IOException {
    try (Now before = new Now()) {
      before.ingest();
      before.history().forEach(before::run);
    }
    edit("sources/rides.yaml", "starts + interval 1 hour", "starts + interval 2 hours");
    try (Now edited = new Now()) {
      edited.ingest();
      refuses(
          edited,
          edited.history().get(0),
          "view driver_history@1 (features/driver_history.yaml)",
          "\n  sources/rides.yaml\n",
          "    - known-time: starts + interval 1 hour",
          "    + known-time: starts + interval 2 hours");
      assertThat(edited.stale()).isEmpty();
      int recorded = edited.runner.log().list().size();
      assertThat(run()).as("run is refused before it does anything").isEqualTo(2);
      assertThat(RunLog.open(edited.lake.uri()).list()).hasSize(recorded);
    }
    assertThat(amend("--reason", "known an hour later")).isZero();
    try (Now amended = new Now()) {
      assertThat(amended.stale()).contains("snapshots of driver_history@1 (source rides)");
    }
  }

  @Test
  void wordsCommentsAndWhatAViewDoesNotReadChangeNothing() throws IOException {
    try (Now before = new Now()) {
      before.ingest();
      before.history().forEach(before::run);
    }
    edit(
        "features/driver_history.yaml",
        "entity: [driver]",
        "description: How late they were.\nowner: ada\nentity: [driver] # who\n");
    edit("sources/plan.yaml", "source: plan", "source: plan\ndescription: What is planned.");
    try (Now edited = new Now()) {
      for (Job job : edited.history()) {
        assertThat(edited.run(job).outcome()).isEqualTo(Outcome.UNCHANGED);
      }
      assertThat(edited.stale()).isEmpty();
    }
  }

  @Test
  void aMeaningThatNothingWasBuiltWithBindsNobody() throws IOException {
    try (Now before = new Now()) {
      before.ingest();
      Job failing = new Failing(before.history().get(0));
      assertThatThrownBy(() -> before.run(failing)).hasMessage("killed");
      assertThat(before.lake.definitions().meanings().fixed(HISTORY)).isPresent();
      try (Stream<Path> kept = Files.list(folder.resolve("lake/definitions"))) {
        assertThat(kept.filter(f -> f.toString().endsWith(".json"))).isNotEmpty();
      }
    }
    edit("features/driver_history.yaml", "delay > 15", "delay > 10");
    try (Now edited = new Now()) {
      assertThat(edited.run(edited.history().get(0)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }
    edit("features/driver_history.yaml", "delay > 10", "delay > 15");
    try (Now back = new Now()) {
      refuses(back, back.history().get(0), "delay > 10");
    }
  }

  @Test
  void aDraftChangesFreelyAndNoModelOfItIsPromoted() throws IOException {
    edit("features/driver_history.yaml", "entity:", "status: draft\nentity:");
    try (Now draft = new Now()) {
      draft.ingest();
      draft.history().forEach(draft::run);
      draft.train();
      assertThat(ModelRegistry.open(draft.lake.uri()).models().get("lateness").aliases()).isEmpty();
      assertThatThrownBy(
              () ->
                  ModelRegistry.open(draft.lake.uri())
                      .promote("lateness", 1, "production", Principal.osUser("ada"), "now"))
          .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
          .hasMessageContaining("driver_history@1, which is a draft");
      assertThat(draft.train().outcome()).isEqualTo(Outcome.UNCHANGED);
    }
    edit("features/driver_history.yaml", "delay > 15", "delay > 10");
    try (Now edited = new Now()) {
      edited.history().forEach(edited::run);
      assertThat(edited.stale()).contains("training set lateness (" + HISTORY + ")");
      edited.train();
    }
    edit("features/driver_history.yaml", "status: draft", "status: active");
    try (Now active = new Now()) {
      active.train();
      assertThat(
              ModelRegistry.open(active.lake.uri())
                  .models()
                  .get("lateness")
                  .aliases()
                  .get("production")
                  .number())
          .isEqualTo(2);
      assertThat(active.lake.definitions().meanings().fixed(HISTORY).orElseThrow().meaning())
          .isEqualTo(
              active.checked.definitions(List.of(HISTORY)).stream()
                  .filter(d -> d.kind().equals(Definition.VIEW))
                  .findFirst()
                  .orElseThrow()
                  .meaningDigest());
    }
  }

  /** A job whose process ends before its first commit. */
  private record Failing(Job job) implements Job {
    @Override
    public io.tributary.core.JobKey key() {
      return job.key();
    }

    @Override
    public List<io.tributary.core.Pin> inputs() {
      return job.inputs();
    }

    @Override
    public io.tributary.core.Digest definition() {
      return job.definition();
    }

    @Override
    public List<Definition> definitions() {
      return job.definitions();
    }

    @Override
    public Optional<io.tributary.core.TableName> commitPoint() {
      return job.commitPoint();
    }

    @Override
    public void run(io.tributary.runtime.Attempt attempt) {
      throw new IllegalStateException("killed");
    }
  }
}
