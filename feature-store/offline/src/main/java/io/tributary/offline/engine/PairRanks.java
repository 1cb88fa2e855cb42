package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * The ranks of an input's items within one entity by the value of a dimension, then by a rank of
 * their own; items that lack either have none. The ranks of one value of the dimension stand
 * together.
 */
final class PairRanks {
  /** A rank of items; equal ones have one. */
  interface Inner {
    int rank(int item);
  }

  private final InputColumn dimension;
  private final ValueRanks dimensions;
  private final InputColumn input;
  private final Inner inner;
  private final Arena arena;
  private final IndexSort sort;
  private LongBuffer keys = LongBuffer.allocate(8);
  private IntBuffer index = IntBuffer.allocate(8);
  private IntBuffer ranks = IntBuffer.allocate(8);
  private IntBuffer exemplars = IntBuffer.allocate(8);
  private IntBuffer starts = IntBuffer.allocate(8);
  private int count;

  PairRanks(
      InputColumn dimension, ValueRanks dimensions, InputColumn input, Inner inner, Arena arena) {
    this.dimension = dimension;
    this.dimensions = dimensions;
    this.input = input;
    this.inner = inner;
    this.arena = arena;
    this.sort = new IndexSort(arena);
  }

  /** After the ranks that it stands on. */
  void begin(int items) {
    keys = arena.longs(keys, items);
    index = arena.ints(index, items);
    ranks = arena.ints(ranks, items);
    exemplars = arena.ints(exemplars, items);
    starts = arena.ints(starts, dimensions.count() + 1);
    int n = 0;
    for (int i = 0; i < items; i++) {
      if (dimension.isPresent(i) && input.isPresent(i)) {
        keys.put(i, (long) dimensions.rank(i) << Integer.SIZE | inner.rank(i));
        index.put(n++, i);
      }
    }
    sort.sort(index, n, keys);
    count = 0;
    int group = 0;
    for (int i = 0; i < n; i++) {
      int item = index.get(i);
      if (i == 0 || keys.get(index.get(i - 1)) != keys.get(item)) {
        for (int of = dimensions.rank(item); group <= of; group++) {
          starts.put(group, count);
        }
        exemplars.put(count++, item);
      }
      ranks.put(item, count - 1);
    }
    for (; group <= dimensions.count(); group++) {
      starts.put(group, count);
    }
  }

  /** How many different pairs there are. */
  int count() {
    return count;
  }

  int rank(int item) {
    return ranks.get(item);
  }

  /** An item that has a rank. */
  int exemplar(int rank) {
    return exemplars.get(rank);
  }

  /** The least rank of a value of the dimension; the next value's is where its ranks end. */
  int start(int group) {
    return starts.get(group);
  }
}
