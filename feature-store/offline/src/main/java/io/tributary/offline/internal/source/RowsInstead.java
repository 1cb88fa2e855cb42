package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.spark.SparkRows;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Rows of a lake, of some sources frames in place of what its tables have by now. */
final class RowsInstead implements StoredRows {
  private final StoredRows stored;
  private final Map<String, Dataset<Row>> instead;

  RowsInstead(StoredRows stored, Map<String, Dataset<Row>> instead) {
    this.stored = stored;
    this.instead = Map.copyOf(instead);
  }

  @Override
  public PartitionedRows rows(CheckedSource source, Collection<String> columns, List<Pin> pins) {
    return instead.containsKey(source.name())
        ? rows(source, Stream.of(source.rowSchema().fieldNames()).filter(columns::contains))
        : stored.rows(source, columns, pins);
  }

  @Override
  public PartitionedRows placed(CheckedSource source, List<Pin> pins) {
    return instead.containsKey(source.name())
        ? rows(
            source,
            Stream.concat(Stream.of(source.rowSchema().fieldNames()), Sources.PLACE.stream()))
        : stored.placed(source, pins);
  }

  private PartitionedRows rows(CheckedSource source, Stream<String> columns) {
    return SparkRows.of(
        instead.get(source.name()),
        columns.map(name -> functions.col("`" + name + "`")).toArray(Column[]::new));
  }

  @Override
  public StoredRows where(Wanted wanted) {
    return new RowsInstead(stored.where(wanted), instead);
  }

  @Override
  public long bytes(CheckedSource source, List<Pin> pins) {
    return instead.containsKey(source.name()) ? 0 : stored.bytes(source, pins);
  }

  @Override
  public Optional<String> leftToSpark(CheckedSource source, List<String> beside, List<Pin> pins) {
    return instead.containsKey(source.name())
        ? Optional.of("the rows of source " + source.name() + " are made again from bronze")
        : stored.leftToSpark(source, beside, pins);
  }

  @Override
  public Object content(String source, List<Pin> pins) {
    return instead.containsKey(source) ? source : stored.content(source, pins);
  }
}
