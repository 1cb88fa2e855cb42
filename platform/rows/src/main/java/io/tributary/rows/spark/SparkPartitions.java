package io.tributary.rows.spark;

import io.tributary.rows.Partitions;
import io.tributary.rows.Task;
import io.tributary.rows.TaskFiles;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.TaskCompletionListener;

/** Partitions that Spark's tasks compute. */
record SparkPartitions(JavaRDD<InternalRow> rdd) implements Partitions {
  @Override
  public int count() {
    return rdd.getNumPartitions();
  }

  @Override
  public Partitions map(Mapping mapping) {
    return new SparkPartitions(rdd.mapPartitions(rows -> mapping.apply(new SparkTask(), rows)));
  }

  @Override
  public Partitions zip(Partitions others, Zipping zipping) {
    return new SparkPartitions(
        rdd.zipPartitions(SparkRows.rdd(others), (a, b) -> zipping.apply(new SparkTask(), a, b)));
  }

  @Override
  public Partitions union(Partitions others) {
    return new SparkPartitions(rdd.union(SparkRows.rdd(others)));
  }

  @Override
  public <T> List<T> each(int[] partitions, Summary<T> summary) {
    return Arrays.stream(summaries(summary).collectPartitions(partitions))
        .flatMap(List::stream)
        .toList();
  }

  @Override
  public <T> List<T> each(Summary<T> summary) {
    return summaries(summary).collect();
  }

  @Override
  public <T> Optional<T> merged(Summary<T> summary, Merging<T> merging) {
    return count() == 0
        ? Optional.empty()
        : Optional.of(summaries(summary).treeReduce(merging::both));
  }

  private <T> JavaRDD<T> summaries(Summary<T> summary) {
    return rdd.mapPartitions(rows -> Stream.of(summary.of(rows)).iterator());
  }

  /** A task of Spark's; its files lie in the executor's local folders. */
  private static final class SparkTask implements Task {
    private final TaskContext context = TaskContext.get();
    private TaskFiles files;

    @Override
    public int partition() {
      return context.partitionId();
    }

    @Override
    public ByteBuffer map(int bytes) {
      if (files == null) {
        File[] folders = SparkEnv.get().blockManager().diskBlockManager().localDirs();
        files = new TaskFiles(folders[(int) (context.taskAttemptId() % folders.length)].toPath());
        atEnd(files::unmap);
      }
      return files.map(bytes);
    }

    @Override
    public void atEnd(Runnable last) {
      context.addTaskCompletionListener((TaskCompletionListener) t -> last.run());
    }

    /** A test may set less, to see files used. */
    @Override
    public int heapBytes(int most) {
      return SparkEnv.get().conf().getInt("spark.tributary.sweep.heapBytes", most);
    }
  }
}
