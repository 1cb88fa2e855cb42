package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Which night a run is about: the one that its conf names, else the last day of the project's zone
 * that has ended when its data interval does.
 */
public record Nights(ZoneId zone) {
  private static final Duration NEARLY = Duration.ofHours(1);

  /** The night of a run; empty where nothing says it. */
  public Optional<LocalDate> of(DagRun run) {
    Object named = run.conf().get("night");
    return named instanceof String text ? day(text) : run.dataIntervalEnd().map(this::endedBy);
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
