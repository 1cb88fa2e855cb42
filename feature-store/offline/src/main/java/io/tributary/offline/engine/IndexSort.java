package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * Sorts indexes by what they stand for: a stable merge sort that takes what is sorted already as it
 * is.
 */
public final class IndexSort {
  /** An order of indexes. */
  public interface Order {
    int compare(int a, int b);
  }

  /** So many are sorted at once as numbers; more in parts that are merged. */
  private static final int PART = 1 << 16;

  private static final int FEW = 12;

  private final Arena arena;
  private IntBuffer buffer = IntBuffer.allocate(16);
  private int[] taken = new int[16];
  private long[] packed = new long[16];

  public IndexSort(Arena arena) {
    this.arena = arena;
  }

  /** Sorts {@code index[0 … n)} by what their keys are. */
  public void sort(IntBuffer index, int n, LongBuffer keys) {
    Order order = (a, b) -> Long.compare(keys.get(a), keys.get(b));
    if (isSorted(index, 0, n, order)) {
      return;
    }
    if (n > PART) {
      buffer = arena.ints(buffer, n);
    }
    sort(index, 0, n, order, keys);
  }

  /** Sorts {@code index[0 … n)}. */
  public void sort(IntBuffer index, int n, Order order) {
    sort(index, 0, n, order);
  }

  /** Sorts {@code index[from … to)}. */
  public void sort(IntBuffer index, int from, int to, Order order) {
    if (!isSorted(index, from, to, order)) {
      buffer = arena.ints(buffer, to - from);
      sort(index, from, to, order, null);
    }
  }

  private static boolean isSorted(IntBuffer index, int from, int to, Order order) {
    for (int i = from + 1; i < to; i++) {
      if (order.compare(index.get(i - 1), index.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private void sort(IntBuffer index, int from, int to, Order order, LongBuffer keys) {
    if (to - from <= FEW) {
      for (int i = from + 1; i < to; i++) {
        int v = index.get(i);
        int j = i - 1;
        while (j >= from && order.compare(index.get(j), v) > 0) {
          index.put(j + 1, index.get(j));
          j--;
        }
        index.put(j + 1, v);
      }
      return;
    }
    if (keys != null && to - from <= PART && packed(index, from, to, keys)) {
      return;
    }
    int middle = (from + to) >>> 1;
    sort(index, from, middle, order, keys);
    sort(index, middle, to, order, keys);
    if (order.compare(index.get(middle - 1), index.get(middle)) <= 0) {
      return;
    }
    int length = middle - from;
    buffer = arena.ints(buffer, length);
    for (int i = 0; i < length; i++) {
      buffer.put(i, index.get(from + i));
    }
    int a = 0;
    int b = middle;
    int k = from;
    while (a < length && b < to) {
      boolean left = order.compare(buffer.get(a), index.get(b)) <= 0;
      index.put(k++, left ? buffer.get(a++) : index.get(b++));
    }
    while (a < length) {
      index.put(k++, buffer.get(a++));
    }
  }

  /** Key and place in one long: sorted as numbers, in place order among equals; if they fit. */
  private boolean packed(IntBuffer index, int from, int to, LongBuffer keys) {
    int n = to - from;
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (int i = from; i < to; i++) {
      long key = keys.get(index.get(i));
      least = Math.min(least, key);
      greatest = Math.max(greatest, key);
    }
    int bits = 64 - Long.numberOfLeadingZeros(n);
    long range = greatest - least;
    if (range < 0 || range >> (62 - bits) != 0) {
      return false;
    }
    if (packed.length < n) {
      packed = new long[Math.min(PART, Math.max(n, packed.length * 2))];
      taken = new int[packed.length];
    }
    for (int i = 0; i < n; i++) {
      taken[i] = index.get(from + i);
      packed[i] = (keys.get(taken[i]) - least) << bits | i;
    }
    Arrays.sort(packed, 0, n);
    long mask = (1L << bits) - 1;
    for (int i = 0; i < n; i++) {
      index.put(from + i, taken[(int) (packed[i] & mask)]);
    }
    return true;
  }

  /** {@code 0, 1, 2, …}, in {@code reuse} if that is long enough. */
  public static IntBuffer identity(Arena arena, IntBuffer reuse, int n) {
    IntBuffer index = arena.ints(reuse, n);
    for (int i = 0; i < n; i++) {
      index.put(i, i);
    }
    return index;
  }
}
