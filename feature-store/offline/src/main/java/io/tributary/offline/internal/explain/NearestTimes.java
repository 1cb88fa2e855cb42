package io.tributary.offline.internal.explain;

import io.tributary.offline.internal.reference.ReferenceEvaluator;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.PriorityQueue;
import org.apache.spark.sql.catalyst.InternalRow;

/** The event times of an entity's versions that are nearest to an instant, so many on each side. */
final class NearestTimes implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long at;
  private final int most;

  /** Up to the instant; the oldest first. */
  private final PriorityQueue<Long> before = new PriorityQueue<>();

  /** Behind it; the newest first. */
  private final PriorityQueue<Long> after = new PriorityQueue<>(Comparator.reverseOrder());

  NearestTimes(long at, int most) {
    this.at = at;
    this.most = most;
  }

  static NearestTimes of(Iterator<InternalRow> rows, VersionReader reader, long at, int most) {
    NearestTimes near = new NearestTimes(at, most);
    while (rows.hasNext()) {
      ReferenceEvaluator.Version<?> version = reader.version(rows.next(), TimeRange.ALL);
      if (version.asked()) {
        near.add(version.time());
      }
    }
    return near;
  }

  private void add(long time) {
    PriorityQueue<Long> side = time <= at ? before : after;
    side.add(time);
    if (side.size() > most) {
      side.remove();
    }
  }

  NearestTimes merge(NearestTimes other) {
    other.before.forEach(this::add);
    other.after.forEach(this::add);
    return this;
  }

  long least() {
    return before.isEmpty() ? at : before.peek();
  }

  long greatest() {
    return after.isEmpty() ? at : after.peek();
  }

  /** Whether there may be older ones. */
  boolean leavesOlder() {
    return before.size() == most;
  }
}
