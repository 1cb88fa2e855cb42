package io.tributary.offline.engine;

/**
 * The ranks of an input's values within one entity: equal values have one rank, nulls have none.
 */
final class ValueRanks {
  private final InputColumn input;
  private final boolean zerosAsOne;
  private final IndexSort sort = new IndexSort();
  private int[] index = new int[8];
  private int[] ranks = new int[8];
  private int[] exemplars = new int[8];
  private int count;

  ValueRanks(InputColumn input, boolean zerosAsOne) {
    this.input = input;
    this.zerosAsOne = zerosAsOne;
  }

  void begin(int items) {
    if (ranks.length < items) {
      int length = Math.max(items, 2 * ranks.length);
      index = new int[length];
      ranks = new int[length];
      exemplars = new int[length];
    }
    int n = 0;
    for (int i = 0; i < items; i++) {
      if (input.isPresent(i)) {
        index[n++] = i;
      }
    }
    sort.sort(index, n, zerosAsOne ? input::compareAsOne : input::compare);
    count = 0;
    for (int i = 0; i < n; i++) {
      if (i == 0 || compare(index[i - 1], index[i]) != 0) {
        exemplars[count++] = index[i];
      }
      ranks[index[i]] = count - 1;
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
    return ranks[item];
  }

  /** An item that has the value of a rank. */
  int exemplar(int rank) {
    return exemplars[rank];
  }
}
