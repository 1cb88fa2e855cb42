package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.EventLog;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelMetrics;
import io.tributary.model.TrainedModel;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.registry.Coverage;
import io.tributary.registry.Evaluation;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Registrar;
import io.tributary.registry.Registration;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.TrainingSetReference;
import io.tributary.registry.VersionArchives;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.OnnxLogistic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions on rows of before and after their training, by the engine's own joins. */
final class ITVersionEvaluation {
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final Instant TRAINED = Instant.parse("2023-12-31T23:00:00Z");
  private static final Instant TESTED = Instant.parse("2024-01-19T23:00:00Z");
  private static final Instant DELIVERED = Instant.parse("2024-01-31T23:00:00Z");
  private static final Instant LATER = Instant.parse("2024-02-20T23:00:00Z");
  private static final Principal ADA = Principal.osUser("ada");
  private static final StructType RIDES =
      new StructType()
          .add("id", DataTypes.IntegerType)
          .add("driver", DataTypes.StringType)
          .add("kilometres", DataTypes.DoubleType)
          .add("starts", DataTypes.TimestampType)
          .add("delay", DataTypes.IntegerType)
          .add("_event_time", DataTypes.TimestampType)
          .add("_known_time", DataTypes.TimestampType)
          .add("_deleted", DataTypes.BooleanType)
          .add("_delivery", DataTypes.LongType)
          .add("_file", DataTypes.StringType)
          .add("_line", DataTypes.LongType)
          .add("_run", DataTypes.StringType);

  @TempDir private static Path folder;

  private static LakeSession session;
  private static CheckedProject project;

  /** A lake with one delivery, its build and a version of it; and the next delivery. */
  private static Path made;

  private Lake lake;
  private ModelRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
    project =
        with("slices", "evaluate: {metrics: [auc, log-loss]}", "evaluate: {slices: [driver]}");
    made = folder.resolve("made");
    try (Lake lake = Lake.open(made.toString(), Duration.ofDays(30), session)) {
      deliver(lake, 1, 0, 31);
      build(lake, project, 1);
      FeatureStore store = FeatureStore.open(project, lake);
      try (JobRunner runner = JobRunner.open(lake)) {
        runner.run(
            new TrainJob(store, project.model("lateness").definition(), Optional.of("production")));
      }
      deliver(lake, 2, 31, 51);
    }
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void open() throws IOException {
    Path copy = Files.createTempDirectory(folder, "lake");
    try (Stream<Path> paths = Files.walk(made)) {
      for (Path path : paths.sorted(Comparator.naturalOrder()).toList()) {
        Path target = copy.resolve(made.relativize(path).toString());
        if (!Files.exists(target)) {
          Files.copy(path, target);
        }
      }
    }
    lake = Lake.open(copy.toString(), Duration.ofDays(30), session);
    registry = ModelRegistry.open(lake.uri());
  }

  private static CheckedProject with(String name, String text, String other) throws Exception {
    Path definitions =
        Path.of(ITVersionEvaluation.class.getResource("/rides/tributary.yaml").toURI()).getParent();
    Path changed = folder.resolve(name);
    try (Stream<Path> files = Files.walk(definitions)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = changed.resolve(definitions.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Files.readString(file).replace(text, other));
      }
    }
    return CheckedProject.check(ProjectReader.read(changed, Map.of(), Optional.empty()));
  }

  /**
   * Adds the rides of some days, one an hour, as ingest does: some drivers are later than others.
   */
  private static void deliver(Lake lake, long number, int fromDay, int toDay) {
    List<Row> rows = new ArrayList<>();
    for (int id = fromDay * 24; id < toDay * 24; id++) {
      SplittableRandom random = new SplittableRandom(id);
      int driver = random.nextInt(3);
      Timestamp starts = Timestamp.from(FIRST.plusSeconds(3_600L * id));
      rows.add(
          RowFactory.create(
              id,
              "d" + driver,
              id % 17 + 0.25,
              starts,
              random.nextInt(15 + 15 * driver),
              starts,
              Timestamp.from(starts.toInstant().plusSeconds(3_600)),
              false,
              number,
              "rides" + number + ".csv",
              (long) id,
              "none"));
    }
    Instant known = rows.get(0).getTimestamp(6).toInstant();
    lake.table(TableName.of("validated", "rides"))
        .append(
            lake.spark().createDataFrame(rows, RIDES),
            SampleFacts.ingested(
                "rides",
                FIRST,
                new IngestFacts.Validated(
                    number, Digest.of("rules"), false, Optional.of(Map.of(number, known)))));
  }

  /** Builds the training set as its job does. */
  private static void build(Lake lake, CheckedProject project, long number) {
    FeatureStore store = FeatureStore.open(project, lake);
    CheckedTrainingSet set = project.trainingSet("lateness");
    TableName table = TableName.of("training", "lateness");
    try (JobRunner runner = JobRunner.open(lake)) {
      runner.run(
          new Job() {
            @Override
            public JobKey key() {
              return JobKey.of("training-set", "lateness");
            }

            @Override
            public List<Pin> inputs() {
              return store.pins().of(set.definition());
            }

            @Override
            public Digest definition() {
              return set.digest();
            }

            @Override
            public List<Definition> definitions() {
              return project.definitions(List.of("training-set lateness"));
            }

            @Override
            public Optional<TableName> commitPoint() {
              return Optional.of(table);
            }

            @Override
            public void run(Attempt attempt) {
              try (TrainingSetBuild build =
                  store.trainingSets().build(set.definition(), attempt.inputs())) {
                attempt.report(build.facts(number, set.digest()));
                attempt.lake().table(table).replace(build.rows(), attempt.commitPoint());
              }
            }
          });
    }
  }

  private VersionEvaluation.Evaluated evaluated(
      CheckedProject project,
      String version,
      Optional<VersionEvaluation.Build> build,
      Interval... asOf) {
    VersionEvaluation evaluation = new VersionEvaluation(FeatureStore.open(project, lake));
    return evaluation.of(evaluation.version(version), build, List.of(asOf));
  }

  private VersionEvaluation.Evaluated evaluated(String version, Interval... asOf) {
    return evaluated(project, version, Optional.empty(), asOf);
  }

  private VersionEvaluation.Evaluated on(long build, String version, Interval... asOf) {
    return evaluated(
        project, version, Optional.of(new VersionEvaluation.Build("lateness", build)), asOf);
  }

  private static Evaluation of(VersionEvaluation.Evaluated evaluated) {
    return evaluated.recorded().evaluation();
  }

  private long events() {
    return EventLog.open(lake.uri() + "/platform/registry").read().events().size();
  }

  private ModelBundle bundle() {
    ModelVersion version = registry.find("lateness@1").version();
    return ModelBundle.of(registry.artefact(version), version.artefact().digest());
  }

  /** The rows of the newest build with an as-of in an interval. */
  private List<Row> rows(Instant from, Instant to) {
    TableName table = TableName.of("training", "lateness");
    return lake.table(table)
        .read(lake.table(table).requireVersion())
        .where("_as_of >= '%s' and _as_of < '%s'".formatted(from, to))
        .collectAsList();
  }

  private static boolean[] labels(List<Row> rows) {
    boolean[] labels = new boolean[rows.size()];
    for (int k = 0; k < labels.length; k++) {
      labels[k] = rows.get(k).<Boolean>getAs("late");
    }
    return labels;
  }

  /** Of each row and each other one, as the definition of the area has it. */
  private static double naiveAuc(double[] scores, boolean[] labels) {
    double ordered = 0;
    long pairs = 0;
    for (int hit = 0; hit < scores.length; hit++) {
      for (int miss = 0; miss < scores.length; miss++) {
        if (labels[hit] && !labels[miss]) {
          pairs++;
          ordered += scores[hit] > scores[miss] ? 1 : scores[hit] == scores[miss] ? 0.5 : 0;
        }
      }
    }
    return ordered / pairs;
  }

  private static double naiveLogLoss(double[] scores, boolean[] labels) {
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      sum -= Math.log(labels[k] ? scores[k] : 1 - scores[k]);
    }
    return sum / scores.length;
  }

  private static void requireNaive(Evaluation found, double[] scores, boolean[] labels) {
    assertThat(found.rows().rows()).isEqualTo(scores.length);
    assertThat(found.metrics().get("auc")).isCloseTo(naiveAuc(scores, labels), within(1e-12));
    assertThat(found.metrics().get("log-loss"))
        .isCloseTo(naiveLogLoss(scores, labels), within(1e-12));
  }

  private double[] scores(ModelBundle bundle, List<Row> rows) {
    TrainedModel model = TrainedModel.open(bundle);
    double[] scores = new double[rows.size()];
    for (int k = 0; k < scores.length; k++) {
      InputRows one = model.rows();
      one.append();
      int i = 0;
      for (Input input : bundle.signature().inputs()) {
        one.value(i++, rows.get(k).getAs(input.column()));
      }
      scores[k] = model.score(one)[0];
    }
    return scores;
  }

  @Test
  void itsOwnTestRowsComeToWhatTrainingSaidToTheBit() {
    Evaluation found = of(on(1, "lateness@1", Interval.of(TESTED, DELIVERED)));

    ModelVersion version = registry.find("lateness@1").version();
    ModelMetrics trained = bundle().metrics();
    assertThat(found.metrics()).isEqualTo(trained.test().named());
    assertThat(found.metrics()).containsAllEntriesOf(version.metrics());
    assertThat(found.intervals())
        .containsOnlyKeys("auc", "log-loss", "brier")
        .isEqualTo(bundle().profile().intervals(trained.test()));
    assertThat(found.rows().rows()).isEqualTo(version.parameters().orElseThrow().testRows());
    assertThat(found.rows().positives())
        .isEqualTo(version.parameters().orElseThrow().testPositives());
    assertThat(found.rows().nights()).isEqualTo(12);
    assertThat(found.rows().fitted()).isZero();
    assertThat(found.slices().get("driver"))
        .hasSize(3)
        .allSatisfy(
            slice ->
                assertThat(trained.slices().get("driver"))
                    .anySatisfy(
                        other -> {
                          assertThat(other.value()).isEqualTo(slice.value());
                          assertThat(other.metrics().rows()).isEqualTo(slice.rows());
                          assertThat(other.metrics().named()).isEqualTo(slice.metrics());
                        }));
  }

  @Test
  void theNewestRowsAreThoseThatABuildWouldHaveWithoutThoseOfTheFit() {
    VersionEvaluation.Evaluated evaluated = evaluated("lateness@production");
    Evaluation found = of(evaluated);
    assertThat(evaluated.isNew()).isTrue();
    assertThat(lake.table(TableName.of("training", "lateness")).commits())
        .as("nothing is built in the lake")
        .hasSize(1);

    build(lake, project, 2);
    List<Row> later = rows(TESTED, LATER);
    requireNaive(found, scores(bundle(), later), labels(later));
    assertThat(found.rows().fitted()).isEqualTo(rows(TRAINED, TESTED).size()).isPositive();
    assertThat(found.rows().from()).isEqualTo("lateness");
    assertThat(found.rows().nights()).isEqualTo(32);
    assertThat(found.rows().pins())
        .singleElement()
        .satisfies(pin -> assertThat(pin.deliveries()).contains(2L));
    assertThat(found.toString())
        .startsWith("on 768 rows of lateness, ")
        .contains("; 456 rows that it was fitted to are left out");

    long before = events();
    VersionEvaluation.Evaluated again = evaluated("lateness@1");
    assertThat(again.isNew()).isFalse();
    assertThat(again.recorded()).isEqualTo(evaluated.recorded());
    assertThat(on(2, "lateness@1").recorded()).as("equal rows").isEqualTo(evaluated.recorded());
    assertThat(events()).isEqualTo(before);
    assertThat(of(evaluated("lateness@1", Interval.of(DELIVERED, LATER))).rows().rows())
        .isEqualTo(rows(DELIVERED, LATER).size());
    assertThat(events()).isEqualTo(before + 1);
    assertThat(registry.history("lateness"))
        .filteredOn(change -> change.kind().equals("evaluated"))
        .hasSize(2)
        .first()
        .satisfies(change -> assertThat(change.reason()).isEqualTo(found.toString()));
    assertThat(registry.evaluations().of(registry.find("lateness@1").version().reference()))
        .hasSize(2);
  }

  /** Spark ends by a checked exception, which nothing declares, where a task misses its file. */
  @Test
  void rowsThatAreThereNoMoreAreNamed() throws IOException {
    Path table = Path.of(lake.path(TableName.of("training", "lateness")));
    try (Stream<Path> files = Files.walk(table)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        if (!file.toString().contains("_delta_log")) {
          Files.delete(file);
        }
      }
    }

    assertThatThrownBy(() -> on(1, "lateness@1"))
        .hasMessage(
            "Cannot evaluate lateness@1 on lateness@1: its rows are there no more. Leave --rows out, or make the build again: tributary reproduce training-set:lateness@1 says whether it can be.");
    ModelVersion version = registry.find("lateness@1").version();
    assertThat(ChampionComparison.of(lake, version, version, 0.005, ZoneOffset.UTC))
        .hasToString("beside @1: cannot tell: the rows of lateness@1 are there no more");
  }

  /** Another split: the keys of its drivers, of whom one is tested. */
  @Test
  void rowsOfKeysThatAreNotTestedAreLeftOut() throws Exception {
    CheckedProject byDriver =
        with(
            "by-driver",
            "split: {train: 2024-01-01/2024-01-16, validate: 2024-01-16/2024-01-20, test: 2024-01-20/2024-02-01}",
            "split: {by: [id], train: 40% of 2024-01-01/2024-01-20, validate: 20% of 2024-01-01/2024-01-20, test: 40% of 2024-01-20/2024-02-01}");
    try (JobRunner runner = JobRunner.open(lake)) {
      runner.run(
          new TrainJob(
              FeatureStore.open(byDriver, lake),
              byDriver.model("lateness").definition(),
              Optional.empty()));
    }
    ModelVersion version = registry.find("lateness@2").version();
    Optional<VersionEvaluation.Build> own = Optional.of(new VersionEvaluation.Build("lateness", 1));
    Evaluation tested = of(evaluated(byDriver, "lateness@2", own, Interval.of(TESTED, DELIVERED)));
    assertThat(tested.metrics()).containsAllEntriesOf(version.metrics());
    assertThat(tested.rows().otherKeys())
        .isEqualTo(rows(TESTED, DELIVERED).size() - tested.rows().rows())
        .isPositive();
    Evaluation all = of(evaluated(byDriver, "lateness@2", own));
    assertThat(all.rows().rows()).isGreaterThan(tested.rows().rows());
    assertThat(all.rows().rows() + all.rows().fitted() + all.rows().otherKeys())
        .isEqualTo(rows(TRAINED, DELIVERED).size());
    assertThat(all.toString()).contains("rows of keys that its split does not test are left out");
  }

  private void elsewhere(TrainedElsewhere.Kind kind, Optional<TrainingSetReference> set) {
    Registrar.open(lake.uri())
        .register(
            new Registration(
                "lateness",
                new TreeMap<>(
                    Map.of("model.onnx", OnnxLogistic.ofDoubles(-1, 0.0137, 0.0512).ofMatrix())),
                new TrainedElsewhere(
                    kind,
                    TrainedElsewhere.Problem.BINARY,
                    Optional.empty(),
                    List.of(
                        new TrainedElsewhere.Input("driver_history__rides_7d", "bigint"),
                        new TrainedElsewhere.Input("clock__kilometres", "double")),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Map.of()),
                Map.of("auc", 0.7),
                set,
                List.of()),
            ADA);
  }

  @Test
  void anOnnxVersionIsMeasuredByItsFormulaAndNobodyKnowsWhatItHasSeen() {
    elsewhere(TrainedElsewhere.Kind.ONNX, Optional.empty());
    elsewhere(
        TrainedElsewhere.Kind.ONNX,
        Optional.of(Registrar.open(lake.uri()).trainingSet("lateness", 1)));
    Evaluation found = of(evaluated("lateness@2"));
    build(lake, project, 2);
    List<Row> all = rows(TRAINED, LATER);
    double[] scores = new double[all.size()];
    OnnxLogistic formula = OnnxLogistic.ofDoubles(-1, 0.0137, 0.0512);
    for (int k = 0; k < scores.length; k++) {
      Long rides = all.get(k).getAs("driver_history__rides_7d");
      scores[k] =
          formula.score(
              rides == null ? Double.NaN : rides, all.get(k).<Double>getAs("clock__kilometres"));
    }
    requireNaive(found, scores, labels(all));
    assertThat(found.intervals()).containsOnlyKeys("auc", "log-loss", "brier");
    assertThat(found.rows().unknown()).isEqualTo(all.size());
    assertThat(found.toString())
        .endsWith(
            "; NOBODY KNOWS whether it was fitted to these rows, as it was trained elsewhere");

    Evaluation known = of(evaluated("lateness@3"));
    assertThat(known.rows().rows()).isEqualTo(all.size());
    assertThat(known.rows().unknown())
        .as("the rows of its own build, and no later ones")
        .isEqualTo(rows(TRAINED, Instant.parse("2024-01-31T22:00:00.000001Z")).size());
    assertThat(of(evaluated("lateness@3", Interval.of(DELIVERED, LATER))).rows().unknown())
        .isZero();
  }

  @Test
  void anImportedVersionIsMeasuredInTheOtherLake(@TempDir Path another) {
    Path archive = another.resolve("lateness.zip");
    VersionArchives.open(lake.uri())
        .export("rides", "lateness@1", archive, VersionArchives.Data.NONE);
    Evaluation here = of(evaluated("lateness@1"));
    lake = Lake.open(another.resolve("lake").toString(), Duration.ofDays(30), session);
    deliver(lake, 1, 0, 51);
    VersionArchives.open(lake.uri()).restore(archive, ADA);
    Evaluation there = of(evaluated("lateness@1"));
    assertThat(there.metrics()).isEqualTo(here.metrics());
    assertThat(there.rows().fitted()).isEqualTo(here.rows().fitted());
    assertThat(there.rows().content()).isEqualTo(here.rows().content());
  }

  private static void refused(ErrorCode code, Runnable asked, String message) {
    assertThatThrownBy(asked::run)
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void refusesVersionsThatMustNotBeUsed() throws Exception {
    elsewhere(TrainedElsewhere.Kind.FILES, Optional.empty());
    refused(
        ErrorCode.REFUSED,
        () -> evaluated("lateness@2"),
        "Cannot evaluate lateness@2: it is registered as files, of problem binary, and");
    registry.retire("lateness", 2, ADA, "of no use");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated("lateness@2"),
        "Cannot resolve lateness@2: ada retired lateness@2 at ");
    registry.suspects().mark("model:lateness@1", Coverage.of(List.of()), ADA, "odd");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated("lateness@1"),
        "Cannot use lateness@1: ada marked model lateness@1 as suspect at ");
    registry.suspects().clear("model:lateness@1", ADA, "looked at");
    registry.suspects().mark("delivery:rides@2", Coverage.of(List.of()), ADA, "twice");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated("lateness@1"),
        "Cannot evaluate lateness@1 on lateness: ada marked delivery rides@2 as suspect at ");
    assertThat(of(on(1, "lateness@1")).suspect()).as("made before it").isEmpty();

    CheckedProject warning = with("warning", "project: rides", "project: rides\nsuspect: warn");
    assertThat(of(evaluated(warning, "lateness@1", Optional.empty())).suspect())
        .singleElement()
        .asString()
        .startsWith(
            "SUSPECT and used all the same, to evaluate lateness@1 on lateness: ada marked");

    CheckedProject another = with("another", "model: lateness", "model: tardiness");
    refused(
        ErrorCode.NOT_FOUND,
        () -> evaluated(another, "lateness@1", Optional.empty()),
        "Cannot evaluate lateness@1: the project has no model lateness, whose training set says the rows. Restore its file.");
  }

  @Test
  void refusesRowsThatMeanSomethingElse() throws Exception {
    CheckedProject later = with("later", "value: delay > 15", "value: delay > 20");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated(later, "lateness@1", Optional.empty()),
        "Cannot evaluate lateness@1 on lateness: the labels of the rows are defined otherwise than those that one was trained on. Name a build by the definitions that it was trained by, as in --rows lateness@1, or train a version on these.");
    CheckedProject second = with("second", "driver_history@1", "driver_history@2");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated(second, "lateness@1", Optional.empty()),
        "on lateness: the rows have driver_history@2, and one was trained on driver_history@1. Name");
    CheckedProject asked =
        with("asked", "as-of: starts - interval 1 hour", "as-of: starts - interval 2 hours");
    refused(
        ErrorCode.REFUSED,
        () -> evaluated(asked, "lateness@1", Optional.empty()),
        "Cannot evaluate lateness@1 on lateness: the as-of of the rows is defined otherwise than that of those that one was trained on, so that nobody can tell which of them it has seen. Name");
    build(lake, later, 2);
    refused(
        ErrorCode.REFUSED,
        () -> on(2, "lateness@1"),
        "Cannot evaluate lateness@1 on lateness@2: the labels of the rows are defined otherwise");
    assertThat(of(on(1, "lateness@1")).rows().from()).isEqualTo("lateness@1");
  }

  @Test
  void refusesWhereNoRowIsLeft() {
    Interval future = Interval.of(LATER.plusSeconds(86_400), LATER.plusSeconds(172_800));
    refused(
        ErrorCode.NOT_FOUND,
        () -> evaluated("lateness@1", future),
        "Cannot evaluate lateness@1 on lateness: no row with a label is left. Of 1,224 rows that ask the outcome of ");
    refused(
        ErrorCode.NOT_FOUND,
        () -> on(1, "lateness@1", Interval.of(TRAINED, TESTED)),
        "Cannot evaluate lateness@1 on lateness@1: no row with a label is left: it was fitted to 456, and its split does not test the keys of 0. Name another build, or leave --rows out; or ask for another interval than 2023-12-31T23:00:00Z/2024-01-19T23:00:00Z.");
    refused(
        ErrorCode.NOT_FOUND,
        () -> on(7, "lateness@1"),
        "Cannot evaluate lateness@1 on lateness@7: the builds of lateness are 1. Name a build of this lake, or leave --rows out.");
    assertThat(events()).isEqualTo(2);
  }

  @Test
  void saysOfFewNightsThatTheyHaveNoIntervals() {
    Evaluation few =
        of(evaluated("lateness@1", Interval.of(DELIVERED, DELIVERED.plus(Duration.ofDays(7)))));
    assertThat(few.rows().nights()).isEqualTo(7);
    assertThat(few.intervals()).isEmpty();
    assertThat(VersionEvaluation.untold(few))
        .containsExactly(
            "no intervals: rows are of 7 nights, and 8 are needed to tell how much nights differ");
  }
}
