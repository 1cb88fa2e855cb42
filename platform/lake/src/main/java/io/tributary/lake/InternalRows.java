package io.tributary.lake;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Work on a frame's rows as Spark holds them, without turning them into objects and back. */
public final class InternalRows {
  private InternalRows() {}

  /**
   * What is done to the rows of one partition. A row is valid until the next one is asked for, on
   * either side.
   */
  @FunctionalInterface
  public interface Mapping extends Serializable {
    Iterator<InternalRow> apply(Iterator<InternalRow> rows);
  }

  /** The same with the number of the partition among the frame's own. */
  @FunctionalInterface
  public interface IndexedMapping extends Serializable {
    Iterator<InternalRow> apply(int partition, Iterator<InternalRow> rows);
  }

  /** As {@link #map}, for a mapping that wants to know its partition. */
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
   * @param schema of the rows that come out
   */
  public static Dataset<Row> map(Dataset<Row> rows, StructType schema, Mapping mapping) {
    JavaRDD<InternalRow> mapped =
        rows.queryExecution().toRdd().toJavaRDD().mapPartitions(mapping::apply, true);
    return rows.sparkSession().internalCreateDataFrame(mapped.rdd(), schema, false);
  }
}
