package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * The ranks of one entity's items in the order of rule 5: event time, known time, tie-break
 * columns, remaining value columns.
 */
final class EventRanks {
  private final Arena arena;
  private final IndexSort sort;
  private IntBuffer items = IntBuffer.allocate(8);
  private IntBuffer ranks = IntBuffer.allocate(8);
  private IntBuffer firstOfTie = IntBuffer.allocate(8);
  private IntBuffer firstOfEqual = IntBuffer.allocate(8);

  EventRanks(Arena arena) {
    this.arena = arena;
    this.sort = new IndexSort(arena);
  }

  /** Ranks all items of a sweep. */
  void begin(int n, LongBuffer event, LongBuffer known, Ties ties) {
    items = IndexSort.identity(arena, items, n);
    ranks = arena.ints(ranks, n);
    firstOfTie = arena.ints(firstOfTie, n);
    firstOfEqual = arena.ints(firstOfEqual, n);
    // By event time first, which is quick; then what is equal in that is put in order.
    sort.sort(items, n, event);
    for (int from = 0; from < n; ) {
      int to = from + 1;
      long time = event.get(items.get(from));
      while (to < n && event.get(items.get(to)) == time) {
        to++;
      }
      if (to - from > 1) {
        sort.sort(
            items,
            from,
            to,
            (a, b) -> {
              int c = Long.compare(known.get(a), known.get(b));
              return c == 0 ? ties.compare(a, b) : c;
            });
      }
      from = to;
    }
    for (int r = 0; r < n; r++) {
      int item = items.get(r);
      ranks.put(item, r);
      boolean tied = false;
      boolean equal = false;
      if (r > 0) {
        int before = items.get(r - 1);
        tied =
            event.get(before) == event.get(item)
                && known.get(before) == known.get(item)
                && ties.compareTieBreak(before, item) == 0;
        equal = tied && ties.compare(before, item) == 0;
      }
      firstOfTie.put(r, tied ? firstOfTie.get(r - 1) : r);
      firstOfEqual.put(r, equal ? firstOfEqual.get(r - 1) : r);
    }
  }

  /** All items, least first; more room than items. */
  IntBuffer items() {
    return items;
  }

  int rank(int item) {
    return ranks.get(item);
  }

  int item(int rank) {
    return items.get(rank);
  }

  /** The least rank that is equal up to the tie-break columns. */
  int firstOfTie(int rank) {
    return firstOfTie.get(rank);
  }

  /** The least rank that is equal in all columns. */
  int firstOfEqualValues(int rank) {
    return firstOfEqual.get(rank);
  }
}
