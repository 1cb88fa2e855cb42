package io.tributary.offline.internal.explain;

import java.io.Serializable;

/**
 * Which event times the candidates of an explanation have, both bounds inclusive, in microseconds.
 *
 * @param timed whether there are event times at all
 * @param leavesOlder whether there are older events that could win
 * @param text the same in words
 */
record TimeRange(long least, long greatest, boolean timed, boolean leavesOlder, String text)
    implements Serializable {
  static final TimeRange ALL =
      new TimeRange(
          Long.MIN_VALUE, Long.MAX_VALUE, false, false, "all rows of the newest delivery");

  /** All times of both, and perhaps others. */
  TimeRange or(TimeRange other) {
    return timed && other.timed
        ? new TimeRange(
            Math.min(least, other.least), Math.max(greatest, other.greatest), true, false, "")
        : ALL;
  }

  boolean has(long time) {
    return !timed || time >= least && time <= greatest;
  }
}
