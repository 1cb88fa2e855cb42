package io.tributary.definition;

import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long after it happened a row is known: {@code 90m}; of a source of days also {@code
 * end-of-day}, the last microsecond of the day in the source's zone, and {@code end-of-day + 6h}.
 * Durations are physical.
 *
 * @param after what it counts from
 */
public record AvailabilityDelay(From after, Duration duration) {
  /** What a delay counts from. */
  public enum From {
    /** The event time: of a day its beginning. */
    EVENT_TIME,
    /** The last microsecond of the event's day, whatever clocks do in it. */
    END_OF_DAY
  }

  private static final String END_OF_DAY = "end-of-day";
  private static final Pattern AFTER_DAY = Pattern.compile("end-of-day(?:\\s*\\+\\s*(\\w+))?");

  /** A delay after the event time. */
  public static AvailabilityDelay of(Duration duration) {
    return new AvailabilityDelay(From.EVENT_TIME, duration);
  }

  /**
   * Reads {@code 6h}, {@code end-of-day} or {@code end-of-day + 6h}.
   *
   * @throws PlatformException INVALID_REQUEST when it is none of them
   */
  public static AvailabilityDelay parse(String text) {
    Matcher m = AFTER_DAY.matcher(text.strip());
    if (m.matches()) {
      return new AvailabilityDelay(
          From.END_OF_DAY, m.group(1) == null ? Duration.ZERO : Durations.parse(m.group(1)));
    }
    if (text.strip().startsWith("end")) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read delay \"" + text + "\": write end-of-day, or end-of-day + 6h.");
    }
    return of(Durations.parse(text));
  }

  /** Whether it counts from the end of the event's day. */
  public boolean isAfterDay() {
    return after == From.END_OF_DAY;
  }

  /** As it is written, so that it parses back. */
  @Override
  public String toString() {
    if (!isAfterDay()) {
      return Durations.print(duration);
    }
    return duration.isZero() ? END_OF_DAY : END_OF_DAY + " + " + Durations.print(duration);
  }
}
