package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Backend;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelChange;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a breach of actuals to a challenger beside the champion. */
class ITRetraining {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final int NIGHTS = 9;
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  /** A project whose monitor trains again. */
  static CheckedProject write(Path project) throws IOException {
    TinyProject.write(project, NIGHTS);
    edit(
        project.resolve("models/lateness.yaml"),
        "train: 2024-01-02/2024-01-15, validate: 2024-01-15/2024-01-20, test: 2024-01-20/2024-01-25",
        "train: 2024-01-02/2024-01-12, validate: 2024-01-12/2024-01-15, test: 2024-01-15/2024-01-25");
    Path model = project.resolve("models/lateness.yaml");
    Files.writeString(
        model, Files.readString(model) + "margin: 0.01\nretrain: {at-most-every: 3d}\n");
    edit(project.resolve("monitors/lateness.yaml"), "breach: alert", "breach: retrain");
    return CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
  }

  private static void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  /** What a monitor would commit. */
  static void judged(Lake lake, int night, String question, String version) {
    Interval interval = Interval.day(TinyProject.FIRST_NIGHT.plusDays(night), ZONE);
    MonitoringFacts facts =
        new MonitoringFacts(
            Map.of(question, List.of("auc")),
            1,
            List.of(
                new Breach(
                    question,
                    "auc",
                    "auc",
                    0.4,
                    0.5,
                    "of 24 rows",
                    version,
                    question.equals("actuals")
                        ? Optional.of(Interval.dayOf(interval.from(), ZONE))
                        : Optional.empty())),
            Optional.of("retrain"),
            List.of());
    lake.table(TableName.of("monitor", "lateness"))
        .append(
            lake.spark().createDataFrame(List.of(), new StructType().add("question", "string")),
            new CommitFacts(
                RunId.startingAt(Instant.now()),
                JobKey.of("monitor", "lateness", interval),
                1,
                Instant.now(),
                List.of(),
                Digest.of(interval.toString()),
                Optional.of(facts),
                Map.of(),
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                lake.environment(),
                true));
  }

  @Test
  void aBreachOfActualsTrainsAChallengerOnce() throws Exception {
    CheckedProject checked = write(folder.resolve("project"));
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));

      judged(lake, 7, "inputs", "lateness@1");
      assertThat(jobs.followUp()).as("what is broken tonight is not learnt").isEmpty();
      judged(lake, 7, "actuals", "lateness@7");
      assertThat(jobs.followUp()).as("of a version that is in production no more").isEmpty();

      judged(lake, 8, "actuals", "lateness@1");
      assertThat(jobs.followUp())
          .singleElement()
          .asString()
          .startsWith("lateness is trained again on days before 2024-02-02: monitor lateness, ");
      List<RunRecord> runs = new ArrayList<>();
      jobs.retraining().forEach(steps -> steps.forEach(job -> runs.add(runner.run(job))));
      assertThat(runs).extracting(r -> r.key().job()).containsExactly("training-set", "train");
      ModelVersion challenger = registry.find("lateness@2").version();
      assertThat(challenger.parameters().orElseThrow().split().test().asOf())
          .as("the newest day whose labels were mature is the last")
          .contains(Interval.of(day("2024-01-23"), day("2024-02-02")));
      assertThat(challenger.decision()).isPresent();
      assertThat(registry.history("lateness"))
          .extracting(ModelChange::kind)
          .startsWith("registered", "promoted", "retrain-decided", "registered", "compared");
      assertThat(registry.history("lateness").get(4).reason())
          .startsWith("beside @1: auc ")
          .contains("over 10 nights: ");
      assertThat(
              runs.get(1).facts(FitFacts.class).orElseThrow().retraining().orElseThrow().reason())
          .startsWith("actuals, auc auc: 0.4");

      assertThat(jobs.followUp()).isEmpty();
      assertThat(jobs.retraining()).as("compared, so done").isEmpty();
      judged(lake, 6, "actuals", registry.resolve("lateness@production").reference().toString());
      assertThat(jobs.followUp()).as("older nights decide nothing").isEmpty();
      assertThat(runner.run(jobs.train("lateness")).outcome())
          .as("the job of the split as it is written knows its own version")
          .isEqualTo(Outcome.UNCHANGED);
      goesOnWithoutAnotherFit(lake, jobs, runner, registry, challenger);
    }
  }

  /** A process that died between registration and comparison. */
  private static void goesOnWithoutAnotherFit(
      Lake lake, Jobs jobs, JobRunner runner, ModelRegistry registry, ModelVersion challenger) {
    RetrainDecision decision =
        RetrainDecision.of(
            ModelReference.parse(registry.resolve("lateness@production").reference().toString()),
            "production",
            "lateness",
            "2024-02-05",
            Optional.empty(),
            day("2024-02-06"),
            "auc 0.4");
    assertThat(
            registry
                .retrainings()
                .decide(decision, Duration.ofDays(3), Principal.osUser("ada"), ""))
        .isTrue();
    ModelVersion registered =
        registry.register(
            new ModelVersion(
                challenger.model(),
                0,
                challenger.artefact(),
                challenger.metrics(),
                challenger.baselines(),
                challenger.parameters(),
                challenger.admission(),
                Optional.of(ModelEnvironment.current(lake.environment(), Backend.device())),
                challenger.trainingSet(),
                challenger.onlineUse(),
                challenger.definition(),
                challenger.fit(),
                challenger.definitions(),
                Optional.of(RunId.startingAt(Instant.now())),
                Digest.of("later"),
                Optional.of(decision.id()),
                Optional.empty()),
            Principal.osUser("ada"));
    List<List<Job>> left = jobs.retraining();
    assertThat(left).singleElement().asList().hasSize(1);
    Job job = left.get(0).get(0);
    assertThat(runner.run(job).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(registry.models().get("lateness").versions())
        .hasSize(Math.toIntExact(registered.number()));
    // The run that registered it has left no record, and never will.
    assertThat(jobs.retraining()).hasSize(1);
    List<ModelChange> before = registry.history("lateness");
    assertThat(runner.run(job).outcome()).isIn(Outcome.UNCHANGED, Outcome.SUCCEEDED);
    assertThat(registry.history("lateness")).as("compared once").isEqualTo(before);
    assertThat(jobs.retraining()).isEmpty();
    assertThat(RunLog.open(lake.uri()).isRecorded(registered.run().orElseThrow())).isTrue();
  }

  private static Instant day(String date) {
    return LocalDate.parse(date).atStartOfDay(ZONE).toInstant();
  }
}
