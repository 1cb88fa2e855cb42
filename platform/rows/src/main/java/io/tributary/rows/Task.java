package io.tributary.rows;

import java.nio.file.Path;

/** What computes one partition. */
public interface Task {
  /** The number of the partition among those that are computed with it, from 0. */
  int partition();

  /** A folder on the local disk for what it can't keep on the heap. */
  Path folder();

  /**
   * Bytes of one array that may lie on the heap; what is longer goes to a file.
   *
   * @param most where nothing sets less
   */
  int heapBytes(int most);

  /** Runs once it has ended, whether well or not. */
  void atEnd(Runnable action);
}
