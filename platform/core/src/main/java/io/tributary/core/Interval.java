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
  /** The platform's time resolution. */
  private static final Duration INSTANT = Duration.ofNanos(1_000);

  public Interval {
    if (from.getNano() % 1_000 != 0 || to.getNano() % 1_000 != 0) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use interval %s/%s: a bound is finer than a microsecond. Round it."
              .formatted(from, to));
    }
    if (!from.isBefore(to)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use interval %s/%s: it does not end after it begins. Swap or widen its bounds."
              .formatted(from, to));
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
          "Cannot read instant \"%s\": %s. Write 2013-01-31 or 2013-01-31T06:00:00-05:00."
              .formatted(text, e.getMessage()),
          e);
    }
  }

  /** The last instant inside, {@code to − 1 µs}: the instant of its snapshot. */
  public Instant snapshotInstant() {
    return to.minus(INSTANT);
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
   * A night: one calendar day of {@code zone}, of 24 hours, or as many as it has where clocks
   * change.
   *
   * @throws PlatformException INVALID_REQUEST for a day that the zone skipped
   */
  public static Interval day(LocalDate day, ZoneId zone) {
    Instant start = day.atStartOfDay(zone).toInstant();
    Instant end = day.plusDays(1).atStartOfDay(zone).toInstant();
    if (!start.isBefore(end)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use day " + day + ": " + zone + " skipped it. Name another one.");
    }
    return new Interval(start, end);
  }

  /** The shortest interval that ends after an instant, which is its snapshot's. */
  public static Interval at(Instant instant) {
    return new Interval(instant, instant.plus(INSTANT));
  }

  /** Whether it begins and ends where a calendar day of {@code zone} begins. */
  public boolean isWholeDays(ZoneId zone) {
    return startOfDay(from, zone).equals(from) && startOfDay(to, zone).equals(to);
  }

  /** Whether it is one calendar day of {@code zone} or a part of one. */
  public boolean isInOneDay(ZoneId zone) {
    return !to.isAfter(nextDay(from, zone));
  }

  /**
   * Its calendar days in {@code zone}, in order.
   *
   * @throws PlatformException INVALID_REQUEST when it begins or ends inside a day
   */
  public List<Interval> days(ZoneId zone) {
    if (!isWholeDays(zone)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot divide %s into days: it begins or ends inside a day of %s. Take whole days, as in %s."
              .formatted(this, zone, nearestDays(zone).option(zone)));
    }
    return parts(zone);
  }

  /**
   * Its parts by calendar day of {@code zone}, in order; the first and the last may be parts of a
   * day.
   */
  public List<Interval> parts(ZoneId zone) {
    List<Interval> parts = new ArrayList<>();
    for (Instant at = from; at.isBefore(to); ) {
      Instant next = nextDay(at, zone);
      Instant end = next.isBefore(to) ? next : to;
      parts.add(new Interval(at, end));
      at = end;
    }
    return parts;
  }

  /** The whole days of {@code zone} whose bounds are nearest to its own; at least one day. */
  public Interval nearestDays(ZoneId zone) {
    Instant start = nearestDay(from, zone);
    Instant end = nearestDay(to, zone);
    return new Interval(start, start.isBefore(end) ? end : nextDay(start, zone));
  }

  /**
   * The options that select it in a command: {@code --night 2013-12-30} for one day of {@code
   * zone}, {@code --from} and {@code --to} for others, {@code --at} for one instant.
   */
  public String option(ZoneId zone) {
    if (equals(at(from))) {
      return "--at " + from;
    }
    if (!isWholeDays(zone)) {
      return "--from " + from + " --to " + to;
    }
    LocalDate first = from.atZone(zone).toLocalDate();
    return nextDay(from, zone).equals(to)
        ? "--night " + first
        : "--from " + first + " --to " + to.atZone(zone).toLocalDate();
  }

  private static Instant nearestDay(Instant at, ZoneId zone) {
    Instant before = startOfDay(at, zone);
    Instant after = nextDay(at, zone);
    return Duration.between(before, at).compareTo(Duration.between(at, after)) <= 0
        ? before
        : after;
  }

  private static Instant startOfDay(Instant at, ZoneId zone) {
    return dayOf(at, zone).atStartOfDay(zone).toInstant();
  }

  /** A zone that skips a day begins the day after it at the same instant. */
  private static Instant nextDay(Instant at, ZoneId zone) {
    return dayOf(at, zone).plusDays(1).atStartOfDay(zone).toInstant();
  }

  /**
   * The calendar day of {@code zone} that an instant is in: the last that began at or before it.
   * Where clocks go back over midnight, that is the day after the one they show.
   */
  public static LocalDate dayOf(Instant at, ZoneId zone) {
    LocalDate shown = at.atZone(zone).toLocalDate();
    LocalDate next = shown.plusDays(1);
    return next.atStartOfDay(zone).toInstant().isAfter(at) ? shown : next;
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
