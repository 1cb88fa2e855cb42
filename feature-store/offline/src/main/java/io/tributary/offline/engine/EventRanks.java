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
  private final InputColumn[] answers;
  private IntBuffer firstOfTie = IntBuffer.allocate(8);
  private IntBuffer firstOfSame = IntBuffer.allocate(8);

  /**
   * @param answers what look-ups take from an item; none = there are no look-ups, whose winner
   *     could have rivals
   */
  EventRanks(InputColumn[] answers, Arena arena) {
    this.answers = answers;
    this.arena = arena;
    this.sort = new IndexSort(arena);
  }

  /** Ranks all items of a sweep. */
  void begin(int n, LongBuffer event, LongBuffer known, Ties ties) {
    items = IndexSort.identity(arena, items, n);
    ranks = arena.ints(ranks, n);
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
      ranks.put(items.get(r), r);
    }
    if (answers.length > 0) {
      findTies(n, event, known, ties);
    }
  }

  private void findTies(int n, LongBuffer event, LongBuffer known, Ties ties) {
    firstOfTie = arena.ints(firstOfTie, n);
    firstOfSame = arena.ints(firstOfSame, n);
    for (int r = 0; r < n; r++) {
      boolean tied = false;
      boolean same = false;
      if (r > 0) {
        int item = items.get(r);
        int before = items.get(r - 1);
        tied =
            event.get(before) == event.get(item)
                && known.get(before) == known.get(item)
                && ties.compareTieBreak(before, item) == 0;
        same = tied && answersSame(before, item);
      }
      firstOfTie.put(r, tied ? firstOfTie.get(r - 1) : r);
      firstOfSame.put(r, same ? firstOfSame.get(r - 1) : r);
    }
  }

  /** Whether look-ups take the same from two items. */
  boolean answersSame(int a, int b) {
    for (InputColumn answer : answers) {
      boolean present = answer.isPresent(a);
      if (present != answer.isPresent(b) || (present && answer.compare(a, b) != 0)) {
        return false;
      }
    }
    return true;
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

  /** The least rank such that look-ups take the same from all from there to this one. */
  int firstOfSame(int rank) {
    return firstOfSame.get(rank);
  }
}
