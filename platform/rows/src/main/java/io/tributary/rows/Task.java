package io.tributary.rows;

import java.nio.ByteBuffer;

/** What computes one partition. */
public interface Task {
  /** The number of the partition among those that are computed with it, from 0. */
  int partition();

  /**
   * Zeroed bytes of a new file on the local disk, in native order, valid until the task ends; for
   * what it can't keep on the heap.
   */
  ByteBuffer map(int bytes);

  /** Does something when the task ends, however it does. */
  void atEnd(Runnable last);

  /**
   * Bytes of one array that may lie on the heap; what is longer is to be mapped.
   *
   * @param most where nothing sets less
   */
  int heapBytes(int most);
}
