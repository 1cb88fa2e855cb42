package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedModel;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.ModelVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ITScoreJob {
  private static final Interval NIGHT =
      Interval.of(Instant.parse("2024-01-10T00:00:00Z"), Instant.parse("2024-01-11T00:00:00Z"));
  private static final Interval NEXT =
      Interval.of(Instant.parse("2024-01-11T00:00:00Z"), Instant.parse("2024-01-12T00:00:00Z"));
  private static final TableName SCORES = TableName.of("scores", "next");

  private static LakeSession session;
  private static CheckedProject project;
  private static CheckedModel model;
  private static ModelBundle first;
  private static ModelBundle second;

  @TempDir Path folder;
  private Lake lake;

  @BeforeAll
  static void start() throws Exception {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "3"));
    project = Rides.project();
    model = project.model("lateness");
    first = Rides.bundle(Rides.signature(model), 1);
    second = Rides.bundle(Rides.signature(model), 2);
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void open() {
    lake = Lake.open(folder.toString(), Duration.ofDays(30), session);
    Rides.load(lake);
  }

  private RunRecord score(Interval interval) {
    return score(interval, 0);
  }

  private RunRecord score(Interval interval, int partitions) {
    FeatureStore store = FeatureStore.open(project, lake);
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(
          new ScoreJob(
              partitions == 0 ? store : store.withPartitions(partitions),
              project.scores("next").definition(),
              interval));
    }
  }

  private Dataset<Row> scored() {
    return lake.table(SCORES).read(lake.table(SCORES).requireVersion()).orderBy("id");
  }

  private ModelVersion inProduction(ModelBundle bundle) {
    ModelVersion version = Rides.register(lake, model, bundle);
    Rides.promote(lake, version);
    return version;
  }

  @Test
  void writesARowForEachThatAsksInTheInterval() {
    ModelVersion version = inProduction(first);
    RunRecord record = score(NIGHT);
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    ScoringFacts facts = record.facts(ScoringFacts.class).orElseThrow();
    assertThat(facts.rows()).isEqualTo(24);
    assertThat(facts.model()).isEqualTo("lateness@1");
    assertThat(scored().columns())
        .containsExactly(
            "id",
            "driver",
            "kilometres",
            "starts",
            "_as_of",
            "score",
            "decision",
            "model",
            "model_version",
            "artefact",
            "_run",
            "_interval_from",
            "inputs");
    List<Row> rows = scored().collectAsList();
    assertThat(rows).hasSize(24);
    for (Row row : rows) {
      Instant asOf = row.getTimestamp(row.fieldIndex("_as_of")).toInstant();
      assertThat(NIGHT.contains(asOf)).isTrue();
      assertThat(asOf).isEqualTo(Rides.starts(row.getInt(0)).minusSeconds(3_600));
      assertThat(row.<Long>getAs("model_version")).isEqualTo(1);
      assertThat(row.<String>getAs("artefact")).isEqualTo(version.artefact().digest().hex());
      assertThat(row.<String>getAs("_run")).isEqualTo(record.run().text());
      assertThat(row.getTimestamp(row.fieldIndex("_interval_from")).toInstant())
          .isEqualTo(NIGHT.from());
      assertThat(row.<Boolean>getAs("decision")).isEqualTo(row.<Double>getAs("score") > 0.42);
      Row inputs = row.getStruct(row.fieldIndex("inputs"));
      assertThat(inputs.<Double>getAs("clock__kilometres"))
          .isEqualTo(Rides.kilometres(row.getInt(0)));
      assertThat(inputs.<Long>getAs("driver_history__rides_7d")).isEqualTo(56);
    }
    assertThat(rows.stream().map(row -> row.getAs("decision")).distinct()).hasSize(2);
  }

  @Test
  void scoreIsTheModelsOfTheStoredInputs() {
    inProduction(first);
    score(NIGHT);
    TrainedModel trained = TrainedModel.open(first);
    List<Row> rows = scored().collectAsList();
    InputRows inputs = trained.rows();
    for (Row row : rows) {
      inputs.append();
      Row stored = row.getStruct(row.fieldIndex("inputs"));
      for (int i = 0; i < stored.size(); i++) {
        inputs.value(i, stored.get(i));
      }
    }
    double[] expected = trained.score(inputs);
    for (int k = 0; k < expected.length; k++) {
      assertThat(rows.get(k).<Double>getAs("score")).isEqualTo(expected[k]);
    }
  }

  @Test
  void secondRunIsUnchangedAndPartitionsChangeNothing() {
    inProduction(first);
    score(NIGHT, 1);
    List<Row> before = scored().drop("_run").collectAsList();
    assertThat(score(NIGHT).outcome()).isEqualTo(Outcome.UNCHANGED);
    Rides.promote(lake, Rides.register(lake, model, second));
    assertThat(score(NIGHT).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(scored().drop("_run").collectAsList()).isNotEqualTo(before).hasSameSizeAs(before);
    Rides.promote(lake, Rides.register(lake, model, first));
    score(NIGHT, 7);
    assertThat(scored().drop("_run").collectAsList()).isEqualTo(before);
  }

  @Test
  void replacesExactlyItsInterval() {
    inProduction(first);
    score(NIGHT);
    score(NEXT);
    assertThat(scored().count()).isEqualTo(48);
    Rides.promote(lake, Rides.register(lake, model, second));
    score(NIGHT);
    assertThat(scored().where("model_version = 1").count()).isEqualTo(24);
    assertThat(
            scored()
                .where("model_version = 2 and _as_of < timestamp'2024-01-11T00:00:00Z'")
                .count())
        .isEqualTo(24);
  }

  @Test
  void anIntervalWithoutRowsIsScoredToo() {
    inProduction(first);
    RunRecord record =
        score(
            Interval.of(
                Instant.parse("2025-01-01T00:00:00Z"), Instant.parse("2025-01-02T00:00:00Z")));
    assertThat(record.facts(ScoringFacts.class).orElseThrow().rows()).isZero();
    assertThat(scored().count()).isZero();
  }

  @Test
  void lineageLeadsFromScoresToModelAndRides() {
    inProduction(first);
    RunRecord record = score(NIGHT);
    assertThat(record.inputs())
        .extracting(pin -> pin.version().table())
        .containsExactly(TableName.of("validated", "rides"));
    assertThat(
            Lineage.open(lake.uri())
                .upstream(LineageNode.table(record.outputs().get(0)))
                .toString())
        .contains(LineageNode.model("lateness", 1).toString());
  }

  @Test
  void refusesAModelThatIsNotRegistered() {
    assertThatThrownBy(() -> score(NIGHT))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("no model \"lateness\" is registered");
    Rides.register(lake, model, first);
    assertThatThrownBy(() -> score(NIGHT)).hasMessageContaining("lateness has no alias yet");
    assertThat(lake.find(SCORES)).isEmpty();
  }

  @Test
  void refusesAnAlteredArtefact() throws Exception {
    ModelVersion version = inProduction(first);
    Path file = folder.resolve(version.artefact().path()).resolve("network.zip");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> score(NIGHT))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("Cannot use artefact " + version.artefact().digest());
    assertThat(lake.find(SCORES)).isEmpty();
  }

  @Test
  void refusesRowsThatAreNotWhatTheModelWasTrainedOn() {
    Dataset<Row> rows =
        lake.spark().range(3).selectExpr("'d1' as driver", "1 as driver_history__rides_7d");
    assertThatThrownBy(() -> Scoring.score(rows, first, java.util.Optional.empty()))
        .hasMessageContaining("column driver_history__rides_7d is int, not bigint")
        .hasMessageContaining("no column clock__hour");
  }
}
