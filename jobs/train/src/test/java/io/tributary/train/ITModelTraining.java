package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.definition.AsOfRange;
import io.tributary.definition.Model;
import io.tributary.definition.Model.AdmissionRule;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Layer;
import io.tributary.definition.SourceLocation;
import io.tributary.drift.InputName;
import io.tributary.drift.Measure;
import io.tributary.events.facts.FitFacts;
import io.tributary.model.FitPlan;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ModelSignature;
import io.tributary.model.ReferenceProfile.Range;
import io.tributary.model.TrainedModel;
import io.tributary.registry.AdmissionVerdict;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ITModelTraining {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  private static final Instant FIRST = LocalDate.of(2013, 1, 1).atStartOfDay(ZONE).toInstant();
  private static final int DAYS = 60;
  private static final int ROWS_A_DAY = 300;

  private static SparkSession spark;
  private static Dataset<Row> rows;
  private static List<Row> local;
  private static double bestAuc;

  /** Sixty days of rows whose log-odds are linear in a number, a flag and a carrier. */
  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
    StructType schema =
        new StructType()
            .add("carrier", DataTypes.StringType)
            .add("flight", DataTypes.IntegerType)
            .add("_as_of", DataTypes.TimestampType)
            .add("history__share", DataTypes.DoubleType)
            .add("history__raining", DataTypes.BooleanType)
            .add("clock__weekday", DataTypes.IntegerType)
            .add("late", DataTypes.BooleanType);
    SplittableRandom random = new SplittableRandom(1);
    local = new ArrayList<>();
    double[] scores = new double[DAYS * ROWS_A_DAY];
    boolean[] labels = new boolean[scores.length];
    for (int k = 0; k < scores.length; k++) {
      int carrier = random.nextInt(5);
      double share = random.nextGaussian();
      boolean raining = random.nextInt(4) == 0;
      int weekday = k / ROWS_A_DAY % 7;
      double odds = -1 + share + (raining ? 1 : 0) + 0.4 * (carrier - 2) + (weekday == 4 ? 0.8 : 0);
      scores[k] = 1 / (1 + Math.exp(-odds));
      labels[k] = random.nextDouble() < scores[k];
      Instant asOf = FIRST.plusSeconds((long) (k / ROWS_A_DAY) * 86_400 + random.nextInt(86_400));
      local.add(
          RowFactory.create(
              "C" + carrier,
              k % 100,
              Timestamp.from(asOf),
              random.nextInt(20) == 0 ? null : share,
              raining,
              weekday,
              labels[k]));
    }
    bestAuc = io.tributary.model.BinaryMetrics.auc(scores, labels).orElseThrow();
    rows = spark.createDataFrame(local, schema);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static ModelSignature signature() {
    return new ModelSignature(
        "lateness",
        List.of(
            new Input("carrier", "string", new Encoding.Embedding(3)),
            new Input("history__share", "double", new Encoding.Standardize()),
            new Input("history__raining", "boolean", new Encoding.Standardize()),
            new Input("clock__weekday", "int", new Encoding.OneHot())),
        "late");
  }

  private static Interval days(int from, int to) {
    return Interval.of(
        LocalDate.of(2013, 1, 1).plusDays(from).atStartOfDay(ZONE).toInstant(),
        LocalDate.of(2013, 1, 1).plusDays(to).atStartOfDay(ZONE).toInstant());
  }

  private static Model model(Model.Split split, AdmissionRule... rules) {
    return new Model(
        "lateness",
        "",
        "lateness",
        split,
        Map.of(),
        List.of(new Model.Layer.Dense(16, "relu"), new Model.Layer.Dropout(0.1)),
        new Model.Fit("adam", 0.01, 256, 6, 3, 7),
        List.of("auc"),
        List.of("carrier", "clock__weekday"),
        List.of(rules),
        false,
        Model.Promotion.AUTOMATIC,
        0.005,
        new Model.Retrain(Duration.ofDays(7)),
        new SourceLocation("models/lateness.yaml", 1));
  }

  private static Model.Split split() {
    return new Model.Split(days(0, 40), days(40, 48), days(49, 60));
  }

  private static ModelTraining train(Dataset<Row> frame, Model model) {
    return train(frame, model, model.split().by());
  }

  private static ModelTraining train(Dataset<Row> frame, Model model, List<String> dealtBy) {
    return ModelTraining.of(
        model,
        TrainingRows.read(frame, signature(), model.slices(), dealtBy, model.split().salt()),
        0,
        new InputOrigins(
            signature().inputs().stream()
                .map(
                    input -> new InputName(input.column(), input.column().replaceFirst("__.*", "")))
                .toList(),
            Duration.ofDays(2)),
        ZONE,
        Optional.empty(),
        Optional.empty(),
        line -> {});
  }

  private static AdmissionRule rule(String metric, String operator, Double bound) {
    return new AdmissionRule(metric, operator, Optional.ofNullable(bound));
  }

  @Test
  void isBetterThanConstantAndAboutAsGoodAsPossible() {
    ModelTraining training =
        train(
            rows,
            model(
                split(),
                rule("auc", ">=", 0.7),
                rule("log-loss", "<", 0.6),
                rule("auc", ">=", 0.99)));
    double auc = training.metrics().test().auc().orElseThrow();
    assertThat(auc).isBetween(bestAuc - 0.04, bestAuc + 0.02);
    assertThat(training.metrics().test().logLoss())
        .isLessThan(training.metrics().baselines().get("constant").logLoss());
    assertThat(training.metrics().baselines().get("constant").auc()).contains(0.5);
    assertThat(auc)
        .isCloseTo(
            training.metrics().baselines().get("logistic").auc().orElseThrow(), within(0.02));
    assertThat(training.verdicts())
        .extracting(AdmissionVerdict::passed)
        .containsExactly(true, true, false, true);
    assertThat(training.admitted()).isFalse();
  }

  @Test
  void countsEveryRow() {
    ModelTraining training = train(rows, model(split()));
    assertThat(training.admitted()).isTrue();
    assertThat(training.counts())
        .isEqualTo(
            new FitFacts.Rows(
                40L * ROWS_A_DAY, 8L * ROWS_A_DAY, 11L * ROWS_A_DAY, (long) ROWS_A_DAY, 0));
    assertThat(training.metrics().slices().get("carrier"))
        .extracting(s -> s.value())
        .containsExactly("C0", "C1", "C2", "C3", "C4");
    assertThat(
            training.metrics().slices().get("carrier").stream()
                .mapToLong(s -> s.metrics().rows())
                .sum())
        .isEqualTo(11L * ROWS_A_DAY);
    assertThat(training.metrics().slices().get("clock__weekday")).hasSize(7);
  }

  @Test
  void promisesByDaysThatTheFitHasNotSeen() {
    ModelMetrics metrics = train(rows, model(split())).metrics();
    assertThat(metrics.promise()).containsOnlyKeys(Measure.values());
    assertThat(metrics.promise().values())
        .allSatisfy(promise -> assertThat(promise.intervals()).isEqualTo(8 + 11));
    assertThat(metrics.promise().get(Measure.AUC).mean()).isCloseTo(0, within(0.03));
    assertThat(metrics.slices().get("carrier"))
        .allSatisfy(
            slice ->
                assertThat(slice.promise().get(Measure.LOG_LOSS).intervals()).isEqualTo(8 + 11));
    assertThat(metrics.slices().get("clock__weekday"))
        .as("three weekends are too few to promise anything")
        .allSatisfy(slice -> assertThat(slice.promise()).isEmpty());
  }

  @Test
  void profileHasTheNightsOfTheProjectsZone() {
    ModelTraining training = train(rows, model(split()));
    assertThat(training.bundle().profile().nights()).hasSize(59);
    assertThat(training.bundle().inputs().usualRows(0)).isEqualTo(ROWS_A_DAY);
    assertThat(training.bundle().inputs().limitSetters(100)).hasSize(38);
    assertThat(training.bundle().profile().nights())
        .allSatisfy(night -> assertThat(night.outcomes().rows()).isEqualTo(ROWS_A_DAY));
    assertThat(training.bundle().profile().nights().get(0).day())
        .isEqualTo(LocalDate.of(2013, 1, 1));
    assertThat(training.bundle().profile().nights().get(58).day())
        .isEqualTo(LocalDate.of(2013, 3, 1));
    assertThat(training.bundle().profile().nights().get(58).range()).isEqualTo(Range.TEST);
  }

  @Test
  void sameRowsInAnyOrderAndPartitionsGiveTheSameBytes() {
    ModelTraining first = train(rows.repartition(1), model(split()));
    ModelTraining second = train(rows.orderBy(functions.rand(5)).repartition(7), model(split()));
    assertThat(second.bundle().digest()).isEqualTo(first.bundle().digest());
    ModelTraining fewer = train(rows.where("not (flight = 3 and carrier = 'C1')"), model(split()));
    assertThat(fewer.bundle().digest()).isNotEqualTo(first.bundle().digest());
  }

  @Test
  void rowsThatSwapANullHaveAnOrderToo() {
    Dataset<Row> swapped =
        rows.withColumn("_as_of", functions.date_trunc("day", functions.col("_as_of")))
            .withColumn("carrier", functions.lit("C1"))
            .withColumn("history__share", functions.lit(null).cast("double"))
            .withColumn("history__raining", functions.expr("if(flight < 50, null, true)"))
            .withColumn("clock__weekday", functions.expr("if(flight < 50, 1, null)"));
    assertThat(train(swapped.orderBy("flight"), model(split())).bundle().digest())
        .isEqualTo(
            train(swapped.orderBy(functions.desc("flight")), model(split())).bundle().digest());
  }

  @Test
  void bundleScoresARowAsItWasInTraining() {
    TrainedModel model = TrainedModel.open(train(rows, model(split())).bundle());
    InputRows asked = model.rows();
    for (Row row : local.subList(0, 500)) {
      asked.append();
      for (int i = 0; i < model.signature().inputs().size(); i++) {
        asked.value(i, row.get(List.of(0, 3, 4, 5).get(i)));
      }
    }
    TrainingRows read = TrainingRows.read(rows, signature(), List.of(), List.of(), "");
    double[] expected = model.score(read.inputs());
    double[] scores = model.score(asked);
    for (int k = 0; k < 500; k++) {
      assertThat(scores[k]).isEqualTo(expected[k]);
    }
  }

  /** What a definition may say is what can be fitted, to the bounds. */
  @Test
  void everyUpdaterAndActivationOfADefinitionFits() {
    Set<Digest> bundles = new HashSet<>();
    for (String updater : Model.Fit.UPDATERS) {
      bundles.add(fitted(updater, new Model.Layer.Dense(4, "relu")));
    }
    for (String activation : Model.Layer.Dense.ACTIVATIONS) {
      bundles.add(fitted("adam", new Model.Layer.Dense(4, activation)));
    }
    // Of adam and relu there are two.
    assertThat(bundles)
        .hasSize(Model.Fit.UPDATERS.size() + Model.Layer.Dense.ACTIVATIONS.size() - 1);
    int most = Layer.Dense.MAX_WIDTH;
    assertThat(new Layer.Dense(most, "relu"))
        .satisfies(
            widest ->
                new FitPlan(
                    List.of(widest), new Model.Fit("adam", 10, 1 << 20, 100_000, 100_000, 1), 2));
    assertThatThrownBy(() -> new Layer.Dense(most + 1, "relu"))
        .hasMessageContaining("Use a width of 1 to " + most);
  }

  /** With such steps it gets no better after a while, so that patience counts. */
  @Test
  void everyKeyOfAFitChangesTheNetwork() {
    Model.Fit usual = new Model.Fit("sgd", 3, 512, 5, 2, 7);
    Map<String, Model.Fit> others =
        Map.of(
            "updater", new Model.Fit("adam", 3, 512, 5, 2, 7),
            "learningRate", new Model.Fit("sgd", 2, 512, 5, 2, 7),
            "batch", new Model.Fit("sgd", 3, 500, 5, 2, 7),
            "epochs", new Model.Fit("sgd", 3, 512, 1, 2, 7),
            "patience", new Model.Fit("sgd", 3, 512, 5, 1, 7),
            "seed", new Model.Fit("sgd", 3, 512, 5, 2, 8));
    assertThat(Model.Fit.class.getRecordComponents())
        .extracting(component -> component.getName())
        .containsExactlyInAnyOrderElementsOf(others.keySet());
    Model.Layer layer = new Model.Layer.Dense(4, "relu");
    Digest bundle = fitted(usual, layer);
    others.forEach((key, fit) -> assertThat(fitted(fit, layer)).as(key).isNotEqualTo(bundle));
  }

  private static Digest fitted(String updater, Model.Layer layer) {
    return fitted(new Model.Fit(updater, 0.01, 256, 1, 1, 7), layer);
  }

  private static Digest fitted(Model.Fit fit, Model.Layer layer) {
    Model like = model(split());
    return train(
            rows,
            new Model(
                like.name(),
                "",
                like.trainingSet(),
                like.split(),
                Map.of(),
                List.of(layer),
                fit,
                like.metrics(),
                List.of(),
                List.of(),
                false,
                Model.Promotion.AUTOMATIC,
                0.005,
                new Model.Retrain(Duration.ofDays(7)),
                like.location()))
        .bundle()
        .digest();
  }

  @Test
  void leavesOutRowsWithoutLabelAndCountsThem() {
    Dataset<Row> some =
        rows.withColumn("late", functions.expr("case when flight = 9 then null else late end"));
    TrainingRows read = TrainingRows.read(some, signature(), List.of(), List.of(), "");
    assertThat(read.withoutLabel()).isEqualTo(DAYS * ROWS_A_DAY / 100);
    assertThat(read.rows()).isEqualTo(DAYS * ROWS_A_DAY * 99 / 100);
  }

  @Test
  void refusesWhatItCannotTrainOn() {
    assertThatThrownBy(() -> train(rows.withColumn("late", functions.lit(1.5)), model(split())))
        .hasMessage(
            "Cannot train model lateness: its label late is of type double. Make the label a condition, as in value: arr_delay > 15.");
    assertThatThrownBy(() -> train(rows.drop("history__share"), model(split())))
        .hasMessageContaining("no column history__share");
    assertThatThrownBy(
            () -> train(rows, model(new Model.Split(days(0, 40), days(70, 80), days(49, 60)))))
        .hasMessage(
            "Cannot train model lateness: its training set has no row in the validate part of its"
                + " split, 2013-03-12T04:00:00Z/2013-03-22T04:00:00Z"
                + " (2013-03-12T04:00:00Z/2013-03-22T04:00:00Z; its data ends at"
                + " 2013-03-02T05:00:00Z). Widen the interval, or load the data of that time.");
    assertThatThrownBy(() -> TrainingRows.read(rows, signature(), List.of("carier"), List.of(), ""))
        .hasMessage(
            "Cannot evaluate model lateness by slices of carier: its training set has no such column. Use one of its columns.");
  }

  /** The part that each flight's number falls in, by the text of the documentation alone. */
  private static int dealt(String salt, int flight, int train, int validate) throws Exception {
    int bucket = bucket(salt, flight);
    return bucket < train * 100 ? 0 : bucket < (train + validate) * 100 ? 1 : 2;
  }

  @Test
  void dealsKeysByAHashThatNeverChanges() throws Exception {
    Model.Split split =
        new Model.Split(
            List.of("flight"),
            "s1",
            Model.Part.of(6_000),
            Optional.of(Model.Part.of(1_500)),
            Model.Part.of(2_500));
    long[] expected = new long[3];
    for (Row row : local) {
      expected[dealt("s1", row.getInt(1), 60, 15)]++;
    }
    ModelTraining training = train(rows, model(split));
    assertThat(training.counts())
        .isEqualTo(new FitFacts.Rows(expected[0], expected[1], expected[2], 0L, 0));
    assertThat(
            training.metrics().slices().get("carrier").stream()
                .mapToLong(s -> s.metrics().rows())
                .sum())
        .isEqualTo(expected[2]);
    // Of another width, in other partitions.
    Dataset<Row> wide = rows.withColumn("flight", functions.expr("cast(flight as decimal(9,3))"));
    assertThat(train(wide.repartition(7), model(split)).bundle().digest())
        .isEqualTo(training.bundle().digest());
  }

  @Test
  void noRowOfATestedKeyTrainsAlsoWhereTimeSplitsToo() throws Exception {
    Model.Split split =
        new Model.Split(
            List.of("flight"),
            "",
            new Model.Part(Optional.of(AsOfRange.of(days(0, 40))), Optional.of(6_000)),
            Optional.of(Model.Part.of(1_500)),
            new Model.Part(Optional.of(AsOfRange.of(days(30, 60))), Optional.of(2_500)));
    long[] expected = new long[3];
    for (Row row : local) {
      int part = dealt("", row.getInt(1), 60, 15);
      Instant asOf = row.getTimestamp(2).toInstant();
      boolean inside =
          part == 1
              || (part == 0
                  ? asOf.isBefore(days(0, 40).to())
                  : !asOf.isBefore(days(30, 60).from()));
      expected[part] += inside ? 1 : 0;
    }
    ModelTraining training = train(rows, model(split));
    assertThat(training.counts())
        .isEqualTo(
            new FitFacts.Rows(
                expected[0],
                expected[1],
                expected[2],
                (long) local.size() - expected[0] - expected[1] - expected[2],
                0));
  }

  private static Model.Part part(String range, Integer share) {
    return new Model.Part(
        Optional.ofNullable(range).map(r -> AsOfRange.parse(r, ZONE)), Optional.ofNullable(share));
  }

  @Test
  void trainsOnAShareOfTheKeysAndTestsOnAllLater() throws Exception {
    Model.Split split =
        new Model.Split(
            List.of("flight"),
            "",
            part("-60d/-20d", 7_000),
            Optional.of(part("-60d/-20d", 3_000)),
            part("-20d/0d", null));
    long[] expected = new long[3];
    for (Row row : local) {
      boolean late = !row.getTimestamp(2).toInstant().isBefore(days(40, 60).from());
      expected[late ? 2 : dealt("", row.getInt(1), 70, 30)]++;
    }
    ModelTraining training = train(rows, model(split));
    assertThat(training.counts())
        .isEqualTo(new FitFacts.Rows(expected[0], expected[1], 20L * ROWS_A_DAY, 0L, 0));
    assertThat(training.split().parts().get(2).asOf()).contains(days(40, 60));
  }

  @Test
  void daysFromTheEndAreThoseDays() {
    Model.Split written = new Model.Split(days(10, 40), days(40, 48), days(48, 60));
    Model.Split counted =
        new Model.Split(
            List.of(),
            "",
            part("-50d/-20d", null),
            Optional.of(part("-20d/-12d", null)),
            part("-12d/0d", null));
    assertThat(train(rows, model(counted)).bundle().digest())
        .isEqualTo(train(rows, model(written)).bundle().digest());
    // Without the last ten days the same split is of ten days before.
    Dataset<Row> shorter = rows.where(functions.col("_as_of").lt(Timestamp.from(days(0, 50).to())));
    assertThat(train(shorter, model(counted)).split().parts())
        .extracting(p -> p.asOf().orElseThrow())
        .containsExactly(days(0, 30), days(30, 38), days(38, 50));
  }

  @Test
  void validationIsTakenFromTrainingByAHashOfTheRow() throws Exception {
    Model.Split split =
        new Model.Split(
            List.of(), "", part("-60d/-20d", null), Optional.empty(), part("-20d/0d", null));
    long validate = 0;
    for (Row row : local) {
      Instant asOf = row.getTimestamp(2).toInstant();
      if (asOf.isBefore(days(40, 60).from())) {
        validate += bucket("", row.getString(0), row.getInt(1), Micros.of(asOf)) >= 8_500 ? 1 : 0;
      }
    }
    assertThat(validate).isBetween(1_600L, 2_000L);
    ModelTraining training =
        train(rows.repartition(5), model(split), List.of("carrier", "flight", "_as_of"));
    assertThat(training.counts())
        .isEqualTo(
            new FitFacts.Rows(40L * ROWS_A_DAY - validate, validate, 20L * ROWS_A_DAY, 0L, 0));
    assertThat(training.bundle().digest())
        .isEqualTo(
            train(rows.coalesce(1), model(split), List.of("carrier", "flight", "_as_of"))
                .bundle()
                .digest());
  }

  private static int bucket(Object... values) throws Exception {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      text.append(value.toString().length()).append(':').append(value).append(',');
    }
    byte[] sha =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest(text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return new java.math.BigInteger(1, Arrays.copyOf(sha, 6))
        .mod(java.math.BigInteger.valueOf(10_000))
        .intValue();
  }

  @Test
  void refusesATrainingSetWithoutLabels() {
    Dataset<Row> none = rows.withColumn("late", functions.lit(null).cast("boolean"));
    assertThatThrownBy(() -> train(none, model(split())))
        .hasMessage(
            "Cannot train model lateness: its training set has no row with an as-of and a label."
                + " Load rows whose outcome is known.");
  }

  @Test
  void saysWhichPartOfTheKeysHasNoRow() {
    Model.Split split =
        new Model.Split(
            List.of("weather"),
            "",
            Model.Part.of(9_000),
            Optional.of(Model.Part.of(500)),
            Model.Part.of(500));
    Dataset<Row> same = rows.withColumn("weather", functions.lit(null).cast("string"));
    assertThatThrownBy(() -> train(same, model(split)))
        .hasMessage(
            "Cannot train model lateness: its training set has no row in the validate part of its"
                + " split, 5% by weather (any as-of, buckets 9000 to 9499; its data ends at"
                + " 2013-03-02T05:00:00Z). Give the part a larger share, or split by what has more"
                + " values.");
    assertThatThrownBy(() -> train(rows, model(split)))
        .hasMessage(
            "Cannot split the rows of model lateness by weather: its training set has no such"
                + " column. Build it again.");
  }
}
