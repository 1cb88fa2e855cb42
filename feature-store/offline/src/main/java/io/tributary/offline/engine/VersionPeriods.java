package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * Finds the period in which each version of one event is valid: the version that counts at an
 * instant is the one with the greatest known time by then (rule 4), so each version that ever
 * counts does so from its known time until the next one's. Of versions with equal known time the
 * greatest by sequence and tie-break columns counts, a live version before a tombstone; of live
 * ones the greatest by event time, then by values. Reused from event to event; not safe for
 * threads.
 */
public final class VersionPeriods {
  /** The order of versions of equal known time, by their indexes. */
  public interface VersionOrder {
    /** By sequence, then by the declared tie-break columns: also of tombstones. */
    int compare(int a, int b);

    /** By all value columns, of live versions. */
    int compareValues(int a, int b);

    /**
     * Adds the columns in which two live versions differ.
     *
     * @param columns a bit for each
     */
    void differences(int a, int b, long[] columns);
  }

  /** Receives a version that counts in {@code [from, until)}; {@link Long#MAX_VALUE} is no end. */
  public interface Sink {
    /**
     * @param differing the columns in which it differs from those versions over which it won by its
     *     values alone, a bit for each; the same object each time
     */
    void period(int version, long from, long until, long[] differing);
  }

  private final Arena arena = Arena.heap();
  private final IndexSort sort = new IndexSort(arena);
  private final long[] differing;
  private IntBuffer index = IntBuffer.allocate(16);

  /**
   * @param columns how many columns versions may differ in
   */
  public VersionPeriods(int columns) {
    this.differing = new long[columns / 64 + 1];
  }

  /**
   * Resolves versions {@code 0 … count − 1} of one event. A deleted version's event time is not
   * looked at.
   *
   * @param knowledgeTime whether known time bounds what is visible; if not, the last version counts
   *     always
   */
  public void resolve(
      int count,
      long[] event,
      long[] known,
      boolean[] deleted,
      VersionOrder order,
      boolean knowledgeTime,
      Sink sink) {
    index = IndexSort.identity(arena, index, count);
    if (count > 1) {
      sort.sort(index, count, (a, b) -> Long.compare(known[a], known[b]));
    }
    int at = 0;
    while (at < count) {
      long k = known[index.get(at)];
      int end = at + 1;
      while (end < count && known[index.get(end)] == k) {
        end++;
      }
      boolean last = end == count;
      if (knowledgeTime || last) {
        int winner = winner(at, end, event, deleted, order);
        if (!deleted[winner]) {
          long from = knowledgeTime ? k : Long.MIN_VALUE;
          long until = last ? Long.MAX_VALUE : known[index.get(end)];
          differences(winner, at, end, event, deleted, order);
          sink.period(winner, from, until, differing);
        }
      }
      at = end;
    }
  }

  /** The greatest version among those of equal known time. */
  private int winner(int from, int to, long[] event, boolean[] deleted, VersionOrder order) {
    int best = index.get(from);
    for (int i = from + 1; i < to; i++) {
      int v = index.get(i);
      int c = order.compare(v, best);
      c = c != 0 ? c : Boolean.compare(deleted[best], deleted[v]);
      if (c == 0 && !deleted[v]) {
        c = Long.compare(event[v], event[best]);
        c = c != 0 ? c : order.compareValues(v, best);
      }
      best = c > 0 ? v : best;
    }
    return best;
  }

  private void differences(
      int winner, int from, int to, long[] event, boolean[] deleted, VersionOrder order) {
    Arrays.fill(differing, 0);
    for (int i = from; i < to; i++) {
      int v = index.get(i);
      if (v != winner
          && !deleted[v]
          && event[v] == event[winner]
          && order.compare(v, winner) == 0) {
        order.differences(v, winner, differing);
      }
    }
  }
}
