package io.tributary.core;

import java.io.Serializable;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalField;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The textual form of a day or an instant: a pattern of these letters of Java's {@code
 * DateTimeFormatter}.
 *
 * <ul>
 *   <li>{@code yyyy}: four digits; {@code M d H h m s}: one digit or two; {@code MM dd HH hh mm
 *       ss}: two
 *   <li>{@code MMM}: {@code Jan} to {@code Dec}, and {@code a}: {@code AM} or {@code PM}, in
 *       English whatever the machine's locale; case is ignored
 *   <li>{@code S} to {@code SSSSSSSSS}: that many digits of a second's fraction
 *   <li>{@code X XX XXX}: an offset, {@code Z} or {@code +01}, {@code +0100}, {@code +01:00}
 *   <li>everything but letters, and {@code 'T'} in quotes, stands for itself
 * </ul>
 *
 * <p>Resolved strictly: 31/02/2021 is not a day. Two-digit years are refused, as their century is
 * ambiguous.
 *
 * @param pattern as it is written
 */
public record TimeFormat(String pattern) implements Serializable {
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  /** An instant whose day can't be mistaken for its month, nor its hour for its minute. */
  private static final Instant EXAMPLE = Instant.parse("2013-01-31T18:05:09Z");

  /**
   * @throws PlatformException INVALID_REQUEST when the pattern identifies no day, or has other
   *     letters
   */
  public TimeFormat {
    new Reading(pattern).check();
  }

  /** Whether it has days alone, without a time of day. */
  public boolean isDay() {
    return !new Reading(pattern).check().hasHour();
  }

  /** A text of this format. */
  public String example() {
    return formatter().format(EXAMPLE.atOffset(ZoneOffset.UTC));
  }

  /**
   * Reads and writes such texts. A parsed text has a day, a time of day unless {@link #isDay}, and
   * an offset if the pattern has one. Thread-safe.
   */
  public DateTimeFormatter formatter() {
    return new Reading(pattern).check().formatter();
  }

  @Override
  public String toString() {
    return pattern;
  }

  /** A pattern, read letter by letter. */
  private static final class Reading {
    private final String pattern;
    private final DateTimeFormatterBuilder builder =
        new DateTimeFormatterBuilder().parseCaseInsensitive();
    private final Set<Character> seen = new HashSet<>();

    /** Whether the part before ends with a variable number of digits. */
    private boolean open;

    Reading(String pattern) {
      this.pattern = pattern;
    }

    Reading check() {
      for (int i = 0; i < pattern.length(); ) {
        char c = pattern.charAt(i);
        int end = i + 1;
        if (c == '\'') {
          end = quoted(i);
        } else if (Character.isLetter(c)) {
          while (end < pattern.length() && pattern.charAt(end) == c) {
            end++;
          }
          letters(c, end - i);
        } else if ("[]{}#".indexOf(c) >= 0) {
          throw refused(
              "it has " + c + ", which has a meaning of its own. Put it in quotes: '" + c + "'");
        } else {
          literal(String.valueOf(c));
        }
        i = end;
      }
      whole();
      return this;
    }

    private int quoted(int from) {
      int end = pattern.indexOf('\'', from + 1);
      if (end < 0) {
        throw refused("a quote is never closed. Close it");
      }
      literal(end == from + 1 ? "'" : pattern.substring(from + 1, end));
      return end + 1;
    }

    private void literal(String text) {
      if (Character.isDigit(text.charAt(0))) {
        requireEnd();
      }
      builder.appendLiteral(text);
      open = false;
    }

    private void requireEnd() {
      if (open) {
        throw refused(
            "the end of one number and the start of the next are ambiguous. Put something between them, or write two letters each");
      }
    }

    private void letters(char c, int count) {
      if (!seen.add(c)) {
        throw refused("it has " + c + " twice. Write it once");
      }
      String letters = String.valueOf(c).repeat(count);
      switch (letters) {
        case "yyyy" -> digits(ChronoField.YEAR, 4);
        case "M", "MM" -> digits(ChronoField.MONTH_OF_YEAR, count);
        case "MMM" -> text(ChronoField.MONTH_OF_YEAR, months());
        case "d", "dd" -> digits(ChronoField.DAY_OF_MONTH, count);
        case "H", "HH" -> digits(ChronoField.HOUR_OF_DAY, count);
        case "h", "hh" -> digits(ChronoField.CLOCK_HOUR_OF_AMPM, count);
        case "m", "mm" -> digits(ChronoField.MINUTE_OF_HOUR, count);
        case "s", "ss" -> digits(ChronoField.SECOND_OF_MINUTE, count);
        case "a" -> text(ChronoField.AMPM_OF_DAY, Map.of(0L, "AM", 1L, "PM"));
        case "X" -> {
          offset("+HHmm");
          open = true;
        }
        case "XX" -> offset("+HHMM");
        case "XXX" -> offset("+HH:MM");
        default -> {
          if (c != 'S' || count > 9) {
            throw refused(
                letters.startsWith("y")
                    ? "a year has four digits here. Write yyyy"
                    : "\""
                        + letters
                        + "\" has no meaning here. Write yyyy, M or MM or MMM, d or dd, H or HH, h or hh with a, m or mm, s or ss, S, X");
          }
          requireEnd();
          builder.appendFraction(ChronoField.NANO_OF_SECOND, count, count, false);
          open = false;
        }
      }
    }

    private void digits(TemporalField field, int count) {
      requireEnd();
      if (count == 1) {
        builder.appendValue(field, 1, 2, SignStyle.NOT_NEGATIVE);
      } else {
        builder.appendValue(field, count);
      }
      open = count == 1;
    }

    private void text(TemporalField field, Map<Long, String> words) {
      builder.appendText(field, words);
      open = false;
    }

    private void offset(String text) {
      builder.appendOffset(text, "Z");
      open = false;
    }

    private static Map<Long, String> months() {
      Map<Long, String> months = new HashMap<>();
      for (int i = 0; i < MONTHS.length; i++) {
        months.put(i + 1L, MONTHS[i]);
      }
      return months;
    }

    private boolean has(char c) {
      return seen.contains(c);
    }

    boolean hasHour() {
      return has('H') || has('h');
    }

    private void whole() {
      if (!has('y') || !has('M') || !has('d')) {
        throw refused("it has no day. Write year, month and day, as in dd/MM/yyyy");
      }
      if (has('H') && (has('h') || has('a'))) {
        throw refused("it has the hour twice. Write H, or h with a");
      }
      if (has('h') != has('a')) {
        throw refused("hours of half a day need h and a together. Write both, or H");
      }
      boolean gap = (has('m') && !hasHour()) || (has('s') && !has('m')) || (has('S') && !has('s'));
      if (gap || (has('X') && !hasHour())) {
        throw refused(
            "it has a part of a time of day without the larger unit. Write the hour first, as in HH:mm:ss");
      }
      if (hasHour()) {
        if (!has('m')) {
          builder.parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0);
        }
        if (!has('s')) {
          builder.parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0);
        }
      }
    }

    DateTimeFormatter formatter() {
      return builder.toFormatter(Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    }

    private PlatformException refused(String why) {
      return new PlatformException(
          ErrorCode.INVALID_REQUEST, "Cannot read format \"" + pattern + "\": " + why + ".");
    }
  }
}
