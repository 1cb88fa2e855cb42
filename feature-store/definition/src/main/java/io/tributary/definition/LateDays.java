package io.tributary.definition;

import io.tributary.core.Durations;
import io.tributary.core.TimeFormat;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Sources of days that are known so many hours after a day begins that the snapshot of a night
 * never holds the day that it ends. Found in the text of definitions: nothing is typed.
 */
public final class LateDays {
  /** Why a day without a known time or a delay is refused as event time. */
  public static final String KNOWN_AS_IT_BEGINS =
      "the event time is a day, which would be known when it begins. Write \"availability-delay\": end-of-day, or end-of-day + 6h where its file arrives later.";

  private static final Duration DAY = Duration.ofDays(1);

  /** Expressions whose values are days or the beginnings of days. */
  private static final Pattern MAKES_A_DAY =
      Pattern.compile(
          "(to_date|date|make_date|last_day|next_day|date_add|date_sub|trunc)\\s*\\(.*\\)"
              + "|(try_)?cast\\s*\\(.*\\sas\\s+date\\s*\\)"
              + "|date_trunc\\s*\\(\\s*'day'.*\\)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final Project project;

  /** What an expression is made of is looked at once. */
  private final Set<String> seen = new HashSet<>();

  private LateDays(Project project) {
    this.project = project;
  }

  /** Why a source's days are late, and what to write; empty where they are not. */
  public static Optional<String> of(Project project, Source source) {
    Optional<Duration> delay =
        source
            .availabilityDelay()
            .filter(d -> !d.isAfterDay() && d.duration().compareTo(DAY) >= 0)
            .map(AvailabilityDelay::duration);
    if (delay.isEmpty()
        || source.eventTime().filter(t -> new LateDays(project).isDay(source, t.sql())).isEmpty()) {
      return Optional.empty();
    }
    Duration late = delay.get().minus(DAY);
    return Optional.of(
        "with availability-delay "
            + Durations.print(delay.get())
            + " a day is known "
            + (late.isZero() ? "a microsecond" : Durations.print(late))
            + " after the snapshot that ends it is taken (an hour off where clocks change), so that each night is published a day old. Write an event time that is a date, and availability-delay: end-of-day, or end-of-day + "
            + (late.isZero() ? "6h" : Durations.print(late))
            + " where its file arrives later");
  }

  private boolean isDay(Source source, String sql) {
    String text = sql.strip();
    if (MAKES_A_DAY.matcher(text).matches()) {
      return true;
    }
    String name = text.replaceFirst("^`(.*)`$", "$1");
    if (!seen.add(source.name() + "." + name.toLowerCase(Locale.ROOT))) {
      return false;
    }
    for (Column column : source.columns()) {
      if (column.name().equalsIgnoreCase(name)) {
        return column.type().ddl().equals("date")
            || column.format().filter(TimeFormat::isDay).isPresent();
      }
    }
    if (source.input() instanceof SourceInput.Query query) {
      Source base = project.sources().get(query.source());
      return base != null
          && find(query.columns(), name).filter(d -> isDay(base, d.expression().sql())).isPresent();
    }
    return find(source.derive(), name).filter(d -> isDay(source, d.expression().sql())).isPresent();
  }

  private static Optional<Derivation> find(List<Derivation> among, String name) {
    return among.stream().filter(d -> d.name().equalsIgnoreCase(name)).findFirst();
  }
}
