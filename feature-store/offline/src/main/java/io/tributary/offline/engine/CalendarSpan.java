package io.tributary.offline.engine;

import io.tributary.definition.Window;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.List;

/**
 * Where a window of calendar days begins. The bound may go back while the instants go on: when
 * clocks are put back, and where the local time after a gap is wanted, whose missing hour had moved
 * forward. For one thread.
 */
public final class CalendarSpan {
  private static final long MICROS = 1_000_000L;
  private static final long DAY = 86_400L;
  // Both the offset there and the one here are within 18 hours of UTC.
  private static final long MOST_SHIFT = 36 * 3_600L;

  private final ZoneRules rules;
  private final long seconds;
  private final long longest;
  private boolean skipped;
  private boolean repeated;

  public CalendarSpan(Window.CalendarDays window) {
    this.rules = window.zone().getRules();
    this.seconds = window.days() * DAY;
    this.longest = longest(window);
  }

  /** In microseconds, what such a window is never longer than. */
  static long longest(Window.CalendarDays window) {
    return (window.days() * DAY + MOST_SHIFT) * MICROS;
  }

  /** The window at {@code t} holds the events after this instant, in microseconds as {@code t}. */
  public long lower(long t) {
    skipped = false;
    repeated = false;
    if (t < Long.MIN_VALUE + longest) {
      return Long.MIN_VALUE;
    }
    long second = Math.floorDiv(t, MICROS);
    long here = rules.getOffset(Instant.ofEpochSecond(second)).getTotalSeconds();
    long local = second + here - seconds;
    LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
    List<ZoneOffset> offsets = rules.getValidOffsets(time);
    skipped = offsets.isEmpty();
    repeated = offsets.size() > 1;
    // In a gap this is the offset before it: so the time moves forward by the gap.
    ZoneOffset there = skipped ? rules.getOffset(time) : offsets.get(0);
    return (local - there.getTotalSeconds()) * MICROS + Math.floorMod(t, MICROS);
  }

  /** Whether the local time of the last bound does not exist. */
  boolean isSkipped() {
    return skipped;
  }

  /** Whether the local time of the last bound comes twice. */
  boolean isRepeated() {
    return repeated;
  }
}
