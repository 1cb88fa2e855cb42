package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/** Frames of validated rows, without a lake. */
final class GivenRows implements StoredRows {
  private final Function<String, Dataset<Row>> give;

  /**
   * @param give the rows of a source by its name
   */
  GivenRows(Function<String, Dataset<Row>> give) {
    this.give = give;
  }

  @Override
  public synchronized Dataset<Row> rows(CheckedSource source, List<Pin> pins) {
    return checked(source, give.apply(source.name()));
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
