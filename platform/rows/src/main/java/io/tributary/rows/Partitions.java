package io.tributary.rows;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Rows in partitions, each of which one task computes when it is read, and each time that it is. A
 * row is valid until the next one is asked for. What is done with them is the same on every runner.
 */
public interface Partitions {
  /** Makes rows of a partition's rows, as they are asked for. */
  interface Mapping extends Serializable {
    Iterator<InternalRow> apply(Task task, Iterator<InternalRow> rows);
  }

  /** Makes rows of those of two partitions. */
  interface Zipping extends Serializable {
    Iterator<InternalRow> apply(
        Task task, Iterator<InternalRow> rows, Iterator<InternalRow> others);
  }

  /** What is found in a partition's rows; serializable. */
  interface Summary<T> extends Serializable {
    T of(Iterator<InternalRow> rows);
  }

  /** How many there are. */
  int count();

  Partitions map(Mapping mapping);

  /** With as many others, each with the one of its number. */
  Partitions zip(Partitions others, Zipping zipping);

  /** These, then the others. */
  Partitions union(Partitions others);

  /** Reads some of them, by their numbers, and gives what was found in each, in their order. */
  <T> List<T> each(int[] partitions, Summary<T> summary);

  /** Reads all. */
  <T> List<T> each(Summary<T> summary);

  /** Makes one of what was found in two partitions, in any order. */
  interface Merging<T> extends Serializable {
    T both(T one, T other);
  }

  /** Reads all, and merges what was found in each as it is found; empty without partitions. */
  <T> Optional<T> merged(Summary<T> summary, Merging<T> merging);
}
