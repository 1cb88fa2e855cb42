package io.tributary.offline;

import io.tributary.analysis.CheckedSource;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.spark.SparkRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Frames as rows of the local runner, and back, for tests that compare both runners. */
final class LocalRows {
  private static final int PARTITIONS = 3;

  private final LocalRunner runner;
  private final SparkSession spark;
  private final Map<Object, List<InternalRow>> read = new HashMap<>();

  LocalRows(LocalRunner runner, SparkSession spark) {
    this.runner = runner;
    this.spark = spark;
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
    List<InternalRow> rows =
        read.computeIfAbsent(as, k -> SparkRows.rdd(frame).map(InternalRow::copy).collect());
    return new PartitionedRows(
        runner.read(
            PARTITIONS,
            (task, partition) ->
                rows.subList(
                        rows.size() * partition / PARTITIONS,
                        rows.size() * (partition + 1) / PARTITIONS)
                    .iterator()),
        frame.schema());
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
    rows.forEachRemaining(row -> copies.add(((UnsafeRow) row).copy()));
    return copies;
  }
}
