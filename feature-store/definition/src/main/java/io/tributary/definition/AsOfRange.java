package io.tributary.definition;

import io.tributary.core.Interval;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As-ofs from one bound up to another, which is not in it. A bound is an instant, or a number of
 * days of the project's calendar before the data's end, so that the range moves on with the data.
 * Prints as {@code FROM/TO}, as users write it.
 */
public record AsOfRange(Bound from, Bound to) {
  private static final Pattern DAYS = Pattern.compile("-(\\d{1,5})d|0d");

  /** Where a range begins or ends. */
  public sealed interface Bound {
    /**
     * The instant that it means.
     *
     * @param end the first day after the data
     */
    Instant instant(LocalDate end, ZoneId zone);

    /** An instant. */
    record At(Instant instant) implements Bound {
      @Override
      public Instant instant(LocalDate end, ZoneId zone) {
        return instant;
      }

      @Override
      public String toString() {
        return instant.toString();
      }
    }

    /** The beginning of a day, counted back from the first day after the data. */
    record DaysBeforeEnd(int days) implements Bound {
      @Override
      public Instant instant(LocalDate end, ZoneId zone) {
        return end.minusDays(days).atStartOfDay(zone).toInstant();
      }

      @Override
      public String toString() {
        return days == 0 ? "0d" : "-" + days + "d";
      }
    }
  }

  public static AsOfRange of(Interval interval) {
    return new AsOfRange(new Bound.At(interval.from()), new Bound.At(interval.to()));
  }

  /**
   * Reads {@code FROM/TO}: dates and instants as {@link Interval#parse(String, ZoneId)} does, and
   * {@code -60d} or {@code 0d}.
   */
  public static AsOfRange parse(String text, ZoneId zone) {
    int slash = text.indexOf('/');
    String from = text.substring(0, Math.max(slash, 0)).strip();
    String to = text.substring(slash + 1).strip();
    return DAYS.matcher(from).matches() || DAYS.matcher(to).matches()
        ? new AsOfRange(bound(from, zone), bound(to, zone))
        : of(Interval.parse(text, zone));
  }

  private static Bound bound(String text, ZoneId zone) {
    Matcher days = DAYS.matcher(text);
    if (!days.matches()) {
      return new Bound.At(Interval.instant(text, zone));
    }
    return new Bound.DaysBeforeEnd(days.group(1) == null ? 0 : Integer.parseInt(days.group(1)));
  }

  /**
   * Whether some as-of can be in both, as far as can be said without the data: an instant is taken
   * to lie before all days that are counted from the end.
   */
  public boolean overlaps(AsOfRange other) {
    return isBefore(from, other.to) && isBefore(other.from, to);
  }

  /** Whether it holds anything, as far as can be said without the data. */
  public boolean isEmpty() {
    return !isBefore(from, to);
  }

  private static boolean isBefore(Bound a, Bound b) {
    if (a instanceof Bound.At at) {
      return !(b instanceof Bound.At other) || at.instant().isBefore(other.instant());
    }
    return b instanceof Bound.DaysBeforeEnd other
        && ((Bound.DaysBeforeEnd) a).days() > other.days();
  }

  @Override
  public String toString() {
    return from + "/" + to;
  }
}
