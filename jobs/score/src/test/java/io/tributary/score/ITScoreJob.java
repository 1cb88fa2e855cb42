package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Registrar;
import io.tributary.registry.Registration;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.OnnxLogistic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
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
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
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

  private static double score(Row row) {
    return row.<Row>getAs("output").<Double>getAs("probability");
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
            "_prediction_id",
            "_as_of",
            "_role",
            "_scoring",
            "_scored_at",
            "_channel",
            "_request_id",
            "output",
            "decision",
            "flags",
            "model",
            "model_version",
            "artefact",
            "_run",
            "id",
            "driver",
            "kilometres",
            "starts",
            "_inputs_digest",
            "inputs");
    List<Row> rows = scored().collectAsList();
    assertThat(rows).hasSize(24);
    for (Row row : rows) {
      Instant asOf = row.getTimestamp(row.fieldIndex("_as_of")).toInstant();
      assertThat(NIGHT.contains(asOf)).isTrue();
      assertThat(asOf).isEqualTo(Rides.starts(row.<Integer>getAs("id")).minusSeconds(3_600));
      assertThat(row.<Long>getAs("model_version")).isEqualTo(1);
      assertThat(row.<String>getAs("artefact")).isEqualTo(version.artefact().digest().hex());
      assertThat(row.<String>getAs("_run")).isEqualTo(record.run().text());
      assertThat(row.<String>getAs("_prediction_id"))
          .matches("next/2024-01-(09|10)/[0-9a-f]{32}")
          .startsWith("next/" + asOf.toString().substring(0, 10));
      assertThat(row.<String>getAs("_channel")).isEqualTo("batch");
      assertThat(row.<String>getAs("_role")).isEqualTo("champion");
      assertThat(row.<Long>getAs("_scoring")).isEqualTo(1);
      assertThat(row.<Boolean>getAs("decision")).isEqualTo(score(row) > 0.42);
      assertThat(row.<Row>getAs("output").isNullAt(1)).isTrue();
      Row numbers = row.<Row>getAs("inputs").getAs("numbers");
      assertThat(numbers.<Double>getAs("clock__kilometres"))
          .isEqualTo(Rides.kilometres(row.<Integer>getAs("id")));
      assertThat(numbers.<Double>getAs("driver_history__rides_7d")).isEqualTo(56);
      assertThat(row.<Row>getAs("inputs").<Row>getAs("categories").<String>getAs("driver"))
          .isEqualTo(row.<String>getAs("driver"));
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
      for (int i = 0; i < first.signature().inputs().size(); i++) {
        Input input = first.signature().inputs().get(i);
        Row stored = row.<Row>getAs("inputs").getAs(input.categorical() ? "categories" : "numbers");
        inputs.value(i, stored.getAs(input.column()));
      }
    }
    double[] expected = trained.score(inputs);
    for (int k = 0; k < expected.length; k++) {
      assertThat(score(rows.get(k))).isEqualTo(expected[k]);
    }
  }

  @Test
  void secondRunIsUnchangedAndPartitionsChangeNothing() {
    inProduction(first);
    score(NIGHT, 1);
    List<Row> before = said();
    assertThat(score(NIGHT).outcome()).isEqualTo(Outcome.UNCHANGED);
    Rides.promote(lake, Rides.register(lake, model, second));
    assertThat(score(NIGHT).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(said()).isNotEqualTo(before).hasSameSizeAs(before);
    Rides.promote(lake, Rides.register(lake, model, first));
    score(NIGHT, 7);
    assertThat(said()).isEqualTo(before);
  }

  /** What was said of each row, whoever said it. */
  private List<Row> said() {
    return scored()
        .select("_prediction_id", "id", "output", "decision", "flags", "_inputs_digest", "inputs")
        .collectAsList();
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
  void anIntervalWithoutRowsIsScoredAndSaid() {
    inProduction(first);
    List<String> said = new ArrayList<>();
    Interval later =
        Interval.of(Instant.parse("2025-01-01T00:00:00Z"), Instant.parse("2025-01-02T00:00:00Z"));
    try (JobRunner runner = JobRunner.open(lake, said::add)) {
      RunRecord record =
          runner.run(
              new ScoreJob(
                  FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name())),
                  project.scores("next").definition(),
                  later));
      Instant last = Rides.starts(Rides.COUNT - 1).minusSeconds(3_600);
      ScoringFacts facts = record.facts(ScoringFacts.class).orElseThrow();
      assertThat(facts.rows()).isZero();
      assertThat(facts.nearestBefore()).contains(last);
      assertThat(facts.nearestAfter()).isEmpty();
      assertThat(said).anyMatch(l -> l.startsWith("WARN ") && l.endsWith("before it at " + last));
    }
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
  void refusesALimitOfTheLocalRunnerThatIsNoSize() {
    inProduction(first);
    System.setProperty("spark.tributary.local.bytes", "0.5g");
    try (JobRunner runner = JobRunner.open(lake)) {
      ScoreJob job =
          new ScoreJob(
              FeatureStore.open(project, lake, RunnerChoice.auto),
              project.scores("next").definition(),
              NIGHT);
      assertThatThrownBy(() -> runner.run(job))
          .hasMessage(
              "Cannot use spark.tributary.local.bytes: \"0.5g\" is not a size. Write a whole number with a unit, as in 512m or 4g.");
    } finally {
      System.clearProperty("spark.tributary.local.bytes");
    }
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
    Scorer scorer =
        new Scorer(
            "champion",
            "lateness@production",
            Rides.register(lake, model, first),
            first,
            Optional.empty());
    assertThatThrownBy(() -> scorer.require(rows.schema()))
        .hasMessageContaining("column driver_history__rides_7d is int, not bigint")
        .hasMessageContaining("no column clock__hour");
  }

  private ModelVersion elsewhere(
      TrainedElsewhere.Kind kind, TrainedElsewhere.Problem problem, byte[] file) {
    return Registrar.open(lake.uri())
        .register(
            new Registration(
                "lateness",
                new TreeMap<>(Map.of("model.onnx", file)),
                new TrainedElsewhere(
                    kind,
                    problem,
                    Optional.empty(),
                    List.of(
                        new TrainedElsewhere.Input("driver_history__rides_7d", "bigint"),
                        new TrainedElsewhere.Input("clock__kilometres", "double")),
                    Optional.of("late"),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Map.of()),
                Map.of("auc", 0.7),
                Optional.empty(),
                List.of()),
            Principal.osUser("ada"));
  }

  @Test
  void anOnnxModelScoresTheSameFeaturesByItsFormulaInAnyPartitions() {
    OnnxLogistic logistic = OnnxLogistic.ofDoubles(-1, 0.01, 0.05);
    ModelVersion version =
        elsewhere(TrainedElsewhere.Kind.ONNX, TrainedElsewhere.Problem.BINARY, logistic.ofMatrix());
    Rides.promote(lake, version);
    score(NIGHT, 1);
    List<Row> rows = scored().collectAsList();
    assertThat(rows).hasSize(24);
    for (Row row : rows) {
      Row numbers = row.<Row>getAs("inputs").getAs("numbers");
      assertThat(score(row))
          .isCloseTo(
              logistic.score(
                  numbers.<Double>getAs("driver_history__rides_7d"),
                  numbers.<Double>getAs("clock__kilometres")),
              within(1e-14));
      assertThat(row.<String>getAs("artefact")).isEqualTo(version.artefact().digest().hex());
    }
    assertThat(rows.stream().map(ITScoreJob::score).distinct().count()).isGreaterThan(2);
    List<Row> before = answers();
    Rides.promote(lake, Rides.register(lake, model, first));
    score(NIGHT);
    Rides.promote(lake, version);
    score(NIGHT, 7);
    assertThat(answers()).isEqualTo(before);
  }

  /** Without the inputs, which get a field for each that another version takes. */
  private List<Row> answers() {
    return scored()
        .select("_prediction_id", "id", "output", "decision", "flags", "_inputs_digest")
        .collectAsList();
  }

  @Test
  void refusesFilesThatNobodyCanScoreAndModelsThatForetellSomethingElse() {
    Rides.promote(
        lake,
        elsewhere(TrainedElsewhere.Kind.FILES, TrainedElsewhere.Problem.BINARY, new byte[] {1}));
    assertThatThrownBy(() -> score(NIGHT))
        .hasMessage(
            "Cannot score with lateness@1: it is registered as files, of problem binary, and bundles and ONNX models of problem binary or number alone are scored. Whoever registered it scores it elsewhere, or registers it as one of these.");
    Rides.promote(
        lake,
        elsewhere(TrainedElsewhere.Kind.ONNX, TrainedElsewhere.Problem.CLASSES, new byte[] {1}));
    assertThatThrownBy(() -> score(NIGHT))
        .hasMessageStartingWith(
            "Cannot score with lateness@2: it is registered as onnx, of problem classes, and");
    Rides.promote(
        lake,
        elsewhere(TrainedElsewhere.Kind.ONNX, TrainedElsewhere.Problem.NUMBER, new byte[] {1}));
    assertThatThrownBy(() -> score(NIGHT))
        .hasMessage(
            "Cannot score with lateness@3: it is of problem number, and model lateness says problem: binary. Whoever answers for the model corrects its file, or registers a version of what it says.");
    assertThat(lake.find(SCORES)).isEmpty();
  }

  /** The project whose model foretells the delay itself. */
  private static CheckedProject number(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(Rides.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(Rides.folder().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.writeString(
            copy,
            Files.readString(file)
                .replace("value: delay > 15", "value: delay")
                .replaceAll("(?m)^(decide|decisions):.*\n", ""));
      }
    }
    Files.writeString(
        folder.resolve("models/lateness.yaml"),
        "model: lateness\nproblem: number\ntraining-set: lateness\ninputs: {kilometres: raw}\nadmit: [rmse <= 20]\n");
    return CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  private RunRecord score(CheckedProject of, int partitions) {
    FeatureStore store = FeatureStore.open(of, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(
          new ScoreJob(store.withPartitions(partitions), of.scores("next").definition(), NIGHT));
    }
  }

  @Test
  void aRegressionScoresNumbersByItsFormulaWithoutADecision(@TempDir Path changed)
      throws Exception {
    CheckedProject number = number(changed);
    OnnxLogistic linear = OnnxLogistic.ofDoubles(-60, 0.7, 11.5).linear();
    ModelVersion version =
        elsewhere(TrainedElsewhere.Kind.ONNX, TrainedElsewhere.Problem.NUMBER, linear.ofMatrix());
    Rides.promote(lake, version);
    RunRecord record = score(number, 1);
    List<Row> rows = scored().collectAsList();
    assertThat(rows).hasSize(24);
    for (Row row : rows) {
      Row numbers = row.<Row>getAs("inputs").getAs("numbers");
      Row output = row.getAs("output");
      assertThat(output.<Double>getAs("number"))
          .isCloseTo(
              linear.score(
                  numbers.<Double>getAs("driver_history__rides_7d"),
                  numbers.<Double>getAs("clock__kilometres")),
              within(1e-11));
      assertThat(output.<Double>getAs("probability")).isNull();
      assertThat(row.<Boolean>getAs("decision")).isNull();
      assertThat(row.<Row>getAs("flags").getList(0)).isEmpty();
    }
    assertThat(rows).anyMatch(row -> row.<Row>getAs("output").<Double>getAs("number") < 0);
    assertThat(rows).anyMatch(row -> row.<Row>getAs("output").<Double>getAs("number") > 100);
    ScoringFacts facts = record.facts(ScoringFacts.class).orElseThrow();
    assertThat(facts.meanScore()).as("of numbers without bounds").isEmpty();
    assertThat(facts.decided()).isEmpty();
    assertThat(score(number, 1).outcome()).isEqualTo(Outcome.UNCHANGED);

    List<Row> before = answers();
    Rides.promote(
        lake,
        elsewhere(
            TrainedElsewhere.Kind.ONNX,
            TrainedElsewhere.Problem.NUMBER,
            OnnxLogistic.ofDoubles(-60, 0.7, 11.6).linear().ofMatrix()));
    score(number, 3);
    TableName superseded = TableName.of("superseded", "next");
    assertThat(lake.table(superseded).read(lake.table(superseded).requireVersion()).count())
        .isEqualTo(24);
    assertThat(answers()).isNotEqualTo(before);
    Rides.promote(lake, version);
    score(number, 7);
    assertThat(answers()).isEqualTo(before);
    assertThat(
            Rescoring.of(
                    FeatureStore.open(number, lake),
                    "next",
                    NIGHT,
                    record.inputs(),
                    List.of(new Rescoring.Said("champion", version)))
                .select("_prediction_id", "id", "output", "decision", "flags", "_inputs_digest")
                .orderBy("id")
                .collectAsList())
        .isEqualTo(before);
    Rides.promote(lake, Rides.register(lake, model, first));
    assertThatThrownBy(() -> score(number, 1))
        .hasMessageContaining("it is of problem binary, and model lateness says problem: number.");
  }
}
