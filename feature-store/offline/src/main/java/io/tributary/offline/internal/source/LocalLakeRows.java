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
import java.util.concurrent.ConcurrentHashMap;
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
  private final Optional<Wanted> wanted;
  private final Map<Pin, Optional<Opened>> opened;
  private final Map<Pin, Long> newest = new HashMap<>();

  /** A table's files, their footers read. */
  private record Opened(ParquetRows rows, StructType schema) {}

  LocalLakeRows(CheckedProject project, Lake lake, LocalRunner runner) {
    this(project, lake, runner, Optional.empty(), new ConcurrentHashMap<>());
  }

  private LocalLakeRows(
      CheckedProject project,
      Lake lake,
      LocalRunner runner,
      Optional<Wanted> wanted,
      Map<Pin, Optional<Opened>> opened) {
    this.project = project;
    this.lake = lake;
    this.runner = runner;
    this.wanted = wanted;
    this.opened = opened;
  }

  @Override
  public StoredRows where(Wanted some) {
    return new LocalLakeRows(project, lake, runner, Optional.of(some), opened);
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

  private Optional<Opened> opened(Pin pin) {
    return opened.computeIfAbsent(
        pin,
        p ->
            lake.table(p.version().table())
                .files(p)
                .map((StoredFiles f) -> new Opened(ParquetRows.open(f.whole()), f.schema())));
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
    Opened table = opened(pin).orElseThrow();
    ParquetRows rows = wanted.map(some -> some(table, some)).orElse(table.rows());
    if (!source.definition().isStatic()) {
      return read(rows, table, names, pin::reads);
    }
    long content = newestDelivery(pin);
    return read(rows, table, names, delivery -> delivery == content);
  }

  private ParquetRows some(Opened table, Wanted some) {
    ParquetRows rows =
        some.isTimed()
            ? table.rows().between(CheckedSource.EVENT_TIME, some.least(), some.greatest())
            : table.rows();
    StructType columns = columns(table, some.columns());
    return columns.isEmpty() ? rows : rows.where(runner, columns, () -> some.test().apply(columns));
  }

  private static StructType columns(Opened table, List<String> names) {
    return new StructType(names.stream().map(table.schema()::apply).toArray(StructField[]::new))
        .asNullable();
  }

  private PartitionedRows read(
      ParquetRows rows, Opened table, List<String> names, LongPredicate ofDelivery) {
    StructType columns = columns(table, names);
    int delivery = columns.fieldIndex(LakeTable.DELIVERY);
    return rows.read(
        runner,
        columns,
        columns,
        (partition, file, each) -> new OfDeliveries(each, delivery, ofDelivery));
  }

  private synchronized long newestDelivery(Pin pin) {
    return newest.computeIfAbsent(
        pin,
        p ->
            read(
                    opened(p).orElseThrow().rows(),
                    opened(p).orElseThrow(),
                    List.of(LakeTable.DELIVERY),
                    p::reads)
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
