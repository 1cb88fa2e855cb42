package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * The ranks of one entity's items in the order of rule 5: event time, known time, tie-break
 * columns, remaining value columns.
 */
final class EventRanks {
  private final IndexSort sort = new IndexSort();
  private int[] items = new int[8];
  private int[] ranks = new int[8];
  private int[] firstOfTie = new int[8];
  private int[] firstOfEqual = new int[8];

  /** Ranks all items of a sweep. */
  void begin(int n, long[] event, long[] known, byte[][] order, int[] tieLength) {
    items = IndexSort.identity(items, n);
    if (ranks.length < n) {
      ranks = new int[items.length];
      firstOfTie = new int[items.length];
      firstOfEqual = new int[items.length];
    }
    // By event time first, which is quick; then what is equal in that is put in order.
    sort.sort(items, n, event);
    for (int from = 0; from < n; ) {
      int to = from + 1;
      while (to < n && event[items[to]] == event[items[from]]) {
        to++;
      }
      if (to - from > 1) {
        int[] ties = Arrays.copyOfRange(items, from, to);
        sort.sort(
            ties,
            to - from,
            (a, b) -> {
              int c = Long.compare(known[a], known[b]);
              return c == 0 ? Arrays.compareUnsigned(order[a], order[b]) : c;
            });
        System.arraycopy(ties, 0, items, from, to - from);
      }
      from = to;
    }
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

  /** All items, least first; more room than items. */
  int[] items() {
    return items;
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
