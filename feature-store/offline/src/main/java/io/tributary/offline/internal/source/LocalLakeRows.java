package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.lake.StoredFiles;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** The validated tables of a lake on this machine, as pins name them, read by this process. */
final class LocalLakeRows implements StoredRows {
  private final CheckedProject project;
  private final Lake lake;
  private final LocalRunner runner;
  private final Map<Pin, Optional<Opened>> opened = new HashMap<>();
  private final Map<Pin, Long> newest = new HashMap<>();

  /** A table's files, their footers read. */
  private record Opened(ParquetRows rows, StructType schema) {}

  LocalLakeRows(CheckedProject project, Lake lake, LocalRunner runner) {
    this.project = project;
    this.lake = lake;
    this.runner = runner;
  }

  @Override
  public Optional<String> leftToSpark(CheckedSource source, List<String> beside, List<Pin> pins) {
    Pin pin = LakeRows.pin(project, source.name(), pins);
    String name = "table " + pin.version().table();
    Optional<Opened> table;
    try {
      table = opened(pin);
    } catch (PlatformException e) {
      // Spark reports better what is wrong with a table.
      return Optional.of(name + " can't be read here: " + e.getMessage());
    }
    if (table.isEmpty()) {
      return Optional.of(name + " is not here, or its log needs Delta");
    }
    List<String> columns = List.of(table.get().schema().fieldNames());
    return Stream.of(
            Stream.of(source.rowSchema().fieldNames()),
            Stream.of(LakeTable.DELIVERY),
            beside.stream())
        .flatMap(s -> s)
        .filter(column -> !columns.contains(column))
        .findFirst()
        .map(column -> name + " has no column " + column)
        .or(
            () ->
                table.get().rows().leftToSpark().map(why -> name + " can't be read here: " + why));
  }

  @Override
  public long bytes(CheckedSource source, List<Pin> pins) {
    return opened(LakeRows.pin(project, source.name(), pins)).orElseThrow().rows().bytes();
  }

  private synchronized Optional<Opened> opened(Pin pin) {
    return opened.computeIfAbsent(
        pin,
        p ->
            lake.table(p.version().table())
                .files(p)
                .map((StoredFiles f) -> new Opened(ParquetRows.open(f.files()), f.schema())));
  }

  @Override
  public PartitionedRows rows(CheckedSource source, Collection<String> columns, List<Pin> pins) {
    return read(source, Stream.of(source.rowSchema().fieldNames()).filter(columns::contains), pins);
  }

  @Override
  public PartitionedRows placed(CheckedSource source, List<Pin> pins) {
    return read(
        source,
        Stream.concat(Stream.of(source.rowSchema().fieldNames()), Sources.PLACE.stream()),
        pins);
  }

  private PartitionedRows read(CheckedSource source, Stream<String> columns, List<Pin> pins) {
    Pin pin = LakeRows.pin(project, source.name(), pins);
    List<String> names = Stream.concat(columns, Stream.of(LakeTable.DELIVERY)).distinct().toList();
    if (!source.definition().isStatic()) {
      return read(pin, names, delivery -> pin.deliveries().map(n -> delivery <= n).orElse(true));
    }
    long content = newestDelivery(pin);
    return read(pin, names, delivery -> delivery == content);
  }

  private PartitionedRows read(Pin pin, List<String> names, LongPredicate ofDelivery) {
    Opened table = opened(pin).orElseThrow();
    StructType columns =
        new StructType(names.stream().map(table.schema()::apply).toArray(StructField[]::new))
            .asNullable();
    int delivery = columns.fieldIndex(LakeTable.DELIVERY);
    return table
        .rows()
        .read(
            runner,
            columns,
            columns,
            (partition, file, rows) -> new OfDeliveries(rows, delivery, ofDelivery));
  }

  private synchronized long newestDelivery(Pin pin) {
    return newest.computeIfAbsent(
        pin,
        p ->
            read(p, List.of(LakeTable.DELIVERY), n -> p.deliveries().map(d -> n <= d).orElse(true))
                .rows()
                .merged(LocalLakeRows::greatest, Math::max)
                .orElse(-1L));
  }

  private static long greatest(Iterator<InternalRow> rows) {
    long greatest = -1;
    while (rows.hasNext()) {
      greatest = Math.max(greatest, rows.next().getLong(0));
    }
    return greatest;
  }

  @Override
  public Object content(String source, List<Pin> pins) {
    return LakeRows.content(LakeRows.pin(project, source, pins));
  }

  /** The rows of some deliveries; in columns where all that lie together are. */
  private static final class OfDeliveries implements ColumnRows {
    private final ColumnRows rows;
    private final int delivery;
    private final LongPredicate wanted;
    private InternalRow next;

    OfDeliveries(ColumnRows rows, int delivery, LongPredicate wanted) {
      this.rows = rows;
      this.delivery = delivery;
      this.wanted = wanted;
    }

    @Override
    public Optional<ColumnarBatch> columns() {
      return next == null ? rows.columns().filter(this::areWanted) : Optional.empty();
    }

    private boolean areWanted(ColumnarBatch batch) {
      ColumnVector deliveries = batch.column(delivery);
      for (int i = 0; i < batch.numRows(); i++) {
        if (!wanted.test(deliveries.getLong(i))) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void pass() {
      rows.pass();
    }

    @Override
    public boolean hasNext() {
      while (next == null && rows.hasNext()) {
        InternalRow row = rows.next();
        next = wanted.test(row.getLong(delivery)) ? row : null;
      }
      return next != null;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = next;
      next = null;
      return row;
    }
  }
}
