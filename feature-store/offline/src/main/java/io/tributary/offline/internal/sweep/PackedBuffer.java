package io.tributary.offline.internal.sweep;

import io.tributary.rows.PackedRows.Room;

/** Rows as {@link RowBuffer} writes them, many together where they will lie. For one thread. */
final class PackedBuffer {
  private int[] rows = {};
  private long[] hashes = {};
  private int[] sizes = {};
  private long[] ends = {};
  private int n;

  /** Begins with no rows, of so many at most. */
  void begin(int most) {
    n = 0;
    if (rows.length < most) {
      rows = new int[most];
      hashes = new long[most];
      sizes = new int[most];
      ends = new long[most];
    }
  }

  /** Adds one without bytes, by its number among those that it is made of. */
  void add(int row, long hash) {
    rows[n] = row;
    hashes[n] = hash;
    sizes[n++] = RowBuffer.HEAD;
  }

  int count() {
    return n;
  }

  int[] rows() {
    return rows;
  }

  /** Bytes of each, to which is added what will be written. */
  int[] sizes() {
    return sizes;
  }

  /** Finds room for all; then {@link #ends} is where their bytes go. */
  void place(Room room) {
    room.take(n, hashes, sizes);
    Object[] bases = room.bases();
    long[] offsets = room.offsets();
    for (int i = 0; i < n; i++) {
      RowBuffer.head(bases[i], offsets[i], hashes[i], sizes[i]);
      ends[i] = offsets[i] + RowBuffer.HEAD;
    }
  }

  long[] ends() {
    return ends;
  }
}
