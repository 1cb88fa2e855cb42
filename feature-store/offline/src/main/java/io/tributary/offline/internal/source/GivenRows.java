package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.spark.SparkRows;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/** Validated rows that lie in no lake. */
final class GivenRows implements StoredRows {
  private final Given given;

  GivenRows(Given given) {
    this.given = given;
  }

  /**
   * Those of frames.
   *
   * @param frames one of a source by its name
   */
  static GivenRows of(Function<String, Dataset<Row>> frames) {
    return new GivenRows(
        (source, columns) ->
            SparkRows.of(
                checked(source, frames.apply(source.name())),
                columns.stream().map(c -> functions.col("`" + c + "`")).toArray(Column[]::new)));
  }

  @Override
  public synchronized PartitionedRows rows(
      CheckedSource source, Collection<String> columns, List<Pin> pins) {
    return given.rows(
        source, Stream.of(source.rowSchema().fieldNames()).filter(columns::contains).toList());
  }

  @Override
  public PartitionedRows placed(CheckedSource source, List<Pin> pins) {
    throw new IllegalStateException("rows that lie in no lake have no places there");
  }

  @Override
  public Object content(String source, List<Pin> pins) {
    return source;
  }

  private static Dataset<Row> checked(CheckedSource source, Dataset<Row> rows) {
    List<String> names = Arrays.asList(rows.schema().fieldNames());
    for (StructField wanted : source.rowSchema().fields()) {
      if (!names.contains(wanted.name())
          || !rows.schema().apply(wanted.name()).dataType().equals(wanted.dataType())) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot use the rows of source %s: they have no column %s %s. They have %s; give them as the source's validated table has them."
                .formatted(
                    source.name(),
                    wanted.name(),
                    wanted.dataType().catalogString(),
                    rows.schema().catalogString()));
      }
    }
    return rows;
  }
}
