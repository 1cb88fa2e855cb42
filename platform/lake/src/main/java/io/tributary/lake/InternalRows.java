package io.tributary.lake;

import io.tributary.core.Iterators;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.shuffle.sort.SortShuffleManager;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.ShuffledRowRDD;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.metric.SQLShuffleReadMetricsReporter;
import org.apache.spark.sql.execution.metric.SQLShuffleWriteMetricsReporter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.MutablePair;
import scala.Option;
import scala.Product2;
import scala.reflect.ClassTag;

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

  /** Which partition a row belongs to. */
  @FunctionalInterface
  public interface Placing extends Serializable {
    int of(InternalRow row);
  }

  /**
   * The same rows in other partitions, in any order: Spark's exchange where Spark itself would have
   * to read all rows once more to find out where they belong.
   */
  public static Dataset<Row> divided(Dataset<Row> rows, int partitions, Placing placing) {
    SparkContext context = rows.sparkSession().sparkContext();
    JavaRDD<Product2<Object, InternalRow>> placed =
        rows.queryExecution().toRdd().toJavaRDD().mapPartitions(new Placed(placing)::apply);
    ShuffleDependency<Object, InternalRow, InternalRow> exchange =
        new ShuffleDependency<>(
            placed.rdd(),
            new Places(partitions),
            new UnsafeRowSerializer(rows.schema().size(), null),
            Option.empty(),
            Option.empty(),
            false,
            ShuffleExchangeExec.createShuffleWriteProcessor(
                SQLShuffleWriteMetricsReporter.createShuffleWriteMetrics(context)),
            ClassTag.apply(Object.class),
            ClassTag.apply(InternalRow.class),
            ClassTag.apply(InternalRow.class));
    ShuffledRowRDD divided =
        new ShuffledRowRDD(
            exchange, SQLShuffleReadMetricsReporter.createShuffleReadMetrics(context));
    return rows.sparkSession().internalCreateDataFrame(divided, rows.schema(), false);
  }

  private record Placed(Placing placing) implements Serializable {
    Iterator<Product2<Object, InternalRow>> apply(Iterator<InternalRow> rows) {
      // Spark's own shuffle writes a row before it asks for the next one; another may keep it.
      boolean copies = !(SparkEnv.get().shuffleManager() instanceof SortShuffleManager);
      MutablePair<Object, InternalRow> pair = new MutablePair<>();
      return Iterators.map(rows, row -> pair.update(placing.of(row), copies ? row.copy() : row));
    }
  }

  /** Keys are partitions. */
  private static final class Places extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int partitions;

    Places(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }
  }
}
