package io.tributary.registry.keeping;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a table keeps things by its own properties, as Delta writes them. */
public final class TableRetention {
  private static final Pattern INTERVAL =
      Pattern.compile("(?:interval\\s+)?(\\d+)\\s+(week|day|hour|minute|second)s?");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "week", Duration.ofDays(7),
          "day", Duration.ofDays(1),
          "hour", Duration.ofHours(1),
          "minute", Duration.ofMinutes(1),
          "second", Duration.ofSeconds(1));

  private TableRetention() {}

  /** The duration of {@code interval 730 days}; empty where it is written in another way. */
  public static Optional<Duration> days(String property) {
    Matcher matcher = INTERVAL.matcher(property.strip().toLowerCase(Locale.ROOT));
    return matcher.matches()
        ? Optional.of(
            UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }
}
