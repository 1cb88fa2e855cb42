package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.InputName;
import io.tributary.drift.ValueBins;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The example's year of flights, as its training set has them, scored by the model in production.
 */
final class LakeHistory {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  private static final LocalDate FIRST = LocalDate.of(2013, 1, 1);
  private static final int DAYS = 365;

  /** The longest window of its features. */
  private static final int WARM_UP = 30;

  private LakeHistory() {}

  static History read(String lake) {
    ModelRegistry registry = ModelRegistry.open(lake);
    ModelVersion version = registry.resolve("late_arrival@production");
    TrainedModel model =
        TrainedModel.open(ModelBundle.of(registry.artefact(version), version.artefact().digest()));
    List<Input> inputs = model.signature().inputs();
    InputRows rows = model.rows();
    List<Instant> asOf = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    try (SparkSession spark = session()) {
      Iterator<Row> read =
          spark
              .read()
              .format("delta")
              .load(lake + "/training/late_arrival")
              .selectExpr(
                  Stream.concat(
                          Stream.of("_as_of", model.signature().label()),
                          inputs.stream().map(Input::column))
                      .toArray(String[]::new))
              .toLocalIterator();
      while (read.hasNext()) {
        Row row = read.next();
        rows.append();
        for (int i = 0; i < inputs.size(); i++) {
          rows.value(i, row.get(i + 2));
        }
        asOf.add(row.getTimestamp(0).toInstant());
        labels.add(row.getBoolean(1));
      }
    }
    double[] scores = model.score(rows);
    // Which file a row is in must not matter.
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparing(asOf::get).thenComparing(row -> scores[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] starts = new int[DAYS + 1];
    boolean[] sorted = new boolean[order.length];
    for (int k = 0; k < order.length; k++) {
      starts[night(asOf.get(order[k]).atZone(ZONE).toLocalDate()) + 1]++;
      sorted[k] = labels.get(order[k]);
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    return new History(
        "flights",
        inputs.stream().map(Input::column).map(LakeHistory::name).toList(),
        rows.columns().stream().map(column -> column.taken(order)).toList(),
        FIRST,
        starts,
        WARM_UP,
        (columns, n) -> score(model, columns, n),
        Arrays.stream(order).mapToDouble(row -> scores[row]).toArray(),
        sorted,
        new History.Parts(
            night(LocalDate.of(2013, 10, 1)),
            night(LocalDate.of(2013, 11, 1)),
            night(LocalDate.of(2013, 12, 28)),
            night(LocalDate.of(2013, 12, 31))));
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .getOrCreate();
  }

  private static int night(LocalDate day) {
    return (int) ChronoUnit.DAYS.between(FIRST, day);
  }

  /** A feature's column is named VIEW__FEATURE; others are of the row itself. */
  private static InputName name(String column) {
    int end = column.indexOf("__");
    return new InputName(column, end < 0 ? "rows" : column.substring(0, end));
  }

  private static double[] score(TrainedModel model, List<Column> columns, int rows) {
    InputRows inputs = model.rows();
    for (int row = 0; row < rows; row++) {
      inputs.append();
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i) instanceof Column.Numbers numbers) {
          inputs.number(i, numbers.values()[row]);
        } else if (columns.get(i) instanceof Column.Categories categories
            && categories.codes()[row] != ValueBins.MISSING) {
          inputs.text(i, categories.texts().get(categories.codes()[row]));
        }
      }
    }
    return model.score(inputs);
  }
}
