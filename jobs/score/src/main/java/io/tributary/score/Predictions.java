package io.tributary.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.tributary.analysis.CheckedSpine;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.lake.InternalRows;
import io.tributary.lake.RowDigest;
import io.tributary.model.ScoreColumns;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The ids of predictions, {@code <score set>/<UTC day of the as-of>/<digest>}: derived from the
 * query alone, so that repeated scorings by any model give the same id, and sorted by day. The
 * digest is the first 16 bytes, in hexadecimal, of the {@link QuestionDigest} of {@link
 * Scorer#asks}, as-of and what identifies the row: its source's event key, or the entity of a grid.
 * For rows that nothing identifies it is the {@link RowDigest} of the first and all columns of the
 * label row, in the order of their names. Of rows with equal digests, which are of a static source
 * or have no event key, the second has {@code /2} appended.
 *
 * @param scores the score set's name
 * @param columns the names of the label row's columns, the as-of among them, sorted
 * @param identity those that identify a row beside its as-of; may be empty
 * @param unique whether no two rows have one id
 */
record Predictions(String scores, List<String> columns, List<String> identity, boolean unique)
    implements Serializable {
  private static final String ROW = "_row";
  private static final String COPY = "_copy";

  /**
   * The ids of some rows, and how many these are.
   *
   * @param columns that the rows have
   * @param asking the rows with some columns and their as-of; read once
   */
  static Asked of(
      String scores,
      CheckedSpine spine,
      String[] columns,
      Function<List<String>, Dataset<Row>> asking) {
    List<String> identity = identity(spine, columns);
    Dataset<Row> rows = asking.apply(identity);
    boolean named = !identity.isEmpty();
    Row counted;
    if (named && spine.source().definition().isStatic()) {
      // Two of one hash are taken for two of one id, which is rare and then only slower.
      Column hash =
          xxhash64(
              Stream.concat(Stream.of(CheckedTrainingSet.AS_OF), identity.stream())
                  .map(Scoring::quoted)
                  .toArray(Column[]::new));
      counted =
          rows.groupBy(hash.as(ROW))
              .agg(count(lit(1)).as(COPY))
              .agg(coalesce(sum(COPY), lit(0L)), coalesce(max(COPY), lit(0L)))
              .head();
    } else {
      counted = rows.agg(count(lit(1)), lit(named ? 1L : 2L)).head();
    }
    Predictions ids =
        new Predictions(
            scores, Arrays.stream(columns).sorted().toList(), identity, counted.getLong(1) <= 1);
    return new Asked(ids, counted.getLong(0));
  }

  /** The ids of rows, and how many rows there are. */
  record Asked(Predictions ids, long rows) {}

  /**
   * Gives ids to rows of a schema.
   *
   * @param asks what asks for the prediction
   */
  PredictionId id(String asks, StructType schema) {
    int asOf = schema.fieldIndex(CheckedTrainingSet.AS_OF);
    return new PredictionId(
        scores,
        asOf,
        identity.isEmpty()
            ? RowDigest.of(asks, schema, columns)::of
            : new QuestionDigest(asks, schema, asOf, identity)::of);
  }

  /** Distinguishes rows of one id by all their columns, whichever is read first. */
  Dataset<Row> numbered(Dataset<Row> rows) {
    if (unique) {
      return rows;
    }
    StructType schema = rows.schema();
    WindowSpec equal = Window.partitionBy(ScoreColumns.PREDICTION).orderBy(ROW);
    return InternalRows.map(
            rows,
            schema.add(ROW, DataTypes.BinaryType, false),
            part -> new AddedColumn(part, RowDigest.of(ScoreColumns.CHAMPION, schema, columns)::of))
        .withColumn(COPY, row_number().over(equal))
        .withColumn(
            ScoreColumns.PREDICTION,
            when(col(COPY).gt(1), concat(col(ScoreColumns.PREDICTION), lit("/"), col(COPY)))
                .otherwise(col(ScoreColumns.PREDICTION)))
        .drop(COPY, ROW);
  }

  /** The columns that identify a row beside its as-of; may be empty. */
  private static List<String> identity(CheckedSpine spine, String[] asking) {
    List<String> key =
        spine.definition() instanceof Spine.Periodic periodic
            ? periodic.entity()
            : spine.source().definition().eventKey();
    List<String> identity =
        key.stream()
            .flatMap(column -> Arrays.stream(asking).filter(column::equalsIgnoreCase))
            .toList();
    return identity.size() == key.size() ? identity : List.of();
  }
}
