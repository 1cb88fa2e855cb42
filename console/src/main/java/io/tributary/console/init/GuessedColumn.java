package io.tributary.console.init;

import io.tributary.console.init.ColumnProfile.Look;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A column with the type that all of its cells fit.
 *
 * @param name its name in the contract
 * @param format the format of its days or instants; empty = ISO 8601
 * @param why the reason for the type, for a comment
 * @param attention what a person should look at; empty = nothing
 * @param nullWords whether words such as NA mean a missing value in it
 */
record GuessedColumn(
    String name,
    String type,
    Optional<String> format,
    String why,
    Optional<String> attention,
    boolean nullWords,
    ColumnProfile profile) {
  private static final Pattern CODE =
      Pattern.compile(".*(zip|post_?code|postal|phone|isbn|ean|iban).*");
  private static final Pattern MONEY =
      Pattern.compile(
          ".*(price|amount|cost|fee|fare|total|revenue|turnover|salary|wage|tax|discount|paid|payment|balance).*");
  private static final int MOST_DECIMALS_OF_MONEY = 4;
  private static final Set<String> NUMBERS = Set.of("int", "bigint", "double");

  /**
   * @param dayFirst whether 03/04/2024 is in April, if a user has specified it
   */
  static GuessedColumn of(String name, ColumnProfile p, Optional<Boolean> dayFirst) {
    long values = p.values();
    if (values == 0) {
      String type = "string";
      return new GuessedColumn(
          name,
          type,
          Optional.empty(),
          p.nullWordCells() == 0 ? "always empty" : "nothing but " + words(p),
          Optional.of("column " + name + " has no value: it is read as text"),
          false,
          p);
    }
    Optional<String> format = p.calendarFormat(dayFirst);
    String type =
        format.map(f -> f.contains("H") ? "timestamp" : "date").orElse(type(name, p, values));
    boolean nullWords = p.nullWordCells() > 0 && !type.equals("string");
    return new GuessedColumn(
        name,
        type,
        format,
        why(p, type, format, nullWords),
        attention(name, p, type),
        nullWords,
        p);
  }

  private static String type(String name, ColumnProfile p, long values) {
    if (p.seen(Look.BOOLEAN) == values) {
      return "boolean";
    }
    if (p.seen(Look.WHOLE) == values && p.fitsLong() && !isCode(name)) {
      return p.fitsInt() ? "int" : "bigint";
    }
    if (p.seen(Look.WHOLE, Look.FLOATING) == values && p.fitsLong() && !isCode(name)) {
      return "double";
    }
    if (p.seen(Look.DAY) == values) {
      return "date";
    }
    return p.seen(Look.DAY, Look.INSTANT, Look.LOCAL_TIME) == values ? "timestamp" : "string";
  }

  private static boolean isCode(String name) {
    return CODE.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  private static boolean isMoney(ColumnProfile p) {
    return MONEY.matcher(p.name().toLowerCase(Locale.ROOT)).matches()
        && p.decimals() > 0
        && p.decimals() <= MOST_DECIMALS_OF_MONEY;
  }

  private static String why(
      ColumnProfile p, String type, Optional<String> format, boolean nullWords) {
    StringBuilder why = new StringBuilder();
    if (NUMBERS.contains(type)) {
      why.append(number(p.least())).append(" to ").append(number(p.greatest()));
      if (type.equals("double") && isMoney(p)) {
        why.append("; for exact sums of money write decimal(18,%d)".formatted(p.decimals()));
      }
    } else if (type.equals("date") || type.equals("timestamp")) {
      why.append(format.map(p::first).orElse(p.first()))
          .append(" to ")
          .append(format.map(p::last).orElse(p.last()));
      if (p.seen(Look.LOCAL_TIME) > 0) {
        why.append(", ")
            .append(p.seen(Look.INSTANT) > 0 ? "some" : "all")
            .append(" without an offset");
      }
    } else if (p.seen(Look.LEADING_ZERO) > 0) {
      why.append("digits with leading zeros, as in ").append(p.example(Look.LEADING_ZERO));
    } else {
      why.append(p.distinct().map(n -> String.format(Locale.ROOT, "%,d", n)).orElse("very many"))
          .append(p.distinct().filter(n -> n == 1).isPresent() ? " value" : " different values");
    }
    long missing = p.emptyCells() + (nullWords ? p.nullWordCells() : 0);
    if (missing > 0) {
      why.append(String.format(Locale.ROOT, ", %.1f %% missing", 100.0 * missing / p.rows()));
    }
    return why.toString();
  }

  private static Optional<String> attention(String name, ColumnProfile p, String type) {
    if (!type.equals("string")) {
      return p.seen(Look.LOCAL_TIME) > 0 && p.seen(Look.INSTANT) > 0
          ? Optional.of("column " + name + " has times with and without an offset")
          : Optional.empty();
    }
    if (p.seen(Look.DECIMAL_COMMA) > 0 && p.seen(Look.DECIMAL_COMMA, Look.WHOLE) == p.values()) {
      return Optional.of(
          "column %s has numbers with a decimal comma (%s): it is read as text. Derive a number: cast(replace(%s, ',', '.') as double)"
              .formatted(name, p.example(Look.DECIMAL_COMMA), name));
    }
    if (!p.fitsLong() && p.seen(Look.WHOLE) == p.values()) {
      return Optional.of("column " + name + " has numbers beyond bigint: it is read as text");
    }
    Optional<Look> mostly = p.mostly().filter(l -> l != Look.LEADING_ZERO && l != Look.CALENDAR);
    long others = mostly.map(l -> p.values() - p.seen(l)).orElse(0L);
    if (others > 0 && !p.example(Look.TEXT).isEmpty()) {
      return Optional.of(
          "column %s would be %s but for %,d of %,d cells, as \"%s\": it is read as text"
              .formatted(
                  name,
                  mostly.get().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  others,
                  p.values(),
                  shortened(p.example(Look.TEXT))));
    }
    return Optional.empty();
  }

  /** The first of its times. */
  Instant first() {
    return format.map(profile::first).orElse(profile.first());
  }

  /** The last of its times. */
  Instant last() {
    return format.map(profile::last).orElse(profile.last());
  }

  boolean isNumber() {
    return NUMBERS.contains(type);
  }

  boolean isBoolean() {
    return type.equals("boolean");
  }

  /** Whether it may identify something. */
  boolean identifies() {
    return (type.equals("string") || type.equals("int") || type.equals("bigint"))
        && profile.values() > 0
        && profile.longest() <= 64;
  }

  double missingShare() {
    long missing = profile.emptyCells() + (nullWords ? profile.nullWordCells() : 0);
    return profile.rows() == 0 ? 0 : (double) missing / profile.rows();
  }

  private static String words(ColumnProfile p) {
    return String.join(", ", List.copyOf(p.nullWords().keySet()));
  }

  static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return plain.length() <= 30 ? plain : plain.substring(0, 30) + "…";
  }

  /** A number in plain notation. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
