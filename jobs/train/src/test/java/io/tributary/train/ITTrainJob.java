package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.definition.Model;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.ModelBundle;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ITTrainJob {
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final TableName TABLE = TableName.of("training", "lateness");

  private static LakeSession session;
  private static CheckedProject project;

  @TempDir Path folder;
  private Lake lake;
  private ModelRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
    Path definitions =
        Path.of(ITTrainJob.class.getResource("/rides/tributary.yaml").toURI()).getParent();
    project = CheckedProject.check(ProjectReader.read(definitions, Map.of(), Optional.empty()));
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void open() {
    lake = Lake.open(folder.toString(), Duration.ofDays(30), session);
    registry = ModelRegistry.open(lake.uri());
  }

  /**
   * A build of the training set: forty rows a day, late the more often the later the driver has
   * been.
   */
  private void build(long seed, Digest definition) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < 31 * 40; id++) {
      Instant starts = FIRST.plusSeconds(2_160L * id);
      double share = random.nextDouble();
      boolean late = random.nextDouble() < share;
      rows.add(
          RowFactory.create(
              id,
              "d" + id % 3,
              id % 17 + 0.5,
              Timestamp.from(starts),
              Timestamp.from(starts.minusSeconds(3_600)),
              (long) (id % 9),
              share,
              id % 24,
              id % 17 + 0.5,
              late));
    }
    CommitFacts facts =
        new CommitFacts(
            RunId.startingAt(FIRST),
            JobKey.of("training-set", "lateness"),
            1,
            FIRST,
            List.of(),
            Digest.of("rides" + seed),
            Optional.of(
                new TrainingSetFacts(
                    7,
                    rows.size(),
                    Digest.of("content"),
                    Optional.empty(),
                    List.of(),
                    new LabelCounts(rows.size(), 0, 0, 0, 0),
                    new SharedEvents(Map.of(), Map.of()),
                    new JoinCounts(
                        rows.size(),
                        rows.size(),
                        0,
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of()),
                    List.of(),
                    Map.of("training-set lateness", definition))),
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            new Environment("unknown", false, "17", "Linux", "ada", "here"),
            true);
    lake.table(TABLE)
        .replace(lake.spark().createDataFrame(rows, project.trainingSetSchema("lateness")), facts);
  }

  private void build(long seed) {
    build(seed, project.trainingSet("lateness").digest());
  }

  private RunRecord train(Optional<String> alias) {
    Model model = project.model("lateness").definition();
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(new TrainJob(FeatureStore.open(project, lake), model, alias));
    }
  }

  @Test
  void registersAndPromotesAnAdmittedModel() {
    build(1);
    RunRecord record = train(Optional.of("production"));
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    FitFacts facts = record.facts(FitFacts.class).orElseThrow();
    assertThat(facts.model()).isEqualTo("lateness@1");
    assertThat(facts.admitted()).isTrue();
    assertThat(facts.promoted()).contains("production");
    ModelVersion version = registry.resolve("lateness@production");
    assertThat(version.number()).isEqualTo(1);
    assertThat(version.run()).isEqualTo(record.run());
    assertThat(version.metrics()).containsKeys("auc", "log-loss", "brier", "calibration");
    assertThat(version.metrics().get("auc")).isGreaterThan(0.7);
    assertThat(version.baselines()).containsOnlyKeys("constant", "logistic");
    assertThat(version.trainingSet().toString()).isEqualTo("lateness@7");
    assertThat(version.trainingSet().content()).isEqualTo(Digest.of("content"));
    assertThat(version.trainingSet().table()).isEqualTo(lake.find(TABLE).orElseThrow());
    assertThat(version.parameters())
        .containsEntry("network", List.of("dense(8, relu)"))
        .containsEntry("seed", 1);
    assertThat(version.environment().dependencies()).isNotEmpty();
    assertThat(version.environment().device()).contains("OMP_NUM_THREADS 1");
    assertThat(version.onlineUse().orElseThrow())
        .isEqualTo(
            new OnlineUse(
                false,
                List.of(
                    new OnlineUse.View(
                        "driver_history",
                        "driver_history@1",
                        OnlineUse.Accuracy.EXACT,
                        true,
                        Optional.empty(),
                        "no pipeline publishes it by a schedule"),
                    new OnlineUse.View(
                        "clock",
                        "clock@1",
                        OnlineUse.Accuracy.REQUEST,
                        false,
                        Optional.of(Duration.ZERO),
                        "request"))));
    ModelBundle bundle = ModelBundle.of(registry.artefact(version), version.artefact().digest());
    assertThat(bundle.signature().inputs())
        .extracting(input -> input.column())
        .contains("driver", "driver_history__late_share_7d");
  }

  @Test
  void unchangedTrainingSetIsNotTrainedOnAgainAndAnotherOneIs() {
    build(1);
    train(Optional.of("production"));
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
    build(2);
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(2);
  }

  @Test
  void sameRowsGiveTheSameArtefact() {
    build(1);
    train(Optional.of("production"));
    build(1);
    train(Optional.of("production"));
    assertThat(registry.models().get("lateness").versions())
        .extracting(version -> version.version().artefact().digest())
        .hasSize(2)
        .containsOnly(registry.resolve("lateness@1").artefact().digest());
  }

  @Test
  void modelWithoutAliasIsRegisteredOnly() {
    build(1);
    assertThat(train(Optional.empty()).facts(FitFacts.class).orElseThrow().promoted()).isEmpty();
    assertThat(registry.models().get("lateness").aliases()).isEmpty();
    assertThat(registry.models().get("lateness").versions()).hasSize(1);
  }

  @Test
  void versionThatWasNotYetPromotedIsPromotedWithoutAnotherFit() {
    build(1);
    train(Optional.empty());
    RunRecord record = train(Optional.of("production"));
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    FitFacts facts = record.facts(FitFacts.class).orElseThrow();
    assertThat(facts.promoted()).contains("production");
    assertThat(facts.rows()).isEmpty();
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(1);
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void refusesATrainingSetThatIsMissingOrOfAnotherDefinition() {
    assertThatThrownBy(() -> train(Optional.empty()))
        .hasMessage(
            "Cannot train model lateness: its training set lateness has not been built. Build it first: tributary training-set.");
    build(1, Digest.of("another"));
    assertThatThrownBy(() -> train(Optional.empty()))
        .hasMessageContaining(
            "training set lateness was built from another definition than the present one");
    assertThat(registry.models()).isEmpty();
  }
}
