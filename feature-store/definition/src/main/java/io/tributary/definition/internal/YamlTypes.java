package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** The types that keys of several files have. */
final class YamlTypes {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,99}");
  private static final Pattern COLUMN = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,254}");

  static final YamlType<String> TEXT =
      scalar("text", "", (value, text) -> Optional.of(text.strip()));

  static final YamlType<Boolean> BOOLEAN =
      scalar(
          "true or false",
          "",
          (value, text) -> {
            if (value.isPlain() && (text.equals("true") || text.equals("false"))) {
              return Optional.of(Boolean.valueOf(text));
            }
            value.mistyped(YamlTypes.BOOLEAN);
            return Optional.empty();
          });

  static final YamlType<Duration> DURATION =
      parsed("a duration", "20ms, 90s, 6h or 7d", (value, text) -> Durations.parse(text));

  static final YamlType<ZoneId> ZONE =
      scalar(
          "a time zone",
          "America/New_York or UTC",
          (value, text) -> {
            try {
              return Optional.of(ZoneId.of(text));
            } catch (DateTimeException e) {
              value.problem(
                  value.subject()
                      + " is "
                      + value.found()
                      + ", which is no time zone."
                      + Nearest.of(text, ZoneId.getAvailableZoneIds().stream().sorted().toList())
                          .map(near -> " Did you mean \"" + near + "\"?")
                          .orElse(" Write one as in America/New_York or UTC."));
              return Optional.empty();
            }
          });

  static final YamlType<Instant> INSTANT =
      parsed(
          "an instant",
          "2013-01-31 (the start of that day in the zone) or 2013-01-31T06:00:00-05:00",
          (value, text) -> Interval.instant(text, value.origin().zone()));

  static final YamlType<LocalDate> DAY =
      scalar(
          "a day",
          "2013-01-31",
          (value, text) -> {
            try {
              return Optional.of(LocalDate.parse(text.strip()));
            } catch (DateTimeException e) {
              value.mistyped(YamlTypes.DAY);
              return Optional.empty();
            }
          });

  static final YamlType<LocalTime> TIME_OF_DAY =
      scalar(
          "a time of day",
          "05:30",
          (value, text) -> {
            try {
              return Optional.of(LocalTime.parse(text.strip()));
            } catch (DateTimeException e) {
              value.mistyped(YamlTypes.TIME_OF_DAY);
              return Optional.empty();
            }
          });

  static final YamlType<Interval> INTERVAL =
      parsed(
          "an interval",
          "2013-01-01/2013-02-01",
          (value, text) -> Interval.parse(text, value.origin().zone()));

  /** The name of a thing that becomes a table's or a feature's. */
  static final YamlType<String> NAME_TYPE = named("a name", "carrier_history", NAME, "snake_case");

  /** The name of a column of data. */
  static final YamlType<String> COLUMN_TYPE =
      named("a column's name", "dep_delay", COLUMN, "letters, digits and _");

  static final YamlType<ViewId> VIEW =
      parsed(
          "a feature view with its version",
          "carrier_history@1",
          (value, text) -> {
            ViewId id = ViewId.parse(text);
            return checkedName(value, id.name()) ? id : null;
          });

  /** An expression: a whole value in block style. */
  static final YamlType<SqlText> SQL =
      new YamlType<>("an SQL expression", "", List.of(), value -> sql(value, YamlTypes.SQL));

  private YamlTypes() {}

  /** Whether a name is free for users; says so if it is not. */
  static boolean checkedName(YamlValue value, String name) {
    if (name.startsWith("_") || name.contains("__")) {
      value.problem(
          "\""
              + name
              + "\" is reserved: names that begin with \"_\" or hold \"__\" are the platform's own."
              + " Rename it.");
      return false;
    }
    return true;
  }

  /** An expression's text with its place, if it stands in block style and its brackets match. */
  static Optional<SqlText> sql(YamlValue value, YamlType<?> expected) {
    return blockText(value, expected)
        .flatMap(
            text -> {
              try {
                SqlTokens.of(text);
                return Optional.of(
                    new SqlText(text.strip(), value.origin().location(value.lineAt(indent(text)))));
              } catch (SqlTokens.Unreadable e) {
                e.report(value);
                return Optional.empty();
              }
            });
  }

  private static int indent(String text) {
    return text.length() - text.stripLeading().length();
  }

  /** The text of a value that may hold commas and colons: refused inside {@code {}}. */
  static Optional<String> blockText(YamlValue value, YamlType<?> expected) {
    if (value.inFlow()) {
      value.problem(
          value.subject()
              + " stands inside {} or [], where YAML cuts "
              + expected.name()
              + " at a comma or a colon. Write it on a line of its own: "
              + lastKey(value.label())
              + " ...");
      return Optional.empty();
    }
    Optional<String> text = value.text(expected);
    if (text.isPresent() && text.get().isBlank()) {
      value.problem(value.subject() + " is empty. Write " + expected.expected() + ".");
      return Optional.empty();
    }
    return text;
  }

  private static String lastKey(String label) {
    return label.endsWith("]") ? "-" : label.substring(label.lastIndexOf('.') + 1) + ":";
  }

  static <T> YamlType<T> scalar(
      String name, String example, BiFunction<YamlValue, String, Optional<T>> read) {
    List<YamlType<T>> self = new ArrayList<>();
    self.add(
        new YamlType<>(
            name,
            example,
            List.of(),
            value -> value.text(self.get(0)).flatMap(text -> read.apply(value, text))));
    return self.get(0);
  }

  /**
   * A scalar read by a parser that throws a {@link PlatformException}, or returns null when it has
   * said why not.
   */
  static <T> YamlType<T> parsed(
      String name, String example, BiFunction<YamlValue, String, T> parse) {
    List<YamlType<T>> self = new ArrayList<>();
    self.add(
        scalar(
            name,
            example,
            (value, text) -> {
              try {
                return Optional.ofNullable(parse.apply(value, text.strip()));
              } catch (PlatformException e) {
                value.problem(
                    value.subject()
                        + " is "
                        + value.found()
                        + ", not "
                        + name
                        + ": "
                        + e.getMessage().replaceFirst("^Cannot .*?\": ", ""));
                return Optional.empty();
              }
            }));
    return self.get(0);
  }

  static <T> YamlType<T> choice(Map<String, T> choices) {
    return choice(choices, List.of());
  }

  /**
   * One of these, in this version.
   *
   * @param later what may be written once it does something; until then it is refused by name
   */
  static <T> YamlType<T> choice(Map<String, T> choices, Collection<String> later) {
    String all = String.join(", ", choices.keySet());
    return scalar(
        choices.size() == 1 ? all : "one of " + all,
        "",
        (value, text) -> {
          T chosen = choices.get(text.strip());
          if (later.contains(text.strip())) {
            value.problem(
                value.subject()
                    + " is "
                    + value.found()
                    + ", which is not in this version. Write "
                    + all
                    + ".");
          } else if (chosen == null) {
            value.problem(
                value.subject()
                    + " is "
                    + value.found()
                    + "; it is one of "
                    + all
                    + "."
                    + Nearest.hint(text.strip(), choices.keySet()));
          }
          return Optional.ofNullable(chosen);
        });
  }

  static YamlType<String> choice(Collection<String> choices) {
    return choice(choices, List.of());
  }

  /** The same, and what may be written later. */
  static YamlType<String> choice(Collection<String> choices, Collection<String> later) {
    Map<String, String> map = new LinkedHashMap<>();
    choices.forEach(c -> map.put(c, c));
    return choice(map, later);
  }

  static <E extends Enum<E>> YamlType<E> choice(Class<E> values) {
    Map<String, E> map = new LinkedHashMap<>();
    for (E value : values.getEnumConstants()) {
      map.put(kebab(value), value);
    }
    return choice(map);
  }

  /** {@code BLOCK_PROMOTION} as users write it, {@code block-promotion}. */
  static String kebab(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static YamlType<Long> integer(long least, long greatest) {
    String name = "a whole number from " + least + " to " + greatest;
    List<YamlType<Long>> self = new ArrayList<>();
    self.add(
        scalar(
            name,
            "",
            (value, text) -> {
              try {
                long n = Long.parseLong(text.strip());
                if (value.isPlain() && n >= least && n <= greatest) {
                  return Optional.of(n);
                }
              } catch (NumberFormatException e) {
                // said below, as any other value that is no such number
              }
              value.mistyped(self.get(0));
              return Optional.empty();
            }));
    return self.get(0);
  }

  /** A finite number in the closed range. */
  static YamlType<Double> number(double least, double greatest) {
    String name =
        greatest == Double.MAX_VALUE
            ? least == -Double.MAX_VALUE ? "a number" : "a number not below " + plain(least)
            : "a number from " + plain(least) + " to " + plain(greatest);
    List<YamlType<Double>> self = new ArrayList<>();
    self.add(
        scalar(
            name,
            "",
            (value, text) -> {
              Optional<Double> n = value.isPlain() ? decimal(text.strip()) : Optional.empty();
              if (n.isEmpty() || n.get() < least || n.get() > greatest) {
                value.mistyped(self.get(0));
                return Optional.empty();
              }
              return n;
            }));
    return self.get(0);
  }

  /** A finite decimal number; no hexadecimal, no suffix, no infinity. */
  static Optional<Double> decimal(String text) {
    if (!text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?")) {
      return Optional.empty();
    }
    double n = Double.parseDouble(text);
    return Double.isFinite(n) ? Optional.of(n) : Optional.empty();
  }

  static String plain(double n) {
    return n == Math.rint(n) && Math.abs(n) < 1e15 ? String.valueOf((long) n) : String.valueOf(n);
  }

  private static YamlType<String> named(String name, String example, Pattern pattern, String rule) {
    return scalar(
        name,
        example,
        (value, text) -> {
          if (!checkedName(value, text)) {
            return Optional.empty();
          }
          if (!pattern.matcher(text).matches()) {
            value.problem(
                "\""
                    + YamlValue.shortened(text)
                    + "\" can't be "
                    + name
                    + ": it is made of "
                    + rule
                    + " and begins with a letter. Rename it, as in "
                    + example
                    + ".");
            return Optional.empty();
          }
          return Optional.of(text);
        });
  }
}
