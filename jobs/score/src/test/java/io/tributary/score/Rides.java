package io.tributary.score;

import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import io.tributary.definition.ProjectReader;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputName;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.Examples;
import io.tributary.model.FitPlan;
import io.tributary.model.FittedNetwork;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ModelSignature;
import io.tributary.model.NetworkFit;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.Vectorizer;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.TrainingSetReference;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A small project in a lake: a ride an hour of January 2024, and models that were made of nothing.
 */
final class Rides {
  static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  static final int COUNT = 31 * 24;
  private static final StructType SCHEMA =
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

  private Rides() {}

  static CheckedProject project() throws Exception {
    return CheckedProject.check(ProjectReader.read(folder(), Map.of(), Optional.empty()));
  }

  static Path folder() throws Exception {
    return Path.of(Rides.class.getResource("/rides/tributary.yaml").toURI()).getParent();
  }

  static Instant starts(int id) {
    return FIRST.plusSeconds(3_600L * id);
  }

  static double kilometres(int id) {
    return id % 17 + 0.25;
  }

  static void load(Lake lake) {
    List<Ride> rides = new ArrayList<>();
    for (int id = 0; id < COUNT; id++) {
      rides.add(ride(id));
    }
    deliver(lake, 1, rides);
  }

  /** One version of a ride. */
  record Ride(
      int id,
      String driver,
      double kilometres,
      Instant starts,
      int delay,
      Instant known,
      boolean deleted) {}

  /** A ride as it is delivered first. */
  static Ride ride(int id) {
    return new Ride(
        id,
        "d" + id % 3,
        kilometres(id),
        starts(id),
        id % 7 * 5,
        starts(id).plusSeconds(3_600),
        false);
  }

  /** Adds a delivery, as ingest does. */
  static void deliver(Lake lake, long number, List<Ride> rides) {
    List<Row> rows =
        rides.stream()
            .map(
                ride ->
                    RowFactory.create(
                        ride.id(),
                        ride.driver(),
                        ride.kilometres(),
                        Timestamp.from(ride.starts()),
                        ride.delay(),
                        Timestamp.from(ride.starts()),
                        Timestamp.from(ride.known()),
                        ride.deleted(),
                        number,
                        "rides" + number + ".csv",
                        (long) ride.id(),
                        "none"))
            .toList();
    Dataset<Row> frame = lake.spark().createDataFrame(rows, SCHEMA);
    Instant known = rides.stream().map(Ride::known).min(Instant::compareTo).orElseThrow();
    lake.table(TableName.of("validated", "rides"))
        .append(
            frame,
            facts(
                new IngestFacts.Validated(
                    number, Digest.of("rules"), false, Optional.of(Map.of(number, known)))));
  }

  private static CommitFacts facts(IngestFacts.Validated validated) {
    return SampleFacts.ingested("rides", FIRST, validated);
  }

  static ModelSignature signature(CheckedModel model) {
    return new ModelSignature(
        model.name(),
        model.inputs().stream()
            .map(
                input ->
                    new Input(
                        input.column(),
                        input.type().sql().toLowerCase(Locale.ROOT),
                        input.column().equals("driver")
                            ? new Encoding.OneHot()
                            : new Encoding.Standardize()))
            .toList(),
        "late");
  }

  /** A model that was fitted to noise: what it says means nothing, but it says it exactly. */
  static ModelBundle bundle(ModelSignature signature, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 300;
    InputRows rows = new InputRows(signature.inputs(), n);
    boolean[] labels = new boolean[n];
    for (int k = 0; k < n; k++) {
      rows.append();
      for (int i = 0; i < signature.inputs().size(); i++) {
        if (signature.inputs().get(i).categorical()) {
          rows.text(i, "d" + random.nextInt(3));
        } else if (random.nextInt(9) > 0) {
          rows.number(i, random.nextDouble() * 20);
        }
      }
      labels[k] = random.nextBoolean();
    }
    int[] order = IntStream.range(0, n).toArray();
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    Examples examples = Examples.of(vectorizer, rows, labels, order, 0, n);
    FitPlan plan =
        new FitPlan(List.of(new Layer.Dense(5, "tanh")), new Fit("adam", 0.05, 50, 3, 2, seed), 1);
    FittedNetwork network = NetworkFit.fit(vectorizer, plan, examples, examples, epoch -> {});
    BinaryMetrics metrics = BinaryMetrics.of(new double[] {0.5, 0.5}, new boolean[] {true, false});
    List<ReferenceProfile.Part> parts =
        Arrays.stream(ReferenceProfile.Range.values())
            .map(range -> new ReferenceProfile.Part(range, new int[n], new double[n], labels))
            .toList();
    return ModelBundle.of(
        network,
        vectorizer,
        ReferenceProfile.of(ZoneId.of("UTC"), parts.get(0), parts.get(1), parts.get(2)),
        drift(signature.inputs().stream().map(Input::column).toList(), rows.columns(), n),
        drift(List.of("score"), List.of(new Column.Numbers(new double[n])), n),
        new ModelMetrics(
            metrics,
            metrics,
            Map.of(),
            Map.of(),
            Map.of(),
            network.history(),
            network.bestEpoch()));
  }

  private static DriftProfile drift(List<String> inputs, List<Column> columns, int rows) {
    return DriftProfile.of(
        inputs.stream().map(input -> new InputName(input, "rows")).toList(),
        columns,
        new int[rows],
        List.of(new DriftProfile.TrainedInterval("2024-01-01", 0, true, rows)));
  }

  static ModelVersion register(Lake lake, CheckedModel model, ModelBundle bundle) {
    return register(lake, model, bundle, Map.of());
  }

  /**
   * @param definitions what it is said to be trained on
   */
  static ModelVersion register(
      Lake lake, CheckedModel model, ModelBundle bundle, Map<String, Digest> definitions) {
    return register(lake, model, bundle, definitions, Optional.empty());
  }

  /**
   * @param online the views that it is said to take its inputs from
   */
  static ModelVersion register(
      Lake lake,
      CheckedModel model,
      ModelBundle bundle,
      Map<String, Digest> definitions,
      Optional<OnlineUse> online) {
    TableVersion table = new TableVersion(TableName.of("training", "lateness"), "id", 0);
    ModelVersion draft =
        new ModelVersion(
            model.name(),
            0,
            ArtefactStore.open(lake.uri()).put(bundle.files()),
            Map.of("auc", 0.5),
            Map.of(),
            Optional.of(
                new FitParameters(
                    new FitFacts.Split(List.of(), "", Instant.EPOCH, List.of()),
                    Map.of(),
                    List.of("dense(8, relu)"),
                    "adam",
                    0.001,
                    64,
                    2,
                    2,
                    20131031,
                    2,
                    100,
                    50,
                    2,
                    1)),
            List.of(AdmissionVerdict.judge("auc >= 0.5", "auc", ">=", 0.5, Optional.of(0.5))),
            Optional.of(ModelEnvironment.of(SampleFacts.HERE, "none", Map.of())),
            Optional.of(
                new TrainingSetReference(
                    "lateness",
                    1,
                    table,
                    List.of(Pin.of(table)),
                    Digest.of("d"),
                    Digest.of("c"),
                    new SharedEvents(Map.of(), Map.of()))),
            online,
            model.digest(),
            bundle.digest(),
            definitions,
            Optional.of(RunId.startingAt(FIRST)),
            Digest.of(bundle.digest() + " " + definitions),
            Optional.empty(),
            Optional.empty());
    return ModelRegistry.open(lake.uri()).register(draft, Principal.osUser("ada"));
  }

  static void promote(Lake lake, ModelVersion version) {
    promote(lake, version, "production");
  }

  /** Promotes a version as a person does who has compared it with the one in production. */
  static void promote(Lake lake, ModelVersion version, String alias) {
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    Principal ada = Principal.osUser("ada");
    registry
        .models()
        .get(version.model())
        .holder("production")
        .map(
            held ->
                Comparison.cannotTell(held.version().number(), "by eye", 0.005, Optional.empty()))
        .ifPresent(compared -> registry.promotions().record(version, compared, ada, ""));
    registry.promote(version.model(), version.number(), alias, ada, "test");
  }
}
