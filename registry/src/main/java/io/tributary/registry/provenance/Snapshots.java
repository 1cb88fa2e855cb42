package io.tributary.registry.provenance;

import io.tributary.core.Interval;
import io.tributary.core.Micros;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** When snapshots of a view were taken, as far as the records of runs tell, in microseconds. */
final class Snapshots {
  private static final Duration LONGEST_DAY = Duration.ofHours(25);

  private final TreeSet<Long> instants = new TreeSet<>();

  /** Intervals of several days: of their snapshots the last one's instant alone is recorded. */
  private final List<Interval> several = new ArrayList<>();

  /** Adds those of an interval that a run has taken. */
  void add(Interval interval) {
    instants.add(Micros.of(interval.snapshotInstant()));
    if (isOfSeveral(interval)) {
      several.add(interval);
    }
  }

  /** Whether an interval may have more snapshots than that of its last instant. */
  static boolean isOfSeveral(Interval interval) {
    return interval.length().compareTo(LONGEST_DAY) > 0;
  }

  /** The first instant from {@code at} on that may be a snapshot's; empty where there is none. */
  Optional<Long> mayBeFrom(long at) {
    Optional<Long> first = from(at);
    for (Interval interval : several) {
      if (at < Micros.of(interval.to())) {
        long within = Math.max(at, Micros.of(interval.from()));
        first = Optional.of(Math.min(within, first.orElse(within)));
      }
    }
    return first;
  }

  /** The first instant from {@code at} on that is known to be a snapshot's. */
  Optional<Long> from(long at) {
    return Optional.ofNullable(instants.ceiling(at));
  }
}
