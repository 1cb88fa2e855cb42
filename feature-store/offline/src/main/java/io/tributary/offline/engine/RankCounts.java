package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * A multiset of small integers with removal: its size, the k-th least, how many different, and the
 * most frequent one.
 */
final class RankCounts {
  private final boolean ordered;
  private final boolean frequent;
  private int[] counts = new int[1];
  private int[] tree = new int[1];
  private int[] most = new int[2];
  private int leaves = 1;
  private int size;
  private int distinct;
  private int ranks;

  /**
   * @param ordered whether {@link #least} will be asked
   * @param frequent whether {@link #mostFrequent} will be asked
   */
  RankCounts(boolean ordered, boolean frequent) {
    this.ordered = ordered;
    this.frequent = frequent;
  }

  /** Empties it and makes room for {@code 0 … size − 1}. */
  void clear(int room) {
    ranks = room;
    size = 0;
    distinct = 0;
    counts = zeroed(counts, room);
    if (ordered) {
      tree = zeroed(tree, room + 1);
    }
    if (frequent) {
      leaves = Math.max(1, Integer.highestOneBit(Math.max(1, room)));
      if (leaves < room) {
        leaves <<= 1;
      }
      most = zeroed(most, 2 * leaves);
    }
  }

  private static int[] zeroed(int[] array, int length) {
    if (array.length < length) {
      return new int[Math.max(length, array.length * 2)];
    }
    Arrays.fill(array, 0, length, 0);
    return array;
  }

  void add(int rank) {
    size++;
    if (counts[rank]++ == 0) {
      distinct++;
    }
    change(rank, 1);
  }

  void remove(int rank) {
    size--;
    if (--counts[rank] == 0) {
      distinct--;
    }
    change(rank, -1);
  }

  private void change(int rank, int by) {
    if (ordered) {
      for (int i = rank + 1; i <= ranks; i += i & -i) {
        tree[i] += by;
      }
    }
    if (frequent) {
      int i = leaves + rank;
      most[i] += by;
      for (i >>>= 1; i > 0; i >>>= 1) {
        int m = Math.max(most[2 * i], most[2 * i + 1]);
        if (most[i] == m) {
          return;
        }
        most[i] = m;
      }
    }
  }

  boolean contains(int rank) {
    return counts[rank] > 0;
  }

  int size() {
    return size;
  }

  int distinct() {
    return distinct;
  }

  /** The {@code k}-th least, from 0. */
  int least(int k) {
    int at = 0;
    int remaining = k + 1;
    for (int step = Integer.highestOneBit(Math.max(1, ranks)); step > 0; step >>>= 1) {
      int to = at + step;
      if (to <= ranks && tree[to] < remaining) {
        at = to;
        remaining -= tree[to];
      }
    }
    return at;
  }

  /** The least of those that occur most often. */
  int mostFrequent() {
    int i = 1;
    while (i < leaves) {
      i = most[2 * i] == most[i] ? 2 * i : 2 * i + 1;
    }
    return i - leaves;
  }
}
