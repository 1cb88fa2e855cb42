package io.tributary.core;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Physical durations as users write them: {@code 90s 90m 6h 7d}; a day is always 86,400 seconds.
 */
public final class Durations {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(s|m|h|d)");

  private Durations() {}

  /** Reads a duration such as {@code 90m}. */
  public static Duration parse(String text) {
    Matcher m = TEXT.matcher(text.trim());
    if (!m.matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read duration \""
              + text
              + "\": write a number and s, m, h or d, as in 90m or 7d.");
    }
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofDays(n);
    };
  }

  /**
   * Prints a duration in the largest unit that divides it, so that it parses back: {@code 24h}
   * prints as {@code 1d}.
   */
  public static String print(Duration duration) {
    long s = duration.toSeconds();
    if (s != 0 && s % 86_400 == 0) {
      return s / 86_400 + "d";
    }
    if (s != 0 && s % 3_600 == 0) {
      return s / 3_600 + "h";
    }
    if (s != 0 && s % 60 == 0) {
      return s / 60 + "m";
    }
    return s + "s";
  }
}
