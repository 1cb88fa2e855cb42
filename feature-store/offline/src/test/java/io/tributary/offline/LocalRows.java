package io.tributary.offline;

import io.tributary.analysis.CheckedSource;
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
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Frames as rows of the local runner, and back, for tests that compare both runners. */
final class LocalRows {
  private static final int PARTITIONS = 3;

  private final LocalRunner runner;
  private final SparkSession spark;
  private final Map<Object, PartitionedRows> read = new HashMap<>();

  private final Optional<Path> folder;

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

  /** What was computed, as a frame. */
  Dataset<Row> frame(PartitionedRows rows) {
    List<InternalRow> all =
        rows.rows().each(LocalRows::copies).stream().flatMap(List::stream).toList();
    StructType schema = rows.schema();
    return spark.internalCreateDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(new ArrayList<>(all), 1)
            .rdd(),
        schema,
        false);
  }

  private static List<InternalRow> copies(Iterator<InternalRow> rows) {
    List<InternalRow> copies = new ArrayList<>();
    rows.forEachRemaining(row -> copies.add(row.copy()));
    return copies;
  }
}
