package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * A half-open span {@code [from, to)} of the data, never of the wall clock. Prints as {@code
 * from/to} in UTC and parses back.
 */
public record Interval(Instant from, Instant to) {
  public Interval {
    if (!from.isBefore(to)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use interval "
              + from
              + "/"
              + to
              + ": it does not end after it begins. Swap or widen its bounds.");
    }
  }

  public static Interval of(Instant from, Instant to) {
    return new Interval(from, to);
  }

  /** Reads what {@link #toString()} prints. */
  @JsonCreator
  public static Interval parse(String text) {
    return parse(text, ZoneId.of("UTC"));
  }

  /**
   * Reads {@code from/to}; a bare date is the start of that day in {@code zone}, anything else
   * needs an offset.
   */
  public static Interval parse(String text, ZoneId zone) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read interval \"" + text + "\": write from/to, as in 2013-01-01/2013-02-01.");
    }
    return new Interval(
        instant(text.substring(0, slash), zone), instant(text.substring(slash + 1), zone));
  }

  /**
   * Reads an instant: a bare date is the start of that day in {@code zone}, anything else needs an
   * offset.
   */
  public static Instant instant(String text, ZoneId zone) {
    String trimmed = text.trim();
    try {
      return trimmed.length() == 10
          ? LocalDate.parse(trimmed).atStartOfDay(zone).toInstant()
          : OffsetDateTime.parse(trimmed).toInstant();
    } catch (DateTimeParseException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read instant \""
              + text
              + "\": "
              + e.getMessage()
              + ". Write 2013-01-31 or 2013-01-31T06:00:00-05:00.",
          e);
    }
  }

  /** The last instant inside, {@code to − 1 µs}: where its snapshot is taken. */
  public Instant snapshotInstant() {
    return to.minusNanos(1_000);
  }

  public boolean contains(Instant instant) {
    return !instant.isBefore(from) && instant.isBefore(to);
  }

  public boolean contains(Interval other) {
    return !other.from.isBefore(from) && !other.to.isAfter(to);
  }

  /** Whether some instant is in both. */
  public boolean overlaps(Interval other) {
    return from.isBefore(other.to) && other.from.isBefore(to);
  }

  /**
   * Its calendar days in {@code zone}, in order; the first and the last are cut where it begins or
   * ends inside a day.
   */
  public List<Interval> days(ZoneId zone) {
    List<Interval> days = new ArrayList<>();
    Instant at = from;
    while (at.isBefore(to)) {
      Instant next = at.atZone(zone).toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
      Instant end = next.isBefore(to) ? next : to;
      days.add(new Interval(at, end));
      at = end;
    }
    return days;
  }

  public Duration length() {
    return Duration.between(from, to);
  }

  @JsonValue
  @Override
  public String toString() {
    return from + "/" + to;
  }
}
