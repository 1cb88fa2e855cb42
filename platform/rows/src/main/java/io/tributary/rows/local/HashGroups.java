package io.tributary.rows.local;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.array.LongArray;
import org.apache.spark.unsafe.memory.MemoryBlock;
import org.apache.spark.util.collection.unsafe.sort.RadixSort;

/**
 * Copies rows so that those of one hash lie one behind the other, the least hash first: each row is
 * read where the one before ends, and so is each that was copied. Sorted where they lie, nearly
 * each one would be a jump in memory.
 */
final class HashGroups {
  private static final int FIRST = 1 << 10;

  /** Rows of up to so many bytes are copied word by word. */
  private static final int SHORT = 256;

  private final long hashAt;

  /** By the last bits of a hash: a group and its number from 1, or 0 for none. */
  private long[] hashes = new long[2 * FIRST];

  private int[] numbers = new int[2 * FIRST];
  private int groups;

  /** Of each group the bytes of its rows; then where the next one of them goes. */
  private long[] places = new long[FIRST];

  /** Of each row its group. */
  private final int[] of;

  private HashGroups(long hashAt, int rows) {
    this.hashAt = hashAt;
    this.of = new int[rows];
  }

  /**
   * Copies rows, each behind its size.
   *
   * @param runs the addresses of the first row of each run and behind the last
   * @param rows how many there are
   * @param hashAt where a row has its hash, from its size on
   * @param to where there is room for all
   */
  static void copy(List<long[]> runs, int rows, long hashAt, long to) {
    new HashGroups(hashAt, rows).copy(runs, to);
  }

  private void copy(List<long[]> runs, long to) {
    int row = 0;
    for (long[] run : runs) {
      row = count(run[0], run[1], row);
    }
    place(to);
    row = 0;
    for (long[] run : runs) {
      row = copy(run[0], run[1], row);
    }
  }

  private int count(long from, long to, int row) {
    int next = row;
    for (long at = from; at < to; ) {
      long size = 8 + Platform.getLong(null, at);
      int group = group(Platform.getLong(null, at + hashAt));
      places[group] += size;
      of[next++] = group;
      at += size;
    }
    return next;
  }

  private int group(long hash) {
    int mask = hashes.length - 1;
    int slot = (int) hash & mask;
    while (numbers[slot] != 0) {
      if (hashes[slot] == hash) {
        return numbers[slot] - 1;
      }
      slot = slot + 1 & mask;
    }
    return add(hash, slot);
  }

  private int add(long hash, int slot) {
    if (groups == places.length) {
      grow();
      return group(hash);
    }
    hashes[slot] = hash;
    numbers[slot] = ++groups;
    return groups - 1;
  }

  private void grow() {
    long[] before = hashes;
    int[] numbered = numbers;
    places = Arrays.copyOf(places, 2 * places.length);
    hashes = new long[2 * before.length];
    numbers = new int[2 * before.length];
    int mask = hashes.length - 1;
    for (int i = 0; i < before.length; i++) {
      if (numbered[i] != 0) {
        int slot = (int) before[i] & mask;
        while (numbers[slot] != 0) {
          slot = slot + 1 & mask;
        }
        hashes[slot] = before[i];
        numbers[slot] = numbered[i];
      }
    }
  }

  /** Makes of each group's bytes where its first row goes. */
  private void place(long first) {
    // The sort wants as much room again.
    long[] sorted = new long[2 * groups];
    int n = 0;
    for (int i = 0; i < hashes.length; i++) {
      if (numbers[i] != 0) {
        sorted[n++] = hashes[i];
      }
    }
    LongArray array = new LongArray(MemoryBlock.fromLongArray(sorted));
    int start = n == 0 ? 0 : RadixSort.sort(array, n, 0, 7, false, true);
    long to = first;
    for (int i = 0; i < n; i++) {
      int group = group(sorted[start + i]);
      long bytes = places[group];
      places[group] = to;
      to += bytes;
    }
  }

  private int copy(long from, long to, int row) {
    int next = row;
    for (long at = from; at < to; ) {
      long size = 8 + Platform.getLong(null, at);
      int group = of[next++];
      copyRow(at, places[group], size);
      places[group] += size;
      at += size;
    }
    return next;
  }

  private static void copyRow(long from, long to, long size) {
    if (size > SHORT) {
      Platform.copyMemory(null, from, null, to, size);
      return;
    }
    for (long word = 0; word < size; word += 8) {
      Platform.putLong(null, to + word, Platform.getLong(null, from + word));
    }
  }
}
