package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which nights a run is about, as its tasks tell them (tributary_airflow.nights): those that its
 * conf names, else, of a run by a timetable or a backfill alone, the days of the project's zone
 * that end in its data interval.
 */
public record Nights(ZoneId zone) {
  private static final Duration NEARLY = Duration.ofHours(1);
  private static final Set<String> BY_TIMETABLE = Set.of("scheduled", "backfill");

  /** The last night of a run; empty where nothing says it. */
  public Optional<LocalDate> of(DagRun run) {
    return all(run).stream().reduce((before, night) -> night);
  }

  /** The nights of a run, in order; none where nothing says it, or what says it is no night. */
  public List<LocalDate> all(DagRun run) {
    if (isSaid(run, "night")) {
      return said(run, "night").stream().toList();
    }
    if (isSaid(run, "from") || isSaid(run, "to")) {
      return said(run, "from")
          .flatMap(from -> said(run, "to").filter(from::isBefore).map(to -> from.datesUntil(to)))
          .stream()
          .flatMap(days -> days)
          .toList();
    }
    return BY_TIMETABLE.contains(run.runType())
        ? run.dataIntervalEnd()
            .map(end -> endedIn(run.dataIntervalStart().orElse(end), end))
            .orElse(List.of())
        : List.of();
  }

  /**
   * The nights of an interval that an asset's event tells, {@code FROM/TO}; none where it is none.
   */
  List<LocalDate> ofEvent(String interval) {
    try {
      String[] ends = interval.split("/", 2);
      Instant from = OffsetDateTime.parse(ends[0]).toInstant();
      Instant to = OffsetDateTime.parse(ends.length < 2 ? "" : ends[1]).toInstant();
      return to.isBefore(from) ? List.of() : endedIn(from, to);
    } catch (DateTimeException e) {
      return List.of();
    }
  }

  private static boolean isSaid(DagRun run, String key) {
    return Optional.ofNullable(run.conf().get(key)).filter(value -> !value.equals("")).isPresent();
  }

  private static Optional<LocalDate> said(DagRun run, String key) {
    return run.conf().get(key) instanceof String text ? day(text) : Optional.empty();
  }

  /** The days that end in an interval; in an empty one the last that had ended by then. */
  private List<LocalDate> endedIn(Instant start, Instant end) {
    List<LocalDate> days = new ArrayList<>(List.of(endedBy(end)));
    if (!start.equals(end)) {
      while (end(days.get(0)).isAfter(start)) {
        days.add(0, endedBy(Interval.day(days.get(0), zone).from()));
      }
      days.remove(0);
    }
    return List.copyOf(days);
  }

  /** The last day that has ended at an instant. */
  public LocalDate endedBy(Instant instant) {
    Instant began = Interval.dayOf(instant, zone).atStartOfDay(zone).toInstant();
    return Interval.dayOf(began.minusNanos(1_000), zone);
  }

  /** When a night is over. */
  public Instant end(LocalDate night) {
    return Interval.day(night, zone).to();
  }

  /**
   * The night of a run that is not there yet.
   *
   * @param shift from a run's logical date to the end of its data interval; whole days are days of
   *     the calendar
   */
  public LocalDate of(Instant logicalDate, Duration shift) {
    long days = Math.round(shift.toMinutes() / (24 * 60.0));
    boolean ofDays = shift.minus(Duration.ofDays(days)).abs().compareTo(NEARLY) <= 0;
    return endedBy(
        ofDays ? logicalDate.atZone(zone).plusDays(days).toInstant() : logicalDate.plus(shift));
  }

  /** Whether a text is a day, as a night is named. */
  public static boolean isDay(String text) {
    return day(text).isPresent();
  }

  private static Optional<LocalDate> day(String text) {
    try {
      return Optional.of(LocalDate.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The day that a text names. */
  public static LocalDate parse(String text) {
    return day(text)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_REQUEST,
                    "Cannot read night \"%s\": it is no day. Write it as in 2014-01-31."
                        .formatted(text)));
  }
}
