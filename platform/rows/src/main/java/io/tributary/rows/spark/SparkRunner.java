package io.tributary.rows.spark;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.plans.physical.HashPartitioning;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.execution.ShuffledRowRDD;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.metric.SQLShuffleReadMetricsReporter;
import org.apache.spark.sql.execution.metric.SQLShuffleWriteMetricsReporter;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Spark's exchange and its sorter, which spills, without the plan around them. A plan would copy
 * each row field by field on its way in, could choose another number of partitions, and could run
 * before the rows are wanted.
 */
public final class SparkRunner implements Runner {
  private final SparkSession session;
  private final int partitions;

  private SparkRunner(SparkSession session, int partitions) {
    this.session = session;
    this.partitions = partitions;
  }

  /**
   * On the cluster of a session.
   *
   * @param partitions that {@link #byHash} makes; they change no value
   */
  public static Runner on(SparkSession spark, int partitions) {
    SparkSession own = spark.newSession();
    own.conf().set("spark.sql.adaptive.enabled", "false");
    own.conf().set("spark.sql.session.timeZone", "UTC");
    own.conf().set("spark.sql.ansi.enabled", "true");
    own.conf().set("spark.sql.shuffle.partitions", String.valueOf(partitions));
    return new SparkRunner(own, partitions);
  }

  /**
   * By {@code spark.tributary.join.share}; else one core's, where there are more than two. Of a
   * cluster it is known once a job has run on it.
   */
  @Override
  public double share() {
    int cores = cores();
    return conf().getDouble("spark.tributary.join.share", cores > 2 ? 1.0 / cores : 1);
  }

  @Override
  public boolean isWhole() {
    return session.sparkContext().isLocal() && share() == 1;
  }

  /** Cores that there are by now, or that the settings request. */
  private int cores() {
    SparkConf conf = conf();
    int executors =
        Math.max(
            conf.getInt("spark.executor.instances", 0),
            conf.getInt("spark.dynamicAllocation.maxExecutors", 0));
    long asked = (long) executors * conf.getInt("spark.executor.cores", 1);
    asked = Math.max(asked, conf.getInt("spark.cores.max", 0));
    return (int) Math.max(session.sparkContext().defaultParallelism(), Math.min(asked, partitions));
  }

  private SparkConf conf() {
    return session.sparkContext().conf();
  }

  @Override
  public int leastRows() {
    return conf().getInt("spark.tributary.join.leastRows", 100);
  }

  @Override
  public Partitions byHash(Partitions rows, StructType schema) {
    SparkContext context = session.sparkContext();
    Seq<Attribute> columns =
        Scala.seq(List.copyOf(JavaConverters.seqAsJavaList(DataTypeUtils.toAttributes(schema))));
    int hash = schema.fieldIndex(HASH);
    var exchange =
        ShuffleExchangeExec.prepareShuffleDependency(
            SparkRows.rdd(rows).rdd(),
            columns,
            new HashPartitioning(Scala.seq(List.of(columns.apply(hash))), partitions),
            new UnsafeRowSerializer(schema.size(), null),
            SQLShuffleWriteMetricsReporter.createShuffleWriteMetrics(context));
    JavaRDD<InternalRow> shuffled =
        new ShuffledRowRDD(
                exchange, SQLShuffleReadMetricsReporter.createShuffleReadMetrics(context))
            .toJavaRDD();
    return new SparkPartitions(shuffled.mapPartitions(new ByHash(schema, hash)::sorted));
  }

  @Override
  public PartitionedRows of(List<InternalRow> rows, StructType schema) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    return new PartitionedRows(new SparkPartitions(context.parallelize(rows, 1)), schema);
  }

  @Override
  public PartitionedRows least(PartitionedRows rows, String column) {
    Dataset<Row> frame = SparkRows.frame(rows, session);
    Column[] all =
        Arrays.stream(rows.schema().fieldNames()).map(SparkRunner::column).toArray(Column[]::new);
    Column[] others =
        Arrays.stream(rows.schema().fieldNames())
            .filter(name -> !name.equals(column))
            .map(SparkRunner::column)
            .toArray(Column[]::new);
    Dataset<Row> least =
        frame.groupBy(others).agg(functions.min(column(column)).as(column)).select(all);
    return new PartitionedRows(SparkRows.of(least).rows(), rows.schema());
  }

  @Override
  public Optional<long[]> bounds(PartitionedRows rows, String column) {
    Column micros = functions.unix_micros(column(column));
    Row bounds =
        SparkRows.frame(rows, session).agg(functions.min(micros), functions.max(micros)).head();
    return bounds.isNullAt(0)
        ? Optional.empty()
        : Optional.of(new long[] {bounds.getLong(0), bounds.getLong(1)});
  }

  @Override
  public Tally tally(String name) {
    return Tally.on(session.sparkContext(), name);
  }

  private static Column column(String name) {
    return functions.col("`" + name + "`");
  }

  /** Sorts the rows of a task. */
  private record ByHash(StructType schema, int hash) implements Serializable {
    @SuppressWarnings("unchecked")
    Iterator<InternalRow> sorted(Iterator<InternalRow> rows) {
      try {
        UnsafeExternalRowSorter sorter =
            UnsafeExternalRowSorter.createWithRecordComparator(
                schema,
                Equal::new,
                PrefixComparators.LONG,
                new Prefix(hash),
                SparkEnv.get().memoryManager().pageSizeBytes(),
                true);
        Iterator<UnsafeRow> unsafe = (Iterator<UnsafeRow>) (Iterator<?>) rows;
        return JavaConverters.asJavaIterator(sorter.sort(JavaConverters.asScalaIterator(unsafe)));
      } catch (IOException e) {
        throw new PlatformException(
            ErrorCode.STORAGE,
            "Cannot sort shuffled rows: " + e.getMessage() + ". Free the disk of the executor.",
            e);
      }
    }
  }

  /** The hash of a row, by which alone it is sorted. */
  private static final class Prefix extends UnsafeExternalRowSorter.PrefixComputer {
    private final int hash;
    private final UnsafeExternalRowSorter.PrefixComputer.Prefix prefix =
        new UnsafeExternalRowSorter.PrefixComputer.Prefix();

    Prefix(int hash) {
      this.hash = hash;
    }

    @Override
    public UnsafeExternalRowSorter.PrefixComputer.Prefix computePrefix(InternalRow row) {
      prefix.value = row.getLong(hash);
      return prefix;
    }
  }

  /** Rows of one hash, in any order. */
  private static final class Equal extends RecordComparator {
    @Override
    public int compare(
        Object a, long offsetOfA, int lengthOfA, Object b, long offsetOfB, int lengthOfB) {
      return 0;
    }
  }
}
