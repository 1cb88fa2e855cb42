package io.tributary.rows;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.util.AccumulatorV2;

/**
 * Counts that tasks make while they work, by name and partition: a partition that is computed again
 * replaces what it counted before, so that retries and repeated actions count once.
 */
public final class Tally extends AccumulatorV2<Tally.Entry, Map<String, Map<Integer, Long>>> {
  private static final long serialVersionUID = 1L;

  /** What one partition counted. */
  public record Entry(String name, int partition, long count) implements java.io.Serializable {}

  private final Map<String, Map<Integer, Long>> counts = new HashMap<>();

  public static Tally on(SparkContext context, String name) {
    Tally tally = new Tally();
    context.register(tally, name);
    return tally;
  }

  /** Records what the partition of the running task counted. */
  public void put(String name, long count) {
    put(name, TaskContext.getPartitionId(), count);
  }

  /** Records what a partition counted; for frames that several Spark jobs may compute. */
  public void put(String name, int partition, long count) {
    add(new Entry(name, partition, count));
  }

  /** The sum over all partitions; 0 where none has counted. */
  public synchronized long total(String name) {
    return counts.getOrDefault(name, Map.of()).values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many names begin with {@code beginning}. */
  public synchronized long names(String beginning) {
    return counts.keySet().stream().filter(name -> name.startsWith(beginning)).count();
  }

  /** The maximum over all partitions; empty where none has counted. */
  public synchronized Optional<Long> max(String name) {
    return counts.getOrDefault(name, Map.of()).values().stream().max(Long::compare);
  }

  @Override
  public synchronized boolean isZero() {
    return counts.isEmpty();
  }

  @Override
  public synchronized AccumulatorV2<Entry, Map<String, Map<Integer, Long>>> copy() {
    Tally copy = new Tally();
    counts.forEach((name, byPartition) -> copy.counts.put(name, new HashMap<>(byPartition)));
    return copy;
  }

  @Override
  public synchronized void reset() {
    counts.clear();
  }

  @Override
  public synchronized void add(Entry entry) {
    counts
        .computeIfAbsent(entry.name(), n -> new HashMap<>())
        .put(entry.partition(), entry.count());
  }

  @Override
  public synchronized void merge(AccumulatorV2<Entry, Map<String, Map<Integer, Long>>> other) {
    other
        .value()
        .forEach(
            (name, byPartition) ->
                counts.computeIfAbsent(name, n -> new HashMap<>()).putAll(byPartition));
  }

  @Override
  public synchronized Map<String, Map<Integer, Long>> value() {
    Map<String, Map<Integer, Long>> value = new HashMap<>();
    counts.forEach((name, byPartition) -> value.put(name, new HashMap<>(byPartition)));
    return value;
  }
}
