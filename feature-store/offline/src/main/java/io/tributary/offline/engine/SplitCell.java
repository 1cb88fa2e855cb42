package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** A running state for each value of a dimension; events that have none are left out. */
abstract class SplitCell extends Cell {
  private final InputColumn dimension;
  private final ValueRanks groups;
  private final Arena arena;
  private final RankSet present = new RankSet();
  private IntBuffer events = IntBuffer.allocate(1);
  private int size;

  /**
   * @param groups the ranks of the dimension's values
   */
  SplitCell(InputColumn dimension, ValueRanks groups, Arena arena) {
    this.dimension = dimension;
    this.groups = groups;
    this.arena = arena;
  }

  @Override
  void begin(int items) {
    present.clear(groups.count());
    events = zeroed(events, groups.count());
    size = 0;
  }

  final IntBuffer zeroed(IntBuffer ints, int length) {
    return Arena.zero(arena.ints(ints, length), length);
  }

  final int groups() {
    return groups.count();
  }

  @Override
  final void add(int item) {
    if (dimension.isPresent(item)) {
      int group = groups.rank(item);
      if (change(events, group, 1) == 1) {
        present.add(group);
        size++;
      }
      enter(item, group);
    }
  }

  @Override
  final void remove(int item) {
    if (dimension.isPresent(item)) {
      int group = groups.rank(item);
      leave(item, group);
      if (change(events, group, -1) == 0) {
        present.remove(group);
        size--;
      }
    }
  }

  /** Adds to a number; the new one. */
  static int change(IntBuffer ints, int i, int by) {
    int changed = ints.get(i) + by;
    ints.put(i, changed);
    return changed;
  }

  abstract void enter(int item, int group);

  abstract void leave(int item, int group);

  boolean isEmpty() {
    return size == 0;
  }

  /** How many events have a value of the dimension. */
  final int events(int group) {
    return events.get(group);
  }

  /**
   * The dimension's values that have events, in their order.
   *
   * @param value of a group, null = it has none
   */
  final Pairs pairs(IntFunction<Object> value) {
    Object[] keys = new Object[size];
    Object[] values = new Object[size];
    int n = 0;
    for (int group = present.first(); group >= 0; group = present.next(group)) {
      keys[n] = dimension.key(groups.exemplar(group));
      values[n++] = value.apply(group);
    }
    return new Pairs(keys, values);
  }

  /** How many events count. */
  static final class Counts extends SplitCell {
    private final InputColumn input;
    private IntBuffer counts = IntBuffer.allocate(1);

    /**
     * @param input null = each event counts
     */
    Counts(InputColumn dimension, ValueRanks groups, InputColumn input, Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
    }

    @Override
    void begin(int items) {
      super.begin(items);
      if (input != null) {
        counts = zeroed(counts, groups());
      }
    }

    @Override
    void enter(int item, int group) {
      if (input != null && input.isPresent(item)) {
        change(counts, group, 1);
      }
    }

    @Override
    void leave(int item, int group) {
      if (input != null && input.isPresent(item)) {
        change(counts, group, -1);
      }
    }

    long count(int group) {
      return input == null ? events(group) : counts.get(group);
    }
  }

  /** Exact sums, one for each value of the dimension that has any now. */
  static final class Totals extends SplitCell {
    private final InputColumn input;
    private final Supplier<Sum> make;
    private final Map<Integer, Sum> sums = new HashMap<>();
    private final Deque<Sum> spare = new ArrayDeque<>();

    Totals(
        InputColumn dimension,
        ValueRanks groups,
        InputColumn input,
        Supplier<Sum> make,
        Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
      this.make = make;
    }

    @Override
    void begin(int items) {
      super.begin(items);
      spare.addAll(sums.values());
      sums.clear();
    }

    @Override
    void enter(int item, int group) {
      if (input.isPresent(item)) {
        sums.computeIfAbsent(group, g -> empty()).add(item);
      }
    }

    private Sum empty() {
      Sum sum = spare.isEmpty() ? make.get() : spare.pop();
      sum.begin(0);
      return sum;
    }

    @Override
    void leave(int item, int group) {
      if (input.isPresent(item)) {
        Sum sum = sums.get(group);
        sum.remove(item);
        if (sum.count == 0) {
          spare.push(sums.remove(group));
        }
      }
    }

    /** Null where no value counts. */
    Sum sum(int group) {
      return sums.get(group);
    }
  }

  /** The values in an order. */
  static final class Ordered extends SplitCell {
    private final InputColumn input;
    private final PairRanks ranks;
    private final RankCounts counts;
    private final RankSet present = new RankSet();
    private IntBuffer distinct = IntBuffer.allocate(1);

    Ordered(
        InputColumn dimension, ValueRanks groups, InputColumn input, PairRanks ranks, Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
      this.ranks = ranks;
      this.counts = new RankCounts(false, false, arena);
    }

    @Override
    void begin(int items) {
      super.begin(items);
      counts.clear(ranks.count());
      present.clear(ranks.count());
      distinct = zeroed(distinct, groups());
    }

    @Override
    void enter(int item, int group) {
      if (input.isPresent(item)) {
        int rank = ranks.rank(item);
        if (!counts.contains(rank)) {
          present.add(rank);
          change(distinct, group, 1);
        }
        counts.add(rank);
      }
    }

    @Override
    void leave(int item, int group) {
      if (input.isPresent(item)) {
        int rank = ranks.rank(item);
        counts.remove(rank);
        if (!counts.contains(rank)) {
          present.remove(rank);
          change(distinct, group, -1);
        }
      }
    }

    long distinct(int group) {
      return distinct.get(group);
    }

    /** The least value, null where there is none. */
    Object first(int group) {
      int start = ranks.start(group);
      int rank = start == 0 ? present.first() : present.next(start - 1);
      return rank < 0 || rank >= ranks.start(group + 1) ? null : input.boxed(ranks.exemplar(rank));
    }

    /** The greatest value, null where there is none. */
    Object last(int group) {
      int end = ranks.start(group + 1);
      int rank = end == ranks.count() ? present.last() : present.previous(end);
      return rank < ranks.start(group) ? null : input.boxed(ranks.exemplar(rank));
    }
  }
}
