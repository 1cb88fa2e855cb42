package io.tributary.source.place;

import io.tributary.core.Interval;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path with {@code {from:PATTERN}} where an interval's beginning stands, as {@link
 * DateTimeFormatter} writes it in the source's zone.
 */
record IntervalPath(String text, ZoneId zone) {
  private static final Pattern FROM = Pattern.compile("\\{from:([^{}]*)}");

  boolean hasInterval() {
    return FROM.matcher(text).find();
  }

  /**
   * The paths of an interval: one for each unit of the pattern (hour, day, month or year) that
   * begins in it, and for the one in which it begins. Without an interval, one that matches all.
   */
  Set<String> paths(Optional<Interval> interval) {
    if (interval.isEmpty() || !hasInterval()) {
      return Set.of(FROM.matcher(text).replaceAll("*"));
    }
    Set<String> paths = new LinkedHashSet<>();
    ChronoUnit unit = unit();
    ZonedDateTime at = interval.get().from().atZone(zone);
    while (at.toInstant().isBefore(interval.get().to())) {
      ZonedDateTime now = at;
      paths.add(
          FROM.matcher(text)
              .replaceAll(
                  m ->
                      Matcher.quoteReplacement(
                          DateTimeFormatter.ofPattern(m.group(1)).format(now))));
      at = start(at, unit).plus(1, unit);
    }
    return paths;
  }

  private ChronoUnit unit() {
    List<String> patterns =
        new ArrayList<>(FROM.matcher(text).results().map((MatchResult m) -> m.group(1)).toList());
    String letters = String.join("", patterns).replaceAll("'[^']*'", "");
    if (letters.matches(".*[HhKkamsSAnN].*")) {
      return ChronoUnit.HOURS;
    }
    if (letters.matches(".*[dDeEcFwWY].*")) {
      return ChronoUnit.DAYS;
    }
    return letters.matches(".*[MLQq].*") ? ChronoUnit.MONTHS : ChronoUnit.YEARS;
  }

  private static ZonedDateTime start(ZonedDateTime at, ChronoUnit unit) {
    return switch (unit) {
      case HOURS -> at.truncatedTo(ChronoUnit.HOURS);
      case DAYS -> at.toLocalDate().atStartOfDay(at.getZone());
      case MONTHS -> at.toLocalDate().withDayOfMonth(1).atStartOfDay(at.getZone());
      default -> at.toLocalDate().withDayOfYear(1).atStartOfDay(at.getZone());
    };
  }
}
