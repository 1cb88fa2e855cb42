package io.tributary.offline.engine;

import java.nio.IntBuffer;

/**
 * The ranks of an input's values within one entity: equal values have one rank, nulls have none.
 */
final class ValueRanks {
  private final InputColumn input;
  private final boolean zerosAsOne;
  private final Arena arena;
  private final IndexSort sort;
  private IntBuffer index = IntBuffer.allocate(8);
  private IntBuffer ranks = IntBuffer.allocate(8);
  private IntBuffer exemplars = IntBuffer.allocate(8);
  private int count;

  ValueRanks(InputColumn input, boolean zerosAsOne, Arena arena) {
    this.arena = arena;
    this.sort = new IndexSort(arena);
    this.input = input;
    this.zerosAsOne = zerosAsOne;
  }

  void begin(int items) {
    index = arena.ints(index, items);
    ranks = arena.ints(ranks, items);
    exemplars = arena.ints(exemplars, items);
    int n = 0;
    for (int i = 0; i < items; i++) {
      if (input.isPresent(i)) {
        index.put(n++, i);
      }
    }
    sort.sort(index, n, zerosAsOne ? input::compareAsOne : input::compare);
    count = 0;
    for (int i = 0; i < n; i++) {
      if (i == 0 || compare(index.get(i - 1), index.get(i)) != 0) {
        exemplars.put(count++, index.get(i));
      }
      ranks.put(index.get(i), count - 1);
    }
  }

  private int compare(int a, int b) {
    return zerosAsOne ? input.compareAsOne(a, b) : input.compare(a, b);
  }

  /** How many different values there are. */
  int count() {
    return count;
  }

  int rank(int item) {
    return ranks.get(item);
  }

  /** An item that has the value of a rank. */
  int exemplar(int rank) {
    return exemplars.get(rank);
  }
}
