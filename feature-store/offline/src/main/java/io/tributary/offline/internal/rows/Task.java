package io.tributary.offline.internal.rows;

import java.nio.file.Path;

/** What computes one partition. */
public interface Task {
  /** The number of the partition among those that are computed with it, from 0. */
  int partition();

  /** A folder on the local disk for what it can't keep on the heap. */
  Path folder();

  /** Bytes that one array of its sweeps may take of the heap before it lies in a file. */
  int heapBytes();

  /** Runs once it has ended, whether well or not. */
  void atEnd(Runnable action);
}
