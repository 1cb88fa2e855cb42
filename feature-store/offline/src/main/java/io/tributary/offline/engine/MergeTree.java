package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * The merged state of a user-defined aggregate over the values in a span: a tree over all items of
 * an entity, whose leaves come and go, and whose inner states are merged again where something
 * below them has changed since they were last read. On the heap: two states for each event.
 */
final class MergeTree extends SweepState {
  private static final Object CHANGED = new Object();

  private final InputColumn input;
  private final UserAggregate aggregate;

  /** Node {@code i} has the children {@code 2i} and {@code 2i + 1}; null = no value below. */
  private Object[] nodes = new Object[2];

  private int leaves = 1;

  MergeTree(InputColumn input, UserAggregate aggregate) {
    this.input = input;
    this.aggregate = aggregate;
  }

  @Override
  void begin(int items) {
    clear(items);
  }

  /** Empties it and makes room for {@code 0 … items − 1}. */
  void clear(int items) {
    leaves = Math.max(1, Integer.highestOneBit(Math.max(1, items - 1)) << 1);
    if (nodes.length < 2 * leaves) {
      nodes = new Object[2 * leaves];
    } else {
      Arrays.fill(nodes, 0, 2 * leaves, null);
    }
  }

  @Override
  void add(int item) {
    if (input.isPresent(item)) {
      put(item, item);
    }
  }

  /** Adds an item that has a value, at a place that no other one has. */
  void put(int place, int item) {
    change(place, aggregate.of(input.boxed(item)));
  }

  /** Takes away what is at a place. */
  void empty(int place) {
    change(place, null);
  }

  @Override
  void remove(int item) {
    if (input.isPresent(item)) {
      empty(item);
    }
  }

  private void change(int place, Object state) {
    int node = leaves + place;
    nodes[node] = state;
    for (node >>= 1; node > 0 && nodes[node] != CHANGED; node >>= 1) {
      nodes[node] = CHANGED;
    }
  }

  /** The state of all values, or null when there is none. */
  private Object state(int node) {
    Object state = nodes[node];
    if (state != CHANGED) {
      return state;
    }
    Object left = state(2 * node);
    Object right = state(2 * node + 1);
    state = merged(left, right);
    nodes[node] = state;
    return state;
  }

  /** The state of the places from one to another, exclusive; whole subtrees are merged once. */
  private Object state(int from, int to) {
    Object state = null;
    int i = leaves + from;
    for (int j = leaves + to; i < j; i >>= 1, j >>= 1) {
      if ((i & 1) == 1) {
        state = merged(state, state(i++));
      }
      if ((j & 1) == 1) {
        state = merged(state, state(--j));
      }
    }
    return state;
  }

  private Object merged(Object a, Object b) {
    return a == null ? b : b == null ? a : aggregate.merge(a, b);
  }

  /** Null where there are no values, or the aggregate has none of them. */
  Object result() {
    return result(state(1));
  }

  /** The same of the places from one to another, exclusive. */
  Object result(int from, int to) {
    return result(state(from, to));
  }

  private Object result(Object state) {
    return state == null ? null : aggregate.result(state);
  }
}
