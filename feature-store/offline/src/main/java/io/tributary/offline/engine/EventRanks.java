package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * The ranks of one entity's items in the order of rule 5: event time, known time, tie-break
 * columns, remaining value columns.
 */
final class EventRanks {
  private final IndexSort sort = new IndexSort();
  private int[] items = new int[64];
  private int[] ranks = new int[64];
  private int[] firstOfTie = new int[64];
  private int[] firstOfEqual = new int[64];

  /** Ranks all items of a sweep. */
  void begin(int n, long[] event, long[] known, byte[][] order, int[] tieLength) {
    items = IndexSort.identity(items, n);
    if (ranks.length < n) {
      ranks = new int[items.length];
      firstOfTie = new int[items.length];
      firstOfEqual = new int[items.length];
    }
    sort.sort(
        items,
        n,
        (a, b) -> {
          int c = Long.compare(event[a], event[b]);
          if (c == 0) {
            c = Long.compare(known[a], known[b]);
          }
          return c == 0 ? Arrays.compareUnsigned(order[a], order[b]) : c;
        });
    for (int r = 0; r < n; r++) {
      int item = items[r];
      ranks[item] = r;
      boolean tied = false;
      boolean equal = false;
      if (r > 0) {
        int before = items[r - 1];
        tied =
            event[before] == event[item]
                && known[before] == known[item]
                && Arrays.equals(
                    order[before], 0, tieLength[before], order[item], 0, tieLength[item]);
        equal = tied && Arrays.equals(order[before], order[item]);
      }
      firstOfTie[r] = tied ? firstOfTie[r - 1] : r;
      firstOfEqual[r] = equal ? firstOfEqual[r - 1] : r;
    }
  }

  int rank(int item) {
    return ranks[item];
  }

  int item(int rank) {
    return items[rank];
  }

  /** The least rank that is equal up to the tie-break columns. */
  int firstOfTie(int rank) {
    return firstOfTie[rank];
  }

  /** The least rank that is equal in all columns. */
  int firstOfEqualValues(int rank) {
    return firstOfEqual[rank];
  }
}
