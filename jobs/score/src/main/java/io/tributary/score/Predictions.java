package io.tributary.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import io.tributary.core.Micros;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.expression.CheckedSpine;
import io.tributary.expression.CheckedTrainingSet;
import io.tributary.lake.InternalRows;
import io.tributary.lake.RowDigest;
import io.tributary.offline.ScoreColumns;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The ids of predictions, {@code <score set>/<UTC day of the as-of>/<digest>}: the same however
 * often a row is scored, and in the order of days. The digest is the first 16 bytes, in
 * hexadecimal, of the {@link RowDigest} of the role and the columns of the row that asked, in the
 * order of their names. Of rows that are equal in all of them the second has {@code /2} at its end.
 */
final class Predictions {
  private Predictions() {}

  /**
   * The rows with {@link ScoreColumns#PREDICTION} as one more column.
   *
   * @param asking the names of the columns that the rows asked with, the as-of among them
   */
  static Dataset<Row> identified(
      Dataset<Row> rows, String scores, String role, CheckedSpine spine, String[] asking) {
    List<String> columns = Arrays.stream(asking).sorted().toList();
    StructType schema = rows.schema();
    int asOf = schema.fieldIndex(CheckedTrainingSet.AS_OF);
    Dataset<Row> identified =
        InternalRows.map(
            rows,
            schema.add(ScoreColumns.PREDICTION, DataTypes.StringType, false),
            part -> new Identified(part, scores, asOf, RowDigest.of(role, schema, columns)));
    if (isUnique(spine, asking)) {
      return identified;
    }
    WindowSpec equal =
        Window.partitionBy(ScoreColumns.PREDICTION).orderBy(col(ScoreColumns.PREDICTION));
    String number = "_copy";
    return identified
        .withColumn(number, row_number().over(equal))
        .withColumn(
            ScoreColumns.PREDICTION,
            when(col(number).gt(1), concat(col(ScoreColumns.PREDICTION), lit("/"), col(number)))
                .otherwise(col(ScoreColumns.PREDICTION)))
        .drop(number);
  }

  /** Whether no two rows can ask alike. */
  private static boolean isUnique(CheckedSpine spine, String[] asking) {
    Set<String> names =
        Arrays.stream(asking).map(n -> n.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    List<String> key = spine.source().definition().eventKey();
    return spine.definition() instanceof Spine.Periodic
        || (!spine.source().definition().isStatic()
            && !key.isEmpty()
            && key.stream().allMatch(column -> names.contains(column.toLowerCase(Locale.ROOT))));
  }

  private static final class Identified implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final String scores;
    private final int asOf;
    private final RowDigest digest;
    private final GenericInternalRow added = new GenericInternalRow(1);
    private final JoinedRow joined = new JoinedRow();

    Identified(Iterator<InternalRow> rows, String scores, int asOf, RowDigest digest) {
      this.rows = rows;
      this.scores = scores;
      this.asOf = asOf;
      this.digest = digest;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public InternalRow next() {
      InternalRow row = rows.next();
      String id =
          scores
              + "/"
              + Micros.instant(row.getLong(asOf)).atOffset(ZoneOffset.UTC).toLocalDate()
              + "/"
              + HexFormat.of().formatHex(digest.of(row), 0, InputsDigest.BYTES);
      added.update(0, UTF8String.fromString(id));
      return joined.apply(row, added);
    }
  }
}
