package io.tributary.core;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Physical durations as users write them, exact to the microsecond: {@code 250us 20ms 90s 90m 6h
 * 7d}; a day is always 86,400 seconds.
 */
public final class Durations {
  /** The form of a duration, for messages. */
  public static final String FORM = "a number and us, ms, s, m, h or d";

  private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(us|ms|s|m|h|d)");

  /** Longest first. */
  private static final Map<String, ChronoUnit> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("d", ChronoUnit.DAYS);
    UNITS.put("h", ChronoUnit.HOURS);
    UNITS.put("m", ChronoUnit.MINUTES);
    UNITS.put("s", ChronoUnit.SECONDS);
    UNITS.put("ms", ChronoUnit.MILLIS);
    UNITS.put("us", ChronoUnit.MICROS);
  }

  private Durations() {}

  /** Reads a duration such as {@code 90m}. */
  public static Duration parse(String text) {
    Matcher m = TEXT.matcher(text.trim());
    if (!m.matches()) {
      throw invalid(text, "write " + FORM + ", as in 90m or 7d");
    }
    try {
      Duration duration = Duration.of(Long.parseLong(m.group(1)), UNITS.get(m.group(2)));
      Micros.of(duration);
      return duration;
    } catch (ArithmeticException e) {
      throw invalid(text, "it is longer than 292,000 years. Write a shorter one");
    }
  }

  private static PlatformException invalid(String text, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot read duration \"" + text + "\": " + why + ".");
  }

  /**
   * Prints a duration in the largest unit that divides it, so that it parses back: {@code 24h}
   * prints as {@code 1d}. Fractions of a microsecond are cut off.
   */
  public static String print(Duration duration) {
    long micros = Micros.of(duration);
    for (Map.Entry<String, ChronoUnit> unit : UNITS.entrySet()) {
      long length = Micros.of(unit.getValue().getDuration());
      if (micros != 0 && micros % length == 0) {
        return micros / length + unit.getKey();
      }
    }
    return "0s";
  }
}
