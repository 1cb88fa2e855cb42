package io.tributary.rows.local;

import io.tributary.rows.Partitions;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Partitions that this process computes.
 *
 * @param needs what must have been brought together before one can be read
 */
record LocalPartitions(LocalRunner runner, int count, Computation of, List<Exchange> needs)
    implements Partitions {
  interface Computation {
    Iterator<InternalRow> rows(LocalTask task, int partition);
  }

  @Override
  public Partitions map(Mapping mapping) {
    return new LocalPartitions(
        runner, count, (task, i) -> mapping.apply(task, of.rows(task, i)), needs);
  }

  @Override
  public Partitions zip(Partitions others, Zipping zipping) {
    LocalPartitions theirs = (LocalPartitions) others;
    if (theirs.count != count) {
      throw new IllegalArgumentException(count + " partitions beside " + theirs.count);
    }
    return new LocalPartitions(
        runner,
        count,
        (task, i) -> zipping.apply(task, of.rows(task, i), theirs.of.rows(task, i)),
        both(theirs));
  }

  @Override
  public Partitions union(Partitions others) {
    LocalPartitions theirs = (LocalPartitions) others;
    return new LocalPartitions(
        runner,
        count + theirs.count,
        (task, i) -> i < count ? of.rows(task, i) : theirs.of.rows(task, i - count),
        both(theirs));
  }

  private List<Exchange> both(LocalPartitions theirs) {
    return Stream.concat(needs.stream(), theirs.needs.stream()).distinct().toList();
  }

  @Override
  public <T> List<T> each(int[] partitions, Summary<T> summary) {
    return run(partitions, task -> summary.of(of.rows(task, task.partition())));
  }

  @Override
  public <T> List<T> each(Summary<T> summary) {
    return each(IntStream.range(0, count).toArray(), summary);
  }

  @Override
  public <T> Optional<T> merged(Summary<T> summary, Merging<T> merging) {
    AtomicReference<T> all = new AtomicReference<>();
    run(
        task -> {
          T found = summary.of(of.rows(task, task.partition()));
          synchronized (all) {
            all.set(all.get() == null ? found : merging.both(all.get(), found));
          }
          return null;
        });
    return Optional.ofNullable(all.get());
  }

  /** Reads each partition in a task, once what it needs has been brought together. */
  <T> List<T> run(LocalRunner.Work<T> work) {
    return run(IntStream.range(0, count).toArray(), work);
  }

  private <T> List<T> run(int[] partitions, LocalRunner.Work<T> work) {
    needs.forEach(exchange -> exchange.fill(runner));
    return runner.run(partitions, work);
  }
}
