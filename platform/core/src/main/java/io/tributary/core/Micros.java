package io.tributary.core;

import java.time.Duration;
import java.time.Instant;

/**
 * Times as Spark represents them: microseconds since 1970, exact over their whole range. ({@link
 * java.time.temporal.ChronoUnit} counts them through nanoseconds, which overflow in the year 2262.)
 */
public final class Micros {
  private static final long FACTOR = 1_000_000L;

  private Micros() {}

  /**
   * What is finer is cut off.
   *
   * @throws ArithmeticException for an instant beyond the years ±292,000
   */
  public static long of(Instant instant) {
    return of(instant.getEpochSecond(), instant.getNano());
  }

  /**
   * What is finer is cut off.
   *
   * @throws ArithmeticException for more than 292,000 years
   */
  public static long of(Duration duration) {
    return of(duration.getSeconds(), duration.getNano());
  }

  private static long of(long seconds, int nanos) {
    // One second nearer to zero, so that the minimum long can be reached.
    long micros = nanos / 1_000;
    return seconds < 0 && micros > 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, FACTOR), micros - FACTOR)
        : Math.addExact(Math.multiplyExact(seconds, FACTOR), micros);
  }

  /** The instant at {@code micros} since 1970. */
  public static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, FACTOR), Math.floorMod(micros, FACTOR) * 1_000);
  }
}
