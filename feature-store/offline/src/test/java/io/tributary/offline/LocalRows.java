package io.tributary.offline;

import io.tributary.analysis.CheckedSource;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.GatheredColumn;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.rows.local.ParquetTarget;
import io.tributary.rows.spark.SparkRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Frames as rows of the local runner, and back, for tests that compare both runners. */
final class LocalRows {
  private static final int PARTITIONS = 3;

  private final LocalRunner runner;
  private final SparkSession spark;
  private final Map<Object, PartitionedRows> read = new HashMap<>();

  private final Optional<Path> folder;
  private final AtomicInteger inColumns = new AtomicInteger();
  private final AtomicInteger batchesAfterOthers = new AtomicInteger();
  private final AtomicInteger lookedUp = new AtomicInteger();
  private final AtomicInteger shared = new AtomicInteger();
  private final AtomicInteger held = new AtomicInteger();

  /**
   * @param folder where rows lie as Parquet, to be read in columns; empty = they come one by one
   */
  LocalRows(LocalRunner runner, SparkSession spark, Optional<Path> folder) {
    this.runner = runner;
    this.spark = spark;
    this.folder = folder;
  }

  /** A store of the local runner over the same rows as another. */
  FeatureStore over(Stored stored) {
    return FeatureStore.over(
        stored.store().project(),
        runner,
        (source, columns) ->
            of(stored.store().events(source.name(), stored.pins()), source, columns));
  }

  /** A store and what its events are pinned by. */
  record Stored(FeatureStore store, List<io.tributary.core.Pin> pins) {}

  private PartitionedRows of(Dataset<Row> events, CheckedSource source, List<String> columns) {
    return of(
        events.select(
            columns.stream().map(c -> functions.col("`" + c + "`")).toArray(Column[]::new)),
        List.of(source.name(), columns));
  }

  PartitionedRows of(Dataset<Row> frame) {
    return of(frame, frame);
  }

  private PartitionedRows of(Dataset<Row> frame, Object as) {
    PartitionedRows known = read.get(as);
    if (known == null) {
      PartitionedRows given =
          given(SparkRows.rdd(frame).map(InternalRow::copy).collect(), frame.schema());
      known = folder.map(in -> inColumns(given, in.resolve("rows-" + read.size()))).orElse(given);
      read.put(as, known);
    }
    return known;
  }

  private PartitionedRows inColumns(PartitionedRows rows, Path to) {
    new ParquetTarget(to).write(runner, rows);
    try (Stream<Path> files = Files.list(to)) {
      return ParquetRows.open(files.sorted().toList()).read(runner, rows.schema().asNullable());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PartitionedRows given(List<InternalRow> rows, StructType schema) {
    return new PartitionedRows(
        runner.read(
            PARTITIONS,
            (task, partition) ->
                rows.subList(
                        rows.size() * partition / PARTITIONS,
                        rows.size() * (partition + 1) / PARTITIONS)
                    .iterator()),
        schema);
  }

  /** What was computed, as a frame: where rows lie in columns, as it is written and read. */
  Dataset<Row> frame(PartitionedRows rows) {
    StructType schema = rows.schema();
    PartitionedRows counted =
        rows.map(schema, (task, part) -> part instanceof ColumnRows c ? counted(c) : part);
    PartitionedRows computed =
        folder.map(in -> inColumns(counted, in.resolve("answer"))).orElse(rows);
    List<InternalRow> all =
        computed.rows().each(part -> copies(schema, part)).stream().flatMap(List::stream).toList();
    return spark.internalCreateDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(new ArrayList<>(all), 1)
            .rdd(),
        schema,
        false);
  }

  private ColumnRows counted(ColumnRows rows) {
    int[] batches = new int[1];
    return ColumnRows.of(
        rows,
        () -> {
          Optional<ColumnarBatch> batch = rows.columns();
          if (batch.isPresent()) {
            inColumns.incrementAndGet();
            batchesAfterOthers.addAndGet(batches[0]++ > 0 ? 1 : 0);
            count(batch.get());
          }
          return batch;
        },
        rows::pass);
  }

  private void count(ColumnarBatch batch) {
    for (ColumnVector column : ColumnRows.of(batch)) {
      if (column instanceof GatheredColumn gathered) {
        lookedUp.incrementAndGet();
        shared.addAndGet(gathered.count() <= batch.numRows() / 4 ? 1 : 0);
      }
    }
  }

  /** How often rows that were computed came as columns. */
  int inColumns() {
    return inColumns.get();
  }

  /** How many of these came after others of their partition. */
  int batchesAfterOthers() {
    return batchesAfterOthers.get();
  }

  /** How many columns came as numbers of events that win. */
  int lookedUp() {
    return lookedUp.get();
  }

  /** How many of these have four rows or more for an event. */
  int shared() {
    return shared.get();
  }

  /** How many texts of rows that came one by one lay where the exchange has them. */
  int held() {
    return held.get();
  }

  /** Also of rows that someone has looked at as columns. */
  private List<InternalRow> copies(StructType schema, Iterator<InternalRow> rows) {
    List<InternalRow> copies = new ArrayList<>();
    UnsafeProjection whole = UnsafeProjection.create(schema);
    while (rows.hasNext()) {
      if (copies.size() % 5 == 2 && rows instanceof ColumnRows columns) {
        columns.columns();
      }
      InternalRow row = rows.next();
      for (int i = 0; i < schema.size(); i++) {
        boolean isText = schema.fields()[i].dataType() instanceof StringType && !row.isNullAt(i);
        held.addAndGet(isText && row.getUTF8String(i).getBaseObject() == null ? 1 : 0);
      }
      copies.add(whole.apply(row).copy());
    }
    return copies;
  }
}
