package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The interval of an outcome, relative to the instant {@code t} at which a row asks: {@code (0d,
 * 90d]}, each bound open or closed, exact to the microsecond.
 *
 * @param text as users write it
 * @param after an event is inside if its event time is greater than {@code t + after}; a
 *     microsecond before a closed bound
 * @param until and at most {@code t + until}; a microsecond before an open bound
 * @param end when it is over, as it was written
 */
public record OutcomeWindow(String text, Duration after, Duration until, Duration end) {
  /** No bound is farther away. */
  public static final Duration FARTHEST = Duration.ofDays(Window.CalendarDays.MOST_DAYS);

  private static final Duration MICROSECOND = Duration.of(1, ChronoUnit.MICROS);
  private static final Pattern TEXT =
      Pattern.compile("([\\[(])\\s*([^\\s,]+)\\s*,\\s*([^\\s,]+)\\s*([\\])])");

  /**
   * Reads {@code [0d, 90d)}.
   *
   * @throws PlatformException INVALID_DEFINITION for what is no such interval, is empty, begins
   *     before {@code t} or is too long
   */
  @JsonCreator
  public static OutcomeWindow parse(String text) {
    Matcher m = TEXT.matcher(text.strip());
    if (!m.matches()) {
      throw invalid(
          text,
          "it is two durations in brackets, ( and ) without the bound itself, [ and ] with it."
              + " Write \"(0d, 90d]\" or \"[0d, 90d)\"");
    }
    Duration from = bound(text, m.group(2));
    Duration to = bound(text, m.group(3));
    Duration after = m.group(1).equals("[") ? from.minus(MICROSECOND) : from;
    Duration until = m.group(4).equals(")") ? to.minus(MICROSECOND) : to;
    if (until.compareTo(after) <= 0) {
      throw invalid(text, "it is empty. Let it end after it begins");
    }
    return new OutcomeWindow(
        m.group(1) + m.group(2) + ", " + m.group(3) + m.group(4), after, until, to);
  }

  private static Duration bound(String text, String bound) {
    if (bound.startsWith("-")) {
      throw invalid(
          text,
          "it begins before the row's as-of, and what happened before is what features see: the label"
              + " would leak into them. Begin at 0d or later");
    }
    Duration duration;
    try {
      duration = Durations.parse(bound);
    } catch (PlatformException e) {
      throw invalid(
          text,
          "\""
              + bound
              + "\" is no duration. Write "
              + Durations.FORM
              + ", as in 6h or 90d (days of a"
              + " calendar are not built for labels)");
    }
    if (duration.compareTo(FARTHEST) > 0) {
      throw invalid(text, bound + " is too far away. Write at most " + FARTHEST.toDays() + "d");
    }
    return duration;
  }

  private static PlatformException invalid(String text, String why) {
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION, "Cannot read interval \"" + text + "\": " + why + ".");
  }

  /** How long it is, to the microsecond. */
  public Duration length() {
    return until.minus(after);
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
