package io.tributary.definition;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The days on which a schedule in cron's five fields runs, and when first on them. As in cron, a
 * day of the month and a day of the week that are both restricted need not both match.
 */
final class CronSchedule {
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> WEEKDAYS =
      List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private final LocalTime firstTime;
  private final BitSet days;
  private final BitSet months;
  private final BitSet weekdays;
  private final boolean eitherDay;

  private CronSchedule(
      LocalTime firstTime, BitSet days, BitSet months, BitSet weekdays, boolean eitherDay) {
    this.firstTime = firstTime;
    this.days = days;
    this.months = months;
    this.weekdays = weekdays;
    this.eitherDay = eitherDay;
  }

  /** Empty for what no clock shows, as in minute 61. */
  static Optional<CronSchedule> parse(String text) {
    String[] fields = text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
    if (fields.length != 5) {
      return Optional.empty();
    }
    Optional<BitSet> minutes = field(fields[0], 0, 59, List.of());
    Optional<BitSet> hours = field(fields[1], 0, 23, List.of());
    Optional<BitSet> days = field(fields[2], 1, 31, List.of());
    Optional<BitSet> months = field(fields[3], 1, 12, MONTHS);
    Optional<BitSet> weekdays = field(fields[4], 0, 7, WEEKDAYS);
    if (minutes.isEmpty()
        || hours.isEmpty()
        || days.isEmpty()
        || months.isEmpty()
        || weekdays.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CronSchedule(
            LocalTime.of(hours.get().nextSetBit(0), minutes.get().nextSetBit(0)),
            days.get(),
            months.get(),
            weekdays.get(),
            !fields[2].startsWith("*") && !fields[4].startsWith("*")));
  }

  LocalTime firstTime() {
    return firstTime;
  }

  boolean runsOn(LocalDate day) {
    int weekday = day.getDayOfWeek().getValue();
    boolean byDay = days.get(day.getDayOfMonth());
    boolean byWeekday = weekdays.get(weekday) || (weekday == 7 && weekdays.get(0));
    return months.get(day.getMonthValue()) && (eitherDay ? byDay || byWeekday : byDay && byWeekday);
  }

  private static Optional<BitSet> field(String text, int least, int most, List<String> names) {
    BitSet values = new BitSet();
    for (String part : text.split(",", -1)) {
      int slash = part.indexOf('/');
      String range = slash < 0 ? part : part.substring(0, slash);
      Optional<Integer> step =
          slash < 0 ? Optional.of(1) : number(part.substring(slash + 1), 1, most, List.of());
      int dash = range.indexOf('-');
      Optional<Integer> from =
          range.equals("*")
              ? Optional.of(least)
              : number(dash < 0 ? range : range.substring(0, dash), least, most, names);
      Optional<Integer> to =
          range.equals("*") || (dash < 0 && slash >= 0)
              ? Optional.of(most)
              : number(dash < 0 ? range : range.substring(dash + 1), least, most, names);
      if (step.isEmpty() || from.isEmpty() || to.isEmpty() || from.get() > to.get()) {
        return Optional.empty();
      }
      IntStream.iterate(from.get(), i -> i <= to.get(), i -> i + step.get()).forEach(values::set);
    }
    return Optional.of(values);
  }

  private static Optional<Integer> number(String text, int least, int most, List<String> names) {
    int named = names.indexOf(text);
    if (named >= 0) {
      return Optional.of(names.get(0).equals("sun") ? named : named + 1);
    }
    if (!text.matches("\\d{1,3}")) {
      return Optional.empty();
    }
    int value = Integer.parseInt(text);
    return value < least || value > most ? Optional.empty() : Optional.of(value);
  }
}
