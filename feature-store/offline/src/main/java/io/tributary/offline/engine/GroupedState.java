package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** A running state for each value of a dimension; events that have none are left out. */
abstract class GroupedState extends SweepState {
  private final InputColumn dimension;
  private final ValueRanks groups;
  private final Arena arena;
  private final RankSet present = new RankSet();
  private IntBuffer events = IntBuffer.allocate(1);
  private int size;

  /**
   * @param groups the ranks of the dimension's values
   */
  GroupedState(InputColumn dimension, ValueRanks groups, Arena arena) {
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
  static final class Counts extends GroupedState {
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

  /** A state of its own for each value of the dimension that has any values now. */
  static final class Each<C extends SweepState> extends GroupedState {
    private final InputColumn input;
    private final Supplier<C> make;
    private final Map<Integer, C> states = new HashMap<>();
    private final Deque<C> spare = new ArrayDeque<>();
    private IntBuffer counts = IntBuffer.allocate(1);

    Each(
        InputColumn dimension,
        ValueRanks groups,
        InputColumn input,
        Supplier<C> make,
        Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
      this.make = make;
    }

    @Override
    void begin(int items) {
      super.begin(items);
      spare.addAll(states.values());
      states.clear();
      counts = zeroed(counts, groups());
    }

    @Override
    void enter(int item, int group) {
      if (input.isPresent(item)) {
        change(counts, group, 1);
        states.computeIfAbsent(group, g -> empty()).add(item);
      }
    }

    private C empty() {
      C state = spare.isEmpty() ? make.get() : spare.pop();
      state.begin(0);
      return state;
    }

    @Override
    void leave(int item, int group) {
      if (input.isPresent(item)) {
        states.get(group).remove(item);
        if (change(counts, group, -1) == 0) {
          spare.push(states.remove(group));
        }
      }
    }

    /** Null where no value counts. */
    C state(int group) {
      return states.get(group);
    }
  }

  /** The merged state of a user-defined aggregate, of the values of each group. */
  static final class UserDefined extends GroupedState {
    private final InputColumn input;
    private final PairRanks places;
    private final MergeTree tree;

    /**
     * @param places a rank for each item
     */
    UserDefined(
        InputColumn dimension,
        ValueRanks groups,
        InputColumn input,
        PairRanks places,
        UserAggregate aggregate,
        Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
      this.places = places;
      this.tree = new MergeTree(input, aggregate);
    }

    @Override
    void begin(int items) {
      super.begin(items);
      tree.clear(places.count());
    }

    @Override
    void enter(int item, int group) {
      if (input.isPresent(item)) {
        tree.put(places.rank(item), item);
      }
    }

    @Override
    void leave(int item, int group) {
      if (input.isPresent(item)) {
        tree.empty(places.rank(item));
      }
    }

    Object result(int group) {
      return tree.result(places.start(group), places.start(group + 1));
    }
  }

  /** The values in an order. */
  static final class Ordered extends GroupedState {
    private final InputColumn input;
    private final PairRanks ranks;
    private final RankCounts counts;
    private final RankSet present = new RankSet();
    private IntBuffer distinct = IntBuffer.allocate(1);

    /**
     * @param places whether places are read
     * @param frequent whether the most frequent value is read
     */
    Ordered(
        InputColumn dimension,
        ValueRanks groups,
        InputColumn input,
        PairRanks ranks,
        boolean places,
        boolean frequent,
        Arena arena) {
      super(dimension, groups, arena);
      this.input = input;
      this.ranks = ranks;
      this.counts = new RankCounts(places, frequent, arena);
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
      int rank = firstRank(group);
      return rank < 0 ? null : value(rank);
    }

    /** The greatest value, null where there is none. */
    Object last(int group) {
      int item = lastItem(group);
      return item < 0 ? null : input.boxed(item);
    }

    /** An item with the greatest value, -1 where there is none. */
    int lastItem(int group) {
      int rank = lastRank(group);
      return rank < 0 ? -1 : ranks.exemplar(rank);
    }

    private Object value(int rank) {
      return input.boxed(ranks.exemplar(rank));
    }

    private int firstRank(int group) {
      int start = ranks.start(group);
      return within(group, start == 0 ? present.first() : present.next(start - 1));
    }

    private int lastRank(int group) {
      int end = ranks.start(group + 1);
      return within(group, end == ranks.count() ? present.last() : present.previous(end));
    }

    private int within(int group, int rank) {
      return rank >= ranks.start(group) && rank < ranks.start(group + 1) ? rank : -1;
    }

    /** Up to {@code k} values, greatest first or least first; null where there is none. */
    Object[] some(int group, int k, boolean newest) {
      Object[] values = new Object[Math.min(k, distinct.get(group))];
      int rank = newest ? lastRank(group) : firstRank(group);
      for (int i = 0; i < values.length; i++) {
        values[i] = value(rank);
        rank = newest ? present.previous(rank) : present.next(rank);
      }
      return values.length == 0 ? null : values;
    }

    /** How often each value is there, by their order; null where there is none. */
    Pairs histogram(int group) {
      Object[] keys = new Object[distinct.get(group)];
      Object[] values = new Object[keys.length];
      int rank = firstRank(group);
      for (int i = 0; i < keys.length; i++) {
        keys[i] = input.key(ranks.exemplar(rank));
        values[i] = (long) counts.count(rank);
        rank = present.next(rank);
      }
      return keys.length == 0 ? null : new Pairs(keys, values);
    }

    /** An item with the value that is there most often, -1 where there is none. */
    int mostFrequent(int group) {
      return distinct.get(group) == 0
          ? -1
          : ranks.exemplar(counts.mostFrequent(ranks.start(group), ranks.start(group + 1)));
    }

    /** How many values there are, with those that are equal. */
    int size(int group) {
      return counts.below(ranks.start(group + 1)) - counts.below(ranks.start(group));
    }

    /** An item with the k-th least value. */
    int least(int group, int k) {
      return ranks.exemplar(counts.least(counts.below(ranks.start(group)) + k));
    }
  }
}
