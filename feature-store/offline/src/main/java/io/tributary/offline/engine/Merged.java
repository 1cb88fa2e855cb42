package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * The merged state of a project's own aggregate over the values in a span: a tree over all items of
 * an entity, whose leaves come and go, and whose inner states are merged anew where something below
 * them has changed since they were last read. On the heap: two states for each event.
 */
final class Merged extends Cell {
  private static final Object CHANGED = new Object();

  private final InputColumn input;
  private final OwnAggregate aggregate;

  /** Node {@code i} has the children {@code 2i} and {@code 2i + 1}; null = no value below. */
  private Object[] nodes = new Object[2];

  private int leaves = 1;

  Merged(InputColumn input, OwnAggregate aggregate) {
    this.input = input;
    this.aggregate = aggregate;
  }

  @Override
  void begin(int items) {
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
      put(item, aggregate.of(input.boxed(item)));
    }
  }

  @Override
  void remove(int item) {
    if (input.isPresent(item)) {
      put(item, null);
    }
  }

  private void put(int item, Object state) {
    int node = leaves + item;
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
    state = left == null ? right : right == null ? left : aggregate.merge(left, right);
    nodes[node] = state;
    return state;
  }

  /** Null where there are no values, or the aggregate says so. */
  Object result() {
    Object state = state(1);
    return state == null ? null : aggregate.result(state);
  }
}
