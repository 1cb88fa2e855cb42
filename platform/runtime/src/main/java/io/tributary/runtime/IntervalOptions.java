package io.tributary.runtime;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * The options that select a command's intervals of data: {@code --night}, a calendar day of the
 * project's zone, once or more; or {@code --from} and {@code --to}. A mixin for a body of {@link
 * JobMain}.
 */
public final class IntervalOptions {
  @Option(
      names = "--night",
      paramLabel = "DAY",
      description =
          "A calendar day of the project's zone, as in 2013-12-30. Repeat it for more than one.")
  private List<String> nights = List.of();

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      description =
          "Instead of nights, the start of the interval: 2013-01-31 (the start of that day), or an instant with offset.")
  private String from;

  @Option(
      names = "--to",
      paramLabel = "INSTANT",
      description = "The end of the interval, exclusive.")
  private String to;

  /** Whether any is given. */
  public boolean isGiven() {
    return !nights.isEmpty() || from != null || to != null;
  }

  /** Each night, or the one interval given; empty if none is. */
  public List<Interval> intervals(ZoneId zone) {
    if (!isGiven()) {
      return List.of();
    }
    if (!nights.isEmpty() && (from != null || to != null)) {
      throw refused(
          "Cannot use --night beside --from and --to: both select the data. Use one of them.");
    }
    if (!nights.isEmpty()) {
      return nights.stream()
          .map(IntervalOptions::day)
          .distinct()
          .sorted()
          .map(day -> Interval.day(day, zone))
          .toList();
    }
    if (from == null || to == null) {
      throw refused(
          "Cannot use %s alone: an interval has both ends. Add %s."
              .formatted(from == null ? "--to" : "--from", from == null ? "--from" : "--to"));
    }
    return List.of(Interval.of(Interval.instant(from, zone), Interval.instant(to, zone)));
  }

  /** The same for work that has no other bounds: an error when none is given. */
  public List<Interval> require(String command, ZoneId zone) {
    if (!isGiven()) {
      throw refused(
          "Cannot %s: no interval is given. Use --night, as in --night 2013-12-30, or --from and --to."
              .formatted(command));
    }
    return intervals(zone);
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text.trim());
    } catch (DateTimeParseException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read night \"" + text + "\": it is not a day. Write it as in 2013-12-30.",
          e);
    }
  }

  private static PlatformException refused(String message) {
    return new PlatformException(ErrorCode.INVALID_REQUEST, message);
  }
}
