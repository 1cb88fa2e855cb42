package io.tributary.rows.local;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import io.tributary.rows.Task;
import io.tributary.rows.TaskFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Computes rows on the threads of this process. What is brought together by hash is held in memory
 * up to a budget, and lies in files beyond it: their disk must hold it, the heap need not. Files
 * have no name once they are open, so that a process that ends leaves none.
 */
public final class LocalRunner implements Runner, AutoCloseable {
  /** Of a thread; generated code of wide rows is deep. */
  private static final long STACK = 8 << 20;

  private final int threads;
  private final int buckets;
  private final int sortedAtOnce;
  private final Scratch scratch;
  private final ExecutorService executor;

  private LocalRunner(int threads, int buckets, int sortedAtOnce, Scratch scratch) {
    this.threads = threads;
    this.buckets = buckets;
    this.sortedAtOnce = sortedAtOnce;
    this.scratch = scratch;
    AtomicInteger number = new AtomicInteger();
    this.executor =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(null, work, "rows-" + number.getAndIncrement(), STACK);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * A runner with as many threads as there are processors, a quarter of the heap between steps, and
   * {@link TaskFiles#folder()}.
   */
  public static LocalRunner open() {
    return open(4);
  }

  /**
   * The same with another part of the heap between steps.
   *
   * @param parts one of so many
   */
  public static LocalRunner open(int parts) {
    int threads = Runtime.getRuntime().availableProcessors();
    return open(
        threads,
        Math.max(64, Integer.highestOneBit(4 * threads)),
        Runtime.getRuntime().maxMemory() / parts,
        TaskFiles.folder());
  }

  /**
   * A runner.
   *
   * @param bytes that rows may take of the heap between steps
   * @param folder where the rest goes
   * @param buckets into which rows are divided by their hash, and one of which a thread computes at
   *     a time; a power of two; they change no value
   */
  public static LocalRunner open(int threads, int buckets, long bytes, Path folder) {
    return open(threads, buckets, Exchange.SORTED_AT_ONCE, bytes, folder);
  }

  /**
   * The same with fewer rows of a bucket that are sorted at once.
   *
   * @param sortedAtOnce as many; they change no value
   */
  static LocalRunner open(int threads, int buckets, int sortedAtOnce, long bytes, Path folder) {
    return new LocalRunner(threads, buckets, sortedAtOnce, new Scratch(folder, bytes));
  }

  /** Loads what the first rows need, for whoever does something else meanwhile. */
  public static void prepare() {
    Scala.projection(List.of(Scala.column(0, DataTypes.LongType)));
    ParquetSettings.conf();
  }

  /** A partition's rows; called by the task that reads it, and each time that it is read. */
  public interface Reading {
    Iterator<InternalRow> rows(Task task, int partition);
  }

  /** Rows that are read from elsewhere. */
  public Partitions read(int partitions, Reading reading) {
    return new LocalPartitions(this, partitions, reading::rows, List.of());
  }

  @Override
  public Partitions byHash(Partitions rows, StructType schema) {
    Exchange exchange =
        new Exchange(
            (LocalPartitions) rows,
            schema.size(),
            schema.fieldIndex(HASH),
            buckets,
            sortedAtOnce,
            scratch);
    return new LocalPartitions(this, buckets, exchange::sorted, List.of(exchange));
  }

  @Override
  public PartitionedRows of(List<InternalRow> rows, StructType schema) {
    return new PartitionedRows(read(1, (task, i) -> rows.iterator()), schema);
  }

  @Override
  public PartitionedRows least(PartitionedRows rows, String column) {
    return Least.of(this, rows, column);
  }

  @Override
  public Optional<long[]> bounds(PartitionedRows rows, String column) {
    int place = rows.index(column);
    return rows
        .rows()
        .each(
            part -> {
              long[] bounds = null;
              while (part.hasNext()) {
                var row = part.next();
                if (!row.isNullAt(place)) {
                  long at = row.getLong(place);
                  bounds = bounds == null ? new long[] {at, at} : bounds;
                  bounds[0] = Math.min(bounds[0], at);
                  bounds[1] = Math.max(bounds[1], at);
                }
              }
              return Optional.ofNullable(bounds);
            })
        .stream()
        .flatMap(Optional::stream)
        .reduce((a, b) -> new long[] {Math.min(a[0], b[0]), Math.max(a[1], b[1])});
  }

  @Override
  public double share() {
    return threads > 2 ? 1.0 / threads : 1;
  }

  @Override
  public boolean isWhole() {
    return share() == 1;
  }

  @Override
  public int leastRows() {
    return 100;
  }

  @Override
  public Tally tally(String name) {
    return new Tally();
  }

  public int threads() {
    return threads;
  }

  /** Whether rows are those of a runner of this kind. */
  public static boolean computes(Partitions rows) {
    return rows instanceof LocalPartitions;
  }

  /** A partition that the calling thread computes as it reads it. */
  public static final class Opened implements AutoCloseable {
    private final LocalTask task;
    private final Iterator<InternalRow> rows;

    private Opened(LocalTask task, Iterator<InternalRow> rows) {
      this.task = task;
      this.rows = rows;
    }

    public Iterator<InternalRow> rows() {
      return rows;
    }

    /** Its files are gone. */
    @Override
    public void close() {
      task.close();
    }
  }

  /** Opens a partition, once what it needs has been brought together by its runner's threads. */
  public static Opened open(Partitions rows, int partition) {
    LocalPartitions local = (LocalPartitions) rows;
    LocalRunner runner = local.runner();
    local.needs().forEach(exchange -> exchange.fill(runner));
    LocalTask task = new LocalTask(0, partition, runner.scratch);
    try {
      return new Opened(task, local.of().rows(task, partition));
    } catch (Throwable e) {
      task.close();
      throw e;
    }
  }

  /** What is done in a task. */
  interface Work<T> {
    T of(LocalTask task);
  }

  /**
   * Does some work for each partition, as threads become free, and gives what each came to in the
   * order of the partitions. The first that fails ends it.
   */
  <T> List<T> run(int[] partitions, Work<T> work) {
    Object[] results = new Object[partitions.length];
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int t = 0; t < Math.min(threads, partitions.length); t++) {
      int thread = t;
      running.add(
          CompletableFuture.runAsync(
              () -> {
                int i;
                while ((i = next.getAndIncrement()) < partitions.length) {
                  try (LocalTask task = new LocalTask(thread, partitions[i], scratch)) {
                    results[i] = work.of(task);
                  } catch (Throwable e) {
                    next.set(partitions.length);
                    throw e;
                  }
                }
              },
              executor));
    }
    await(running, () -> next.set(partitions.length));
    @SuppressWarnings("unchecked")
    List<T> all = (List<T>) Arrays.asList(results);
    return all;
  }

  <T> List<T> run(int partitions, Work<T> work) {
    return run(IntStream.range(0, partitions).toArray(), work);
  }

  /**
   * Waits for all of them, also where it is interrupted: what they use may be closed behind it.
   *
   * @param stop has them do no more than they have begun
   */
  private static void await(List<CompletableFuture<Void>> running, Runnable stop) {
    Throwable failed = null;
    InterruptedException interrupted = null;
    for (CompletableFuture<Void> each : running) {
      while (!each.isDone()) {
        try {
          each.get();
        } catch (ExecutionException e) {
          // Told below.
        } catch (InterruptedException e) {
          interrupted = e;
          stop.run();
        }
      }
      failed = failed == null && each.isCompletedExceptionally() ? cause(each) : failed;
    }
    if (interrupted != null) {
      Thread.currentThread().interrupt();
      throw new PlatformException(
          ErrorCode.KILLED, "Cannot compute rows: interrupted. Run it again.", interrupted);
    }
    if (failed != null) {
      throw unchecked(failed);
    }
  }

  private static Throwable cause(CompletableFuture<Void> failed) {
    return failed.handle((none, e) -> e instanceof CompletionException c ? c.getCause() : e).join();
  }

  /** What a task failed with, to be thrown again. */
  static RuntimeException unchecked(Throwable failed) {
    if (failed instanceof Error e) {
      throw e;
    }
    return failed instanceof RuntimeException e ? e : new IllegalStateException(failed);
  }

  @Override
  public void close() {
    executor.shutdownNow();
    scratch.close();
  }
}
