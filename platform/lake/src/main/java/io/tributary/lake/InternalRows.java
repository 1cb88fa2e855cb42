package io.tributary.lake;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Transformations of a frame's rows in Spark's internal form, without conversion to objects and
 * back.
 */
public final class InternalRows {
  private InternalRows() {}

  /**
   * Transforms the rows of one partition. A row, given or returned, is valid until the next one is
   * requested.
   */
  @FunctionalInterface
  public interface Mapping extends Serializable {
    Iterator<InternalRow> apply(Iterator<InternalRow> rows);
  }

  /** The same with the partition's index in the frame. */
  @FunctionalInterface
  public interface IndexedMapping extends Serializable {
    Iterator<InternalRow> apply(int partition, Iterator<InternalRow> rows);
  }

  /** As {@link #map}, for a mapping that needs its partition's index. */
  public static Dataset<Row> mapWithIndex(
      Dataset<Row> rows, StructType schema, IndexedMapping mapping) {
    JavaRDD<InternalRow> mapped =
        rows.queryExecution().toRdd().toJavaRDD().mapPartitionsWithIndex(mapping::apply, true);
    return rows.sparkSession().internalCreateDataFrame(mapped.rdd(), schema, false);
  }

  /**
   * A frame of what {@code mapping} makes of each partition, in the same partitions and order.
   * Computed again wherever the frame is used; shuffles below it may run when this is called.
   *
   * @param schema of the resulting rows
   */
  public static Dataset<Row> map(Dataset<Row> rows, StructType schema, Mapping mapping) {
    JavaRDD<InternalRow> mapped =
        rows.queryExecution().toRdd().toJavaRDD().mapPartitions(mapping::apply, true);
    return rows.sparkSession().internalCreateDataFrame(mapped.rdd(), schema, false);
  }
}
