package io.tributary.offline.engine;

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

  private int[] buffer = new int[16];
  private long[] packed = new long[16];

  /** Sorts {@code index[0 … n)} by what their keys are. */
  public void sort(int[] index, int n, long[] keys) {
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    boolean sorted = true;
    for (int i = 0; i < n; i++) {
      long key = keys[index[i]];
      sorted &= i == 0 || keys[index[i - 1]] <= key;
      least = Math.min(least, key);
      greatest = Math.max(greatest, key);
    }
    if (sorted) {
      return;
    }
    int bits = 64 - Long.numberOfLeadingZeros(n);
    long range = greatest - least;
    if (range < 0 || range >> (62 - bits) != 0) {
      sort(index, n, (a, b) -> Long.compare(keys[a], keys[b]));
      return;
    }
    // Key and place in one long: sorted as numbers, in place order among equals.
    if (packed.length < n) {
      packed = new long[Math.max(n, packed.length * 2)];
      buffer = new int[packed.length];
    }
    if (buffer.length < n) {
      buffer = new int[packed.length];
    }
    for (int i = 0; i < n; i++) {
      packed[i] = (keys[index[i]] - least) << bits | i;
    }
    Arrays.sort(packed, 0, n);
    System.arraycopy(index, 0, buffer, 0, n);
    long mask = (1L << bits) - 1;
    for (int i = 0; i < n; i++) {
      index[i] = buffer[(int) (packed[i] & mask)];
    }
  }

  /** Sorts {@code index[0 … n)}. */
  public void sort(int[] index, int n, Order order) {
    int sorted = 1;
    while (sorted < n && order.compare(index[sorted - 1], index[sorted]) <= 0) {
      sorted++;
    }
    if (sorted >= n) {
      return;
    }
    if (buffer.length < n) {
      buffer = new int[Math.max(n, buffer.length * 2)];
    }
    sort(index, 0, n, order);
  }

  private void sort(int[] index, int from, int to, Order order) {
    if (to - from <= 12) {
      for (int i = from + 1; i < to; i++) {
        int v = index[i];
        int j = i - 1;
        while (j >= from && order.compare(index[j], v) > 0) {
          index[j + 1] = index[j];
          j--;
        }
        index[j + 1] = v;
      }
      return;
    }
    int middle = (from + to) >>> 1;
    sort(index, from, middle, order);
    sort(index, middle, to, order);
    if (order.compare(index[middle - 1], index[middle]) <= 0) {
      return;
    }
    int length = middle - from;
    System.arraycopy(index, from, buffer, 0, length);
    int a = 0;
    int b = middle;
    int k = from;
    while (a < length && b < to) {
      index[k++] = order.compare(buffer[a], index[b]) <= 0 ? buffer[a++] : index[b++];
    }
    System.arraycopy(buffer, a, index, k, length - a);
  }

  /** {@code 0, 1, 2, …}, in {@code reuse} if that is long enough. */
  public static int[] identity(int[] reuse, int n) {
    int[] index = reuse.length >= n ? reuse : Arrays.copyOf(reuse, Math.max(n, reuse.length * 2));
    for (int i = 0; i < n; i++) {
      index[i] = i;
    }
    return index;
  }
}
