package io.tributary.offline.engine;

/**
 * Sums of instants and spans in microseconds that stay at the ends of time instead of leaving them.
 */
public final class Times {
  private Times() {}

  /** The least and the greatest instant stay what they are, for they stand for no end. */
  public static long plus(long instant, long span) {
    if (instant == Long.MIN_VALUE || instant == Long.MAX_VALUE) {
      return instant;
    }
    long sum = instant + span;
    if (((instant ^ sum) & (span ^ sum)) < 0) {
      return span < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return sum;
  }

  /** When an event has left a span; without bound it never does. */
  public static long leaves(long event, long span) {
    return span == Long.MAX_VALUE ? span : plus(event, span);
  }

  public static long minus(long instant, long span) {
    return plus(instant, -span);
  }
}
