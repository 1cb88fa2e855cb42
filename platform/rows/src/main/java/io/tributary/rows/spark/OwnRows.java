package io.tributary.rows.spark;

import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.local.LocalRunner;
import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Rows that this process computes without Spark, where a session in the same process reads them:
 * one of its tasks reads several partitions, one after the other. A task that travels to another
 * process finds none.
 */
final class OwnRows implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final AtomicLong NEXT = new AtomicLong();

  /** Rows by their number, while a plan or a task knows of them. */
  private static final Map<Long, WeakReference<Partitions>> KNOWN = new ConcurrentHashMap<>();

  private static final Map<RDD<?>, PartitionedRows> MADE =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final long number = NEXT.getAndIncrement();
  private final int tasks;

  /** Null in a task. */
  private final transient Partitions rows;

  private OwnRows(Partitions rows, int tasks) {
    this.rows = rows;
    this.tasks = tasks;
    KNOWN.values().removeIf(known -> known.get() == null);
    KNOWN.put(number, new WeakReference<>(rows));
  }

  /** The same rows for a session's tasks. */
  static JavaRDD<InternalRow> read(PartitionedRows rows, SparkSession session) {
    int most = Integer.parseInt(session.conf().get("spark.sql.shuffle.partitions"));
    int tasks = Math.max(1, Math.min(rows.rows().count(), most));
    OwnRows own = new OwnRows(rows.rows(), tasks);
    List<Integer> all = IntStream.range(0, tasks).boxed().toList();
    JavaRDD<InternalRow> read =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(all, tasks)
            .mapPartitions(task -> own.of(task.next()));
    MADE.put(read.rdd(), rows);
    return read;
  }

  /** The rows that were made an RDD by {@link #read}. */
  static Optional<PartitionedRows> of(RDD<?> read) {
    return Optional.ofNullable(MADE.get(read));
  }

  private Iterator<InternalRow> of(int task) {
    Partitions known =
        Optional.ofNullable(rows)
            .or(() -> Optional.ofNullable(KNOWN.get(number)).map(WeakReference::get))
            .orElseThrow(() -> new IllegalStateException("rows of another process are read"));
    int from = (int) ((long) known.count() * task / tasks);
    int to = (int) ((long) known.count() * (task + 1) / tasks);
    return new Chain(known, from, to);
  }

  /** The rows of some partitions. */
  private static final class Chain implements Iterator<InternalRow> {
    private final Partitions of;
    private final int to;
    private int next;
    private LocalRunner.Opened open;

    Chain(Partitions of, int from, int to) {
      this.of = of;
      this.next = from;
      this.to = to;
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
    }

    @Override
    public boolean hasNext() {
      while (open == null || !open.rows().hasNext()) {
        close();
        if (next == to) {
          return false;
        }
        open = LocalRunner.open(of, next++);
      }
      return true;
    }

    private void close() {
      if (open != null) {
        open.close();
        open = null;
      }
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return open.rows().next();
    }
  }
}
