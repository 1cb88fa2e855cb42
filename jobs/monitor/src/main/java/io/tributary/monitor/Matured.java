package io.tributary.monitor;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.tributary.core.Interval;
import io.tributary.drift.OutcomeSums;
import io.tributary.model.ScoreColumns;
import io.tributary.offline.AskingRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Sums up rows whose labels have matured, by what scored them and by slice, on the executors: in
 * one pass over rows that are sorted by score, so that memory holds no more than a part's sums.
 */
final class Matured {
  static final String LABEL = "_label";

  static final String SCORE = "_score";
  private static final String MISSING = "null";
  private static final String SLICE = "_slice";
  static final String OF = "_of";
  static final String VALUE = "_value";

  private Matured() {}

  /** The model version that scored rows, by name, number and artefact. */
  record Scorer(String model, long number, String artefact) implements Serializable {
    static Scorer of(Row row) {
      return new Scorer(row.getString(0), row.getLong(1), row.getString(2));
    }

    String reference() {
      return model + "@" + number;
    }
  }

  /** The rows in which a column has a value, {@code null} as text where it is missing. */
  record Slice(String column, String value) implements Serializable {}

  /**
   * Rows that belong together.
   *
   * @param role what the model was to them
   * @param slice empty of all rows that the version scored in the role
   */
  record Group(Scorer scorer, String role, Optional<Slice> slice) {}

  /** The sums of one group in one part of the rows. */
  private record Part(Scorer scorer, String role, String column, String value, OutcomeSums sums)
      implements Serializable {
    Group group() {
      return new Group(
          scorer,
          role,
          column.isEmpty() ? Optional.empty() : Optional.of(new Slice(column, value)));
    }
  }

  /** What makes one row several: each version and role scored it. */
  private static final List<String> SCORER =
      List.of(
          ScoreColumns.MODEL, ScoreColumns.MODEL_VERSION, ScoreColumns.ARTEFACT, ScoreColumns.ROLE);

  /**
   * Scored rows that ask for their labels.
   *
   * @param slices columns that labelled rows are sliced by
   * @param asOf where all of theirs are
   */
  static AskingRows asking(Dataset<Row> scored, Collection<String> slices, Interval asOf) {
    Set<String> kept = new HashSet<>(SCORER);
    kept.add(ScoreColumns.OUTPUT);
    slices.forEach(column -> kept.add(SLICE + column));
    return new AskingRows(withSlices(scored, slices), kept, SCORER, Optional.of(asOf));
  }

  /** The columns that labelled rows are sliced by, to be put beside those of the score set. */
  private static Dataset<Row> withSlices(Dataset<Row> scored, Collection<String> columns) {
    Dataset<Row> rows = scored;
    for (String column : columns) {
      Optional<Column> found = column(scored.schema(), column);
      if (found.isPresent()) {
        rows = rows.withColumn(SLICE + column, found.get());
      }
    }
    return rows;
  }

  /** A column of the row, as text, or of the model's inputs: a category, or a number. */
  private static Optional<Column> column(StructType schema, String name) {
    if (Arrays.asList(schema.fieldNames()).contains(name)) {
      return Optional.of(col("`" + name + "`").cast("string"));
    }
    StructType inputs = (StructType) schema.apply(ScoreColumns.INPUTS).dataType();
    return Stream.of(ScoreColumns.CATEGORIES, ScoreColumns.NUMBERS)
        .filter(member -> Arrays.asList(inputs.fieldNames()).contains(member))
        .filter(
            member ->
                Arrays.asList(((StructType) inputs.apply(member).dataType()).fieldNames())
                    .contains(name))
        .map(member -> col(ScoreColumns.INPUTS).getField(member).getField(name))
        .findFirst();
  }

  /**
   * Sums rows up.
   *
   * @param rows scored ones as {@link #withSlices} made them, with {@link #LABEL}
   * @param slices those that are looked at
   */
  static Map<Group, OutcomeSums> count(Dataset<Row> rows, Set<Slice> slices) {
    Dataset<Row> kept =
        rows.select(
                col(ScoreColumns.MODEL),
                col(ScoreColumns.MODEL_VERSION),
                col(ScoreColumns.ARTEFACT),
                col(ScoreColumns.ROLE),
                col(ScoreColumns.OUTPUT).getField(ScoreColumns.PROBABILITY).as(SCORE),
                col(LABEL).cast("boolean").as(LABEL),
                slices(rows, slices).as(SLICE))
            .where(col(SCORE).isNotNull().and(not(col(SCORE).isNaN())))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Column[] order =
        Stream.of(
                ScoreColumns.MODEL,
                ScoreColumns.MODEL_VERSION,
                ScoreColumns.ARTEFACT,
                ScoreColumns.ROLE,
                OF,
                VALUE,
                SCORE)
            .map(functions::col)
            .toArray(Column[]::new);
    try {
      Map<Group, OutcomeSums> counted = new LinkedHashMap<>();
      for (Part part :
          bySlice(kept)
              .select(
                  Stream.concat(Arrays.stream(order), Stream.of(col(LABEL))).toArray(Column[]::new))
              .repartitionByRange(order)
              .sortWithinPartitions(order)
              .toJavaRDD()
              .mapPartitions(Matured::parts)
              .collect()) {
        counted.computeIfAbsent(part.group(), group -> new OutcomeSums()).addHigher(part.sums());
      }
      return counted;
    } finally {
      kept.unpersist(false);
    }
  }

  /**
   * A row for each slice that a scored row is in, and one for all rows, with {@link #SCORE}, and
   * the slice in {@link #OF} and {@link #VALUE}: both empty of all rows.
   */
  static Dataset<Row> bySlice(Dataset<Row> scored, Collection<Slice> slices) {
    Dataset<Row> rows = withSlices(scored, slices.stream().map(Slice::column).distinct().toList());
    return bySlice(
        rows.withColumn(SCORE, col(ScoreColumns.OUTPUT).getField(ScoreColumns.PROBABILITY))
            .withColumn(SLICE, slices(rows, slices)));
  }

  private static Dataset<Row> bySlice(Dataset<Row> rows) {
    return rows.withColumn(SLICE, explode(col(SLICE)))
        .where(col(SLICE).isNotNull())
        .withColumn(OF, col(SLICE).getField(OF))
        .withColumn(VALUE, col(SLICE).getField(VALUE));
  }

  /** For each row an array of what it counts for: all rows, and each of its slices. */
  private static Column slices(Dataset<Row> rows, Collection<Slice> slices) {
    Stream<Column> of =
        slices.stream()
            .map(Slice::column)
            .distinct()
            .filter(column -> Arrays.asList(rows.columns()).contains(SLICE + column))
            .map(
                column ->
                    coalesce(
                        slices.stream()
                            .filter(slice -> slice.column().equals(column))
                            .map(
                                slice ->
                                    when(
                                        is(rows, slice),
                                        struct(lit(column).as(OF), lit(slice.value()).as(VALUE))))
                            .toArray(Column[]::new)));
    return array(
        Stream.concat(Stream.of(struct(lit("").as(OF), lit("").as(VALUE))), of)
            .toArray(Column[]::new));
  }

  /**
   * Whether a row is in a slice. Its value is written as the training set has it; a number of
   * whatever type is scored as a double.
   */
  private static Column is(Dataset<Row> rows, Slice slice) {
    Column value = col("`" + SLICE + slice.column() + "`");
    if (slice.value().equals(MISSING)) {
      return value.isNull();
    }
    if (!rows.schema().apply(SLICE + slice.column()).dataType().equals(DataTypes.DoubleType)) {
      return value.equalTo(slice.value());
    }
    double number =
        switch (slice.value()) {
          case "true" -> 1;
          case "false" -> 0;
          default -> Double.parseDouble(slice.value());
        };
    return value.isin(number, (double) (float) number);
  }

  /** The sums of each group among rows in order. */
  private static Iterator<Part> parts(Iterator<Row> rows) {
    List<Part> parts = new ArrayList<>();
    Part part = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      Scorer scorer = Scorer.of(row);
      String role = row.getString(3);
      String column = row.getString(4);
      String value = row.getString(5);
      if (part == null
          || !part.scorer().equals(scorer)
          || !part.role().equals(role)
          || !part.column().equals(column)
          || !part.value().equals(value)) {
        part = new Part(scorer, role, column, value, new OutcomeSums());
        parts.add(part);
      }
      part.sums().add(row.getDouble(6), row.getBoolean(7));
    }
    return parts.iterator();
  }
}
