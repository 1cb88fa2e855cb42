package io.tributary.offline;

import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.JoinCounts;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.spark.SparkRows;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows with their features, not computed before they are wanted. Either read {@link #rows()} once
 * and then look at {@link #counts()}, or {@link #materialize()} first: that computes the rows once,
 * checks that as many came out as went in, and keeps them until it is closed.
 */
public final class Joined implements AutoCloseable {
  private final PartitionedRows rows;
  private final Supplier<SparkSession> spark;
  private final Supplier<JoinCounts> counts;
  private final boolean kept;

  private Joined(
      PartitionedRows rows,
      Supplier<SparkSession> spark,
      Supplier<JoinCounts> counts,
      boolean kept) {
    this.rows = rows;
    this.spark = spark;
    this.counts = counts;
    this.kept = kept;
  }

  static Joined of(
      PartitionedRows rows, Supplier<SparkSession> spark, Supplier<JoinCounts> counts) {
    return new Joined(rows, spark, counts, false);
  }

  /** The columns of the label rows, then the features of each use in their order. */
  public Dataset<Row> rows() {
    return SparkRows.frame(rows, spark.get());
  }

  /** The same as their runner computes them. */
  public PartitionedRows partitions() {
    return rows;
  }

  /** What was counted when {@link #rows()} was computed as a whole; nothing before that. */
  public JoinCounts counts() {
    return counts.get();
  }

  /**
   * Computes the rows and keeps them in memory, on disk where that is too small.
   *
   * @throws PlatformException BUG when the number of rows has changed
   */
  public Joined materialize() {
    if (kept) {
      return this;
    }
    StructType schema = rows.schema();
    JavaRDD<InternalRow> copies =
        SparkRows.rdd(rows, spark.get())
            .mapPartitions(
                part -> {
                  UnsafeProjection whole = UnsafeProjection.create(schema);
                  return Iterators.map(part, row -> (InternalRow) whole.apply(row).copy());
                })
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      requireAll(copies.count());
    } catch (RuntimeException e) {
      copies.unpersist(false);
      throw e;
    }
    return new Joined(
        new PartitionedRows(SparkRows.of(copies), rows.schema()), spark, counts, true);
  }

  /**
   * Checks, after {@link #rows()} was computed as a whole, that as many came out as went in.
   *
   * @throws PlatformException BUG when the number of rows has changed
   */
  public void requireAll() {
    requireAll(counts.get().rowsOut());
  }

  private void requireAll(long computed) {
    JoinCounts counted = counts.get();
    if (counted.rowsIn() != counted.rowsOut() || counted.rowsOut() != computed) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot join features: %s rows asked and %s came back. Report this as a bug."
              .formatted(counted.rowsIn(), computed));
    }
  }

  /** Forgets what {@link #materialize()} kept. */
  @Override
  public void close() {
    if (kept) {
      SparkRows.rdd(rows.rows()).unpersist(false);
    }
  }
}
