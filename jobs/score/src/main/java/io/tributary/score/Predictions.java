package io.tributary.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import io.tributary.analysis.CheckedSpine;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Micros;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.lake.InternalRows;
import io.tributary.lake.RowDigest;
import io.tributary.model.ScoreColumns;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The ids of predictions, {@code <score set>/<UTC day of the as-of>/<digest>}: derived from the
 * query alone, so that repeated scorings by any model give the same id, and sorted by day. The
 * digest is the first 16 bytes, in hexadecimal, of the {@link QuestionDigest} of role, as-of and
 * what identifies the row: its source's event key, or the entity of a grid. For rows that nothing
 * identifies it is the {@link RowDigest} of the role and all columns of the label row, in the order
 * of their names. Of rows with equal digests, which are of a static source or have no event key,
 * the second has {@code /2} appended.
 */
final class Predictions {
  private static final String ROW = "_row";
  private static final String COPY = "_copy";

  private Predictions() {}

  /**
   * The rows with {@link ScoreColumns#PREDICTION} as one more column.
   *
   * @param asking the names of the label row's columns, the as-of among them
   */
  static Dataset<Row> identified(
      Dataset<Row> rows, String scores, String role, CheckedSpine spine, String[] asking) {
    List<String> columns = Arrays.stream(asking).sorted().toList();
    List<String> identity = identity(spine, asking);
    StructType schema = rows.schema();
    int asOf = schema.fieldIndex(CheckedTrainingSet.AS_OF);
    Dataset<Row> identified =
        InternalRows.map(
            rows,
            schema.add(ScoreColumns.PREDICTION, DataTypes.StringType, false),
            part -> {
              Function<InternalRow, byte[]> digest =
                  identity.isEmpty()
                      ? RowDigest.of(role, schema, columns)::of
                      : new QuestionDigest(role, schema, asOf, identity)::of;
              return new AddedColumn(part, row -> id(scores, row.getLong(asOf), digest.apply(row)));
            });
    if (!identity.isEmpty() && !spine.source().definition().isStatic()) {
      return identified;
    }
    // Rows of one id are distinguished by all their columns, whichever is read first.
    StructType schemaWithId = identified.schema();
    WindowSpec equal = Window.partitionBy(ScoreColumns.PREDICTION).orderBy(ROW);
    return InternalRows.map(
            identified,
            schemaWithId.add(ROW, DataTypes.BinaryType, false),
            part -> new AddedColumn(part, RowDigest.of(role, schemaWithId, columns)::of))
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

  private static UTF8String id(String scores, long asOf, byte[] digest) {
    return UTF8String.fromString(
        scores
            + "/"
            + Micros.instant(asOf).atOffset(ZoneOffset.UTC).toLocalDate()
            + "/"
            + HexFormat.of().formatHex(digest, 0, InputsDigest.BYTES));
  }
}
