package io.tributary.console.init;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Statistics of a column: counts of its cells by form, their range, and repetitions. */
final class ColumnProfile {
  /** The forms of a column's cells. */
  enum Look {
    BOOLEAN,
    WHOLE,
    LEADING_ZERO,
    FLOATING,
    DECIMAL_COMMA,
    DAY,
    INSTANT,
    LOCAL_TIME,
    CALENDAR,
    TEXT
  }

  static final int DISTINCT_KEPT = 200_000;
  private static final Set<String> NULL_WORDS =
      Set.of("NA", "N/A", "n/a", "na", "null", "NULL", "None", "none", "nil", "-", "?", "#N/A");
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d+");
  private static final Pattern FLOATING =
      Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?");
  private static final Pattern COMMA =
      Pattern.compile("[+-]?\\d{1,3}(?:\\.?\\d{3})*,\\d+|[+-]?\\d+,\\d+");
  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4}-\\d{2}-\\d{2})(?:[T ](\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?) ?(Z|z|UTC|[+-]\\d{2}(?::?\\d{2})?)?)?");
  private static final Pattern CALENDAR =
      Pattern.compile(
          "(?:(\\d{1,2})([/.-])(\\d{1,2})\\2(\\d{4})|(\\d{4})/(\\d{1,2})/(\\d{1,2}))( \\d{1,2}:\\d{2}(:\\d{2})?)?");

  private static final String PADDED = "(?:\\D*\\d{2,4})*";

  private final String name;
  private final ZoneId zone;
  private final Map<Look, Long> looks = new TreeMap<>();
  private final Map<String, Long> nullWords = new TreeMap<>();
  private final Set<String> distinct = new HashSet<>();
  private final Set<String> formats = new TreeSet<>();
  private final Map<Look, String> example = new TreeMap<>();
  private long rows;
  private long empty;
  private boolean manyValues;
  private boolean repeats;
  private boolean finerThanLong;
  private int decimals;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;
  private Instant first = Instant.MAX;
  private Instant last = Instant.MIN;
  private Instant dayFirstStart = Instant.MAX;
  private Instant dayFirstEnd = Instant.MIN;
  private Instant monthFirstStart = Instant.MAX;
  private Instant monthFirstEnd = Instant.MIN;
  private boolean dayFirstPossible = true;
  private boolean monthFirstPossible = true;
  private boolean padded = true;
  private int longest;

  ColumnProfile(String name, ZoneId zone) {
    this.name = name;
    this.zone = zone;
  }

  void add(String raw) {
    rows++;
    if (raw.isEmpty()) {
      empty++;
      return;
    }
    String cell = raw.strip();
    if (NULL_WORDS.contains(cell)) {
      nullWords.merge(cell, 1L, Long::sum);
      return;
    }
    longest = Math.max(longest, cell.length());
    if (!distinct.add(raw)) {
      repeats = true;
    }
    if (distinct.size() > DISTINCT_KEPT) {
      manyValues = true;
      distinct.clear();
    }
    Look look = look(cell);
    looks.merge(look, 1L, Long::sum);
    example.putIfAbsent(look, cell);
  }

  private Look look(String cell) {
    char c = cell.isEmpty() ? ' ' : cell.charAt(0);
    if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.') {
      return numberOrTime(cell);
    }
    return cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")
        ? Look.BOOLEAN
        : Look.TEXT;
  }

  private Look numberOrTime(String cell) {
    if (WHOLE.matcher(cell).matches()) {
      String digits = cell.startsWith("+") || cell.startsWith("-") ? cell.substring(1) : cell;
      if (digits.length() > 1 && digits.charAt(0) == '0') {
        return Look.LEADING_ZERO;
      }
      if (digits.length() > 18 && new BigInteger(cell).bitLength() > 63) {
        finerThanLong = true;
      }
      number(Double.parseDouble(cell));
      return Look.WHOLE;
    }
    if (FLOATING.matcher(cell).matches()) {
      if (cell.matches("[+-]?0\\d.*")) {
        return Look.LEADING_ZERO;
      }
      number(Double.parseDouble(cell));
      decimals = Math.max(decimals, decimals(cell));
      return Look.FLOATING;
    }
    Matcher iso = ISO.matcher(cell);
    if (iso.matches()) {
      return iso(iso);
    }
    Matcher calendar = CALENDAR.matcher(cell);
    if (calendar.matches()) {
      return calendar(calendar);
    }
    return COMMA.matcher(cell).matches() ? Look.DECIMAL_COMMA : Look.TEXT;
  }

  /** Digits after the point; very many if the number has an exponent. */
  private static int decimals(String number) {
    int point = number.indexOf('.');
    boolean plain = number.chars().allMatch(c -> c != 'e' && c != 'E');
    return !plain ? Integer.MAX_VALUE : point < 0 ? 0 : number.length() - point - 1;
  }

  private void number(double value) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }

  private Look iso(Matcher m) {
    try {
      LocalDate day = LocalDate.parse(m.group(1));
      if (m.group(2) == null) {
        time(day.atStartOfDay(zone).toInstant());
        return Look.DAY;
      }
      LocalDateTime at = day.atTime(LocalTime.parse(m.group(2)));
      if (m.group(3) == null) {
        time(at.atZone(zone).toInstant());
        return Look.LOCAL_TIME;
      }
      ZoneOffset offset =
          m.group(3).equalsIgnoreCase("Z") || m.group(3).equals("UTC")
              ? ZoneOffset.UTC
              : ZoneOffset.of(m.group(3));
      time(OffsetDateTime.of(at, offset).toInstant());
      return Look.INSTANT;
    } catch (DateTimeException e) {
      return Look.TEXT;
    }
  }

  private void time(Instant at) {
    first = at.isBefore(first) ? at : first;
    last = at.isAfter(last) ? at : last;
  }

  /** The form of a calendar date, which may begin with its day or its month. */
  private Look calendar(Matcher m) {
    String hours = m.group(8) == null ? "" : m.group(9) == null ? " H:mm" : " H:mm:ss";
    try {
      LocalTime clock =
          m.group(8) == null
              ? LocalTime.MIDNIGHT
              : LocalTime.parse(m.group(8).strip().replaceFirst("^(\\d):", "0$1:"));
      padded &= m.group().matches(PADDED);
      if (m.group(5) != null) {
        formats.add("yyyy/M/d" + hours);
        time(
            LocalDate.of(
                    Integer.parseInt(m.group(5)),
                    Integer.parseInt(m.group(6)),
                    Integer.parseInt(m.group(7)))
                .atTime(clock)
                .atZone(zone)
                .toInstant());
        return Look.CALENDAR;
      }
      int one = Integer.parseInt(m.group(1));
      int two = Integer.parseInt(m.group(3));
      int year = Integer.parseInt(m.group(4));
      String separator = m.group(2);
      formats.add("?" + separator + "?" + separator + "yyyy" + hours);
      Optional<Instant> dayFirst = instant(year, two, one, clock);
      Optional<Instant> monthFirst = instant(year, one, two, clock);
      dayFirstPossible &= dayFirst.isPresent();
      monthFirstPossible &= monthFirst.isPresent();
      dayFirst.ifPresent(
          at -> {
            dayFirstStart = at.isBefore(dayFirstStart) ? at : dayFirstStart;
            dayFirstEnd = at.isAfter(dayFirstEnd) ? at : dayFirstEnd;
          });
      monthFirst.ifPresent(
          at -> {
            monthFirstStart = at.isBefore(monthFirstStart) ? at : monthFirstStart;
            monthFirstEnd = at.isAfter(monthFirstEnd) ? at : monthFirstEnd;
          });
      return dayFirst.isPresent() || monthFirst.isPresent() ? Look.CALENDAR : Look.TEXT;
    } catch (DateTimeException e) {
      return Look.TEXT;
    }
  }

  private Optional<Instant> instant(int year, int month, int day, LocalTime clock) {
    try {
      return Optional.of(LocalDate.of(year, month, day).atTime(clock).atZone(zone).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  String name() {
    return name;
  }

  long rows() {
    return rows;
  }

  long emptyCells() {
    return empty;
  }

  /** Words that often stand for a missing value, and how often each was seen. */
  Map<String, Long> nullWords() {
    return nullWords;
  }

  long nullWordCells() {
    return nullWords.values().stream().mapToLong(Long::longValue).sum();
  }

  long seen(Look... wanted) {
    long sum = 0;
    for (Look look : wanted) {
      sum += looks.getOrDefault(look, 0L);
    }
    return sum;
  }

  /** Cells with a value, not counting words that may mean none. */
  long values() {
    return rows - empty - nullWordCells();
  }

  String example(Look look) {
    return example.getOrDefault(look, "");
  }

  /** The form that most but not all cells have, to report those that don't fit. */
  Optional<Look> mostly() {
    return looks.entrySet().stream()
        .filter(e -> e.getKey() != Look.TEXT && e.getValue() * 10 >= values() * 9)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Whether no cell is empty or equal to another, with words such as NA as values. */
  boolean isUnique() {
    return !repeats
        && empty == 0
        && nullWords.values().stream().allMatch(n -> n == 1)
        && values() > 1;
  }

  /** Whether all cells are calendar dates. */
  boolean isCalendar() {
    return values() > 0 && seen(Look.CALENDAR) == values();
  }

  /** The number of distinct values; empty if there are too many to count. */
  Optional<Integer> distinct() {
    return manyValues ? Optional.empty() : Optional.of(distinct.size());
  }

  /** The distinct values, if there are few. */
  Set<String> distinctValues() {
    return new TreeSet<>(distinct);
  }

  boolean fitsInt() {
    return least >= Integer.MIN_VALUE && greatest <= Integer.MAX_VALUE;
  }

  boolean fitsLong() {
    return !finerThanLong;
  }

  /** The maximum number of digits after the point; very many with exponents. */
  int decimals() {
    return decimals;
  }

  double least() {
    return least;
  }

  double greatest() {
    return greatest;
  }

  Instant first() {
    return first;
  }

  Instant last() {
    return last;
  }

  int longest() {
    return longest;
  }

  /**
   * The format of all calendar dates; empty if they differ, or if day and month can't be
   * distinguished.
   *
   * @param dayFirst whether the day comes first, if a user has specified it
   */
  Optional<String> calendarFormat(Optional<Boolean> dayFirst) {
    if (!isCalendar() || nullWordCells() > 0 || formats.size() != 1 || isAmbiguous(dayFirst)) {
      return Optional.empty();
    }
    String format = formats.iterator().next();
    if (format.startsWith("?")) {
      boolean first = isDayFirst(dayFirst);
      if (!(first ? dayFirstPossible : monthFirstPossible)) {
        return Optional.empty();
      }
      format = format.replaceFirst("\\?", first ? "d" : "M").replaceFirst("\\?", first ? "M" : "d");
    }
    return Optional.of(
        padded ? format.replace("d", "dd").replace("M", "MM").replace("H", "HH") : format);
  }

  /** Whether dates may begin with their day or with their month. */
  boolean isAmbiguous(Optional<Boolean> dayFirst) {
    return isCalendar()
        && formats.size() == 1
        && formats.iterator().next().startsWith("?")
        && dayFirst.isEmpty()
        && dayFirstPossible
        && monthFirstPossible;
  }

  private boolean isDayFirst(Optional<Boolean> said) {
    return said.orElse(dayFirstPossible);
  }

  /** The first time, with calendar dates in a format. */
  Instant first(String format) {
    return format.startsWith("d")
        ? dayFirstStart
        : format.startsWith("M") ? monthFirstStart : first;
  }

  /** The last one. */
  Instant last(String format) {
    return format.startsWith("d") ? dayFirstEnd : format.startsWith("M") ? monthFirstEnd : last;
  }
}
