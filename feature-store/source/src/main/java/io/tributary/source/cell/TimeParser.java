package io.tributary.source.cell;

import io.tributary.core.TimeFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Days and instants in ISO 8601's extended form, or in a format of their own. */
final class TimeParser {
  private static final Pattern DAY = Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})");
  private static final Pattern INSTANT =
      Pattern.compile(
          "(\\d{4}-\\d{2}-\\d{2})(?:[T ](\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,18}))?)? ?(Z|z|UTC|[+-]\\d{2}(?::?\\d{2})?)?)?");

  private TimeParser() {}

  private static LocalDate day(String text) {
    Matcher m = DAY.matcher(text);
    if (!m.matches()) {
      throw new DateTimeException(text);
    }
    return LocalDate.of(
        Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
  }

  private static long micros(long second, long micros) {
    return Math.addExact(Math.multiplyExact(second, 1_000_000L), micros);
  }

  /** Local times of a zone: one that does not exist moves forward, of two it is the earlier. */
  private abstract static class Local extends CellParser {
    private final ZoneId zone;
    private long shifted;

    Local(ZoneId zone) {
      this.zone = zone;
    }

    @Override
    public long shiftedTimes() {
      return shifted;
    }

    /** Its second since 1970. */
    long local(LocalDateTime at) {
      if (zone.getRules().getValidOffsets(at).size() != 1) {
        shifted++;
      }
      return ZonedDateTime.ofLocal(at, zone, null).toEpochSecond();
    }
  }

  static final class FormattedDays extends CellParser {
    private final TimeFormat format;
    private final DateTimeFormatter formatter;

    FormattedDays(TimeFormat format) {
      this.format = format;
      this.formatter = format.formatter();
    }

    @Override
    public Object parse(String cell) throws BadCell {
      try {
        return (int) LocalDate.from(formatter.parse(cell.strip())).toEpochDay();
      } catch (DateTimeException e) {
        throw not(cell, "date", format);
      }
    }
  }

  /** Without offset in the source's zone; a bare day is its start. */
  static final class FormattedInstants extends Local {
    private final TimeFormat format;
    private final DateTimeFormatter formatter;

    FormattedInstants(TimeFormat format, ZoneId zone) {
      super(zone);
      this.format = format;
      this.formatter = format.formatter();
    }

    @Override
    public Object parse(String cell) throws BadCell {
      TemporalAccessor parsed;
      try {
        parsed = formatter.parse(cell.strip());
      } catch (DateTimeException e) {
        throw not(cell, "timestamp", format);
      }
      LocalTime clock = parsed.query(TemporalQueries.localTime());
      LocalDateTime at = LocalDate.from(parsed).atTime(clock == null ? LocalTime.MIDNIGHT : clock);
      if (at.getNano() % 1_000 != 0) {
        throw new BadCell(shown(cell) + " is finer than a microsecond");
      }
      ZoneOffset offset = parsed.query(TemporalQueries.offset());
      return micros(offset == null ? local(at) : at.toEpochSecond(offset), at.getNano() / 1_000);
    }
  }

  private static CellParser.BadCell not(String cell, String type, TimeFormat format) {
    return new CellParser.BadCell(
        "%s is no %s of the format %s: write it as in %s"
            .formatted(CellParser.shown(cell), type, format, format.example()));
  }

  static final class Days extends CellParser {
    @Override
    public Object parse(String cell) throws BadCell {
      try {
        return (int) day(cell.strip()).toEpochDay();
      } catch (DateTimeException e) {
        throw new BadCell(shown(cell) + " is no date: write it as in 2013-01-31");
      }
    }
  }

  /**
   * {@code 2013-01-31T06:00:00.000000-05:00}, a blank for the T; without offset in the source's
   * zone: a local time that does not exist moves forward by the gap, one that exists twice is the
   * earlier instant. A bare day is its start.
   */
  static final class Instants extends Local {
    private static final String PLAIN = "0000-00-00T00:00:00Z";
    private static final long NO_DAY = Long.MIN_VALUE;

    Instants(ZoneId zone) {
      super(zone);
    }

    @Override
    public Object parse(String cell) throws BadCell {
      if (isPlainUtc(cell)) {
        long day = epochDay(number(cell, 0, 4), number(cell, 5, 2), number(cell, 8, 2));
        int hour = number(cell, 11, 2);
        int minute = number(cell, 14, 2);
        int second = number(cell, 17, 2);
        if (day != NO_DAY && hour < 24 && minute < 60 && second < 60) {
          return ((day * 24 + hour) * 60 + minute) * 60_000_000L + second * 1_000_000L;
        }
      }
      Matcher m = INSTANT.matcher(cell.strip());
      if (!m.matches()) {
        throw bad(cell);
      }
      try {
        LocalDate day = day(m.group(1));
        if (m.group(2) == null) {
          return micros(local(day.atStartOfDay()), 0);
        }
        if ("60".equals(m.group(4))) {
          throw new BadCell(shown(cell) + " is a leap second, which is not supported");
        }
        LocalDateTime at =
            day.atTime(
                LocalTime.of(
                    Integer.parseInt(m.group(2)),
                    Integer.parseInt(m.group(3)),
                    m.group(4) == null ? 0 : Integer.parseInt(m.group(4))));
        return micros(epochSecond(at, m.group(6)), fraction(cell, m.group(5)));
      } catch (DateTimeException e) {
        throw bad(cell);
      }
    }

    /** {@code 2013-01-31T06:00:00Z}, the common case. */
    private static boolean isPlainUtc(String cell) {
      if (cell.length() != PLAIN.length()) {
        return false;
      }
      for (int i = 0; i < PLAIN.length(); i++) {
        char c = cell.charAt(i);
        if (PLAIN.charAt(i) == '0' ? c < '0' || c > '9' : c != PLAIN.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    private static int number(String cell, int from, int digits) {
      int number = 0;
      for (int i = from; i < from + digits; i++) {
        number = number * 10 + cell.charAt(i) - '0';
      }
      return number;
    }

    private static long epochDay(int year, int month, int day) {
      boolean plausible = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
      return plausible ? LocalDate.of(year, month, day).toEpochDay() : NO_DAY;
    }

    private static BadCell bad(String cell) {
      return new BadCell(
          shown(cell) + " is no timestamp: write it as in 2013-01-31T06:00:00-05:00");
    }

    private long epochSecond(LocalDateTime at, String offset) {
      if (offset == null) {
        return local(at);
      }
      ZoneOffset by =
          offset.equalsIgnoreCase("Z") || offset.equals("UTC")
              ? ZoneOffset.UTC
              : ZoneOffset.of(offset);
      return at.toEpochSecond(by);
    }

    private static long fraction(String cell, String digits) throws BadCell {
      if (digits == null) {
        return 0;
      }
      long micros = 0;
      for (int i = 0; i < 6; i++) {
        micros = micros * 10 + (i < digits.length() ? digits.charAt(i) - '0' : 0);
      }
      for (int i = 6; i < digits.length(); i++) {
        if (digits.charAt(i) != '0') {
          throw new BadCell(shown(cell) + " is finer than a microsecond");
        }
      }
      return micros;
    }
  }
}
