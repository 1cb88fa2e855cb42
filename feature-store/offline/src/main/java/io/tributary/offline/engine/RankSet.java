package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * A set of small integers that answers first, last and previous in a few steps: bits, and bits that
 * say which words have bits.
 */
final class RankSet {
  private long[][] levels = {new long[1]};
  private int depth = 1;

  /** Empties the set and makes room for {@code 0 … size − 1}. */
  void clear(int size) {
    int words = Math.max(1, (size + 63) >>> 6);
    depth = 1;
    fit(0, words);
    while (words > 1) {
      words = (words + 63) >>> 6;
      fit(depth++, words);
    }
  }

  private void fit(int level, int words) {
    if (level == levels.length) {
      levels = Arrays.copyOf(levels, level + 1);
      levels[level] = new long[words];
    } else if (levels[level].length < words) {
      levels[level] = new long[Math.max(words, levels[level].length * 2)];
    } else {
      Arrays.fill(levels[level], 0, words, 0);
    }
  }

  void add(int i) {
    int k = i;
    for (int d = 0; d < depth; d++) {
      long[] words = levels[d];
      long before = words[k >>> 6];
      words[k >>> 6] = before | 1L << k;
      if (before != 0) {
        return;
      }
      k >>>= 6;
    }
  }

  void remove(int i) {
    int k = i;
    for (int d = 0; d < depth; d++) {
      long[] words = levels[d];
      long after = words[k >>> 6] & ~(1L << k);
      words[k >>> 6] = after;
      if (after != 0) {
        return;
      }
      k >>>= 6;
    }
  }

  boolean isEmpty() {
    return levels[depth - 1][0] == 0;
  }

  /** The least element, or -1. */
  int first() {
    if (isEmpty()) {
      return -1;
    }
    return lowestBelow(0, depth - 1);
  }

  /** The greatest element, or -1. */
  int last() {
    if (isEmpty()) {
      return -1;
    }
    return highestBelow(0, depth - 1);
  }

  /** The greatest element less than {@code i}, or -1. */
  int previous(int i) {
    int k = i;
    for (int d = 0; d < depth; d++) {
      long below = levels[d][k >>> 6] & ((1L << k) - 1);
      if (below != 0) {
        int word = (k & ~63) | (63 - Long.numberOfLeadingZeros(below));
        return d == 0 ? word : highestBelow(word, d - 1);
      }
      k >>>= 6;
    }
    return -1;
  }

  /** The least element greater than {@code i}, or -1. */
  int next(int i) {
    int k = i;
    for (int d = 0; d < depth; d++) {
      long above = levels[d][k >>> 6] & (-2L << k);
      if (above != 0) {
        int word = (k & ~63) | Long.numberOfTrailingZeros(above);
        return d == 0 ? word : lowestBelow(word, d - 1);
      }
      k >>>= 6;
    }
    return -1;
  }

  private int lowestBelow(int word, int level) {
    int k = word;
    for (int d = level; d >= 0; d--) {
      k = (k << 6) | Long.numberOfTrailingZeros(levels[d][k]);
    }
    return k;
  }

  private int highestBelow(int word, int level) {
    int k = word;
    for (int d = level; d >= 0; d--) {
      k = (k << 6) | (63 - Long.numberOfLeadingZeros(levels[d][k]));
    }
    return k;
  }
}
