package io.tributary.offline.engine;

import java.nio.IntBuffer;

/**
 * A multiset of small integers with removal: its size, the k-th least, how many different, and the
 * most frequent one.
 */
final class RankCounts {
  private final boolean ordered;
  private final boolean frequent;
  private final Arena arena;
  private IntBuffer counts = IntBuffer.allocate(1);
  private IntBuffer tree = IntBuffer.allocate(1);
  private IntBuffer most = IntBuffer.allocate(2);
  private int leaves = 1;
  private int size;
  private int distinct;
  private int ranks;

  /**
   * @param ordered whether {@link #least} will be read
   * @param frequent whether {@link #mostFrequent} will be read
   */
  RankCounts(boolean ordered, boolean frequent, Arena arena) {
    this.arena = arena;
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

  private IntBuffer zeroed(IntBuffer ints, int length) {
    return Arena.zero(arena.ints(ints, length), length);
  }

  void add(int rank) {
    size++;
    int count = counts.get(rank);
    counts.put(rank, count + 1);
    if (count == 0) {
      distinct++;
    }
    change(rank, 1);
  }

  void remove(int rank) {
    size--;
    int count = counts.get(rank) - 1;
    counts.put(rank, count);
    if (count == 0) {
      distinct--;
    }
    change(rank, -1);
  }

  private void change(int rank, int by) {
    if (ordered) {
      for (int i = rank + 1; i <= ranks; i += i & -i) {
        tree.put(i, tree.get(i) + by);
      }
    }
    if (frequent) {
      int i = leaves + rank;
      most.put(i, most.get(i) + by);
      for (i >>>= 1; i > 0; i >>>= 1) {
        int m = Math.max(most.get(2 * i), most.get(2 * i + 1));
        if (most.get(i) == m) {
          return;
        }
        most.put(i, m);
      }
    }
  }

  int count(int rank) {
    return counts.get(rank);
  }

  boolean contains(int rank) {
    return counts.get(rank) > 0;
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
      if (to <= ranks && tree.get(to) < remaining) {
        at = to;
        remaining -= tree.get(to);
      }
    }
    return at;
  }

  /** How many are less than a rank. */
  int below(int rank) {
    int below = 0;
    for (int i = rank; i > 0; i &= i - 1) {
      below += tree.get(i);
    }
    return below;
  }

  /** The least of those that occur most often. */
  int mostFrequent() {
    return mostFrequentBelow(1);
  }

  /** The same of the ranks from one to another, exclusive, of which there is one at least. */
  int mostFrequent(int from, int to) {
    int best = -1;
    // Whole subtrees from the left, then those from the right, which stand further right inwards.
    int right = -1;
    int i = leaves + from;
    int j = leaves + to;
    for (; i < j; i >>>= 1, j >>>= 1) {
      if ((i & 1) == 1) {
        if (best < 0 || most.get(i) > most.get(best)) {
          best = i;
        }
        i++;
      }
      if ((j & 1) == 1) {
        j--;
        if (right < 0 || most.get(j) >= most.get(right)) {
          right = j;
        }
      }
    }
    return mostFrequentBelow(
        best < 0 || right >= 0 && most.get(right) > most.get(best) ? right : best);
  }

  private int mostFrequentBelow(int node) {
    int i = node;
    while (i < leaves) {
      i = most.get(2 * i) == most.get(i) ? 2 * i : 2 * i + 1;
    }
    return i - leaves;
  }
}
