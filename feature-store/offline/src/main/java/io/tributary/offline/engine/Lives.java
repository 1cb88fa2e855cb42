package io.tributary.offline.engine;

import java.nio.IntBuffer;

/**
 * Turns the versions of one event into lives: the version that counts at an instant is the one with
 * the greatest known time by then (rule 4), so each version that ever counts does so from its known
 * time until the next one's. Reused from event to event; not safe for threads.
 */
public final class Lives {
  /** The order of versions of equal event and known time, by their indexes. */
  public interface ValueOrder {
    /** By the declared tie-break columns alone. */
    int compareTieBreak(int a, int b);

    /** By all value columns, tie-break columns first. */
    int compare(int a, int b);
  }

  /** Receives a version that counts in {@code [from, until)}; {@link Long#MAX_VALUE} is no end. */
  public interface Sink {
    /**
     * @param ambiguous whether a version of equal event and known time and equal tie-break columns
     *     had other values
     */
    void life(int version, long from, long until, boolean ambiguous);
  }

  private final Arena arena = Arena.heap();
  private final IndexSort sort = new IndexSort(arena);
  private IntBuffer index = IntBuffer.allocate(16);

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
      ValueOrder values,
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
        int winner = winner(at, end, event, deleted, values);
        if (winner >= 0) {
          long from = knowledgeTime ? k : Long.MIN_VALUE;
          long until = last ? Long.MAX_VALUE : known[index.get(end)];
          sink.life(winner, from, until, ambiguous(winner, at, end, event, deleted, values));
        }
      }
      at = end;
    }
  }

  /** The greatest live version among those of equal known time, or -1 when all are tombstones. */
  private int winner(int from, int to, long[] event, boolean[] deleted, ValueOrder values) {
    int best = -1;
    for (int i = from; i < to; i++) {
      int v = index.get(i);
      if (deleted[v]) {
        continue;
      }
      if (best < 0
          || event[v] > event[best]
          || (event[v] == event[best] && values.compare(v, best) > 0)) {
        best = v;
      }
    }
    return best;
  }

  private boolean ambiguous(
      int winner, int from, int to, long[] event, boolean[] deleted, ValueOrder values) {
    for (int i = from; i < to; i++) {
      int v = index.get(i);
      if (v != winner
          && !deleted[v]
          && event[v] == event[winner]
          && values.compareTieBreak(v, winner) == 0
          && values.compare(v, winner) != 0) {
        return true;
      }
    }
    return false;
  }
}
