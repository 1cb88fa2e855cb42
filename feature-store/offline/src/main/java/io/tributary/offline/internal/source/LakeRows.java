package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.spark.SparkRows;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The validated tables of a lake, as pins name them. */
final class LakeRows implements StoredRows {
  private final CheckedProject project;
  private final Lake lake;
  private final Map<Pin, Long> newest = new HashMap<>();

  LakeRows(CheckedProject project, Lake lake) {
    this.project = project;
    this.lake = lake;
  }

  @Override
  public PartitionedRows rows(CheckedSource source, Collection<String> columns, List<Pin> pins) {
    return SparkRows.of(
        rows(source, pins),
        columns(Stream.of(source.rowSchema().fieldNames()).filter(columns::contains)));
  }

  @Override
  public PartitionedRows placed(CheckedSource source, List<Pin> pins) {
    return SparkRows.of(
        rows(source, pins)
            .select(
                columns(
                    Stream.concat(
                        Stream.of(source.rowSchema().fieldNames()), Sources.PLACE.stream()))));
  }

  private static Column[] columns(Stream<String> names) {
    return names.map(name -> functions.col("`" + name + "`")).toArray(Column[]::new);
  }

  private Dataset<Row> rows(CheckedSource source, List<Pin> pins) {
    Pin pin = pin(project, source.name(), pins);
    Dataset<Row> rows = lake.table(pin.version().table()).read(pin);
    return source.definition().isStatic()
        ? rows.where(functions.col(LakeTable.DELIVERY).equalTo(newestDelivery(pin, rows)))
        : rows;
  }

  @Override
  public Object content(String source, List<Pin> pins) {
    return content(pin(project, source, pins));
  }

  static Object content(Pin pin) {
    return List.of(pin.version().id(), pin.deliveries(), pin.leftOut());
  }

  private long newestDelivery(Pin pin, Dataset<Row> rows) {
    synchronized (newest) {
      return newest.computeIfAbsent(
          pin,
          p -> {
            Row max = rows.agg(functions.max(LakeTable.DELIVERY)).head();
            return max.isNullAt(0) ? -1L : max.getLong(0);
          });
    }
  }

  static Pin pin(CheckedProject project, String source, List<Pin> pins) {
    TableName table = Sources.table(project, source);
    return pins.stream()
        .filter(p -> p.version().table().equals(table))
        .findFirst()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.BUG,
                    "Cannot read source %s: no pin names table %s. Report this as a bug."
                        .formatted(source, table)));
  }
}
