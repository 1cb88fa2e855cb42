package io.tributary.quality.internal;

import io.tributary.quality.Expectation;
import io.tributary.quality.Expectation.StatisticBetween.Statistic;
import io.tributary.quality.Expectation.Terms;
import io.tributary.quality.Expectation.Unique.Missing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** The expectations that are known: name, arguments, and what each becomes. */
enum ExpectationKind {
  COLUMN_VALUES_TO_NOT_BE_NULL(
      (t, a) -> new Expectation.NotNull(t, a.text("column"), a.mostly()), "column", "mostly"),
  COLUMN_VALUES_TO_BE_NULL(
      (t, a) -> new Expectation.Null(t, a.text("column"), a.mostly()), "column", "mostly"),
  COLUMN_VALUES_TO_BE_BETWEEN(
      (t, a) -> new Expectation.Between(t, a.text("column"), a.range(), a.mostly()),
      "column",
      "mostly",
      "min_value",
      "max_value",
      "strict_min",
      "strict_max"),
  COLUMN_VALUES_TO_BE_IN_SET(
      (t, a) -> new Expectation.InSet(t, a.text("column"), a.constants("value_set"), a.mostly()),
      "column",
      "mostly",
      "value_set"),
  COLUMN_VALUES_TO_NOT_BE_IN_SET(
      (t, a) -> new Expectation.NotInSet(t, a.text("column"), a.constants("value_set"), a.mostly()),
      "column",
      "mostly",
      "value_set"),
  COLUMN_VALUES_TO_MATCH_REGEX(
      (t, a) -> new Expectation.MatchesRegex(t, a.text("column"), a.regex(), a.mostly()),
      "column",
      "mostly",
      "regex"),
  COLUMN_VALUES_TO_NOT_MATCH_REGEX(
      (t, a) -> new Expectation.MatchesNoRegex(t, a.text("column"), a.regex(), a.mostly()),
      "column",
      "mostly",
      "regex"),
  COLUMN_VALUE_LENGTHS_TO_BE_BETWEEN(
      (t, a) -> new Expectation.LengthBetween(t, a.text("column"), a.numbers(), a.mostly()),
      "column",
      "mostly",
      "min_value",
      "max_value",
      "strict_min",
      "strict_max"),
  COLUMN_VALUE_LENGTHS_TO_EQUAL(
      (t, a) -> new Expectation.LengthBetween(t, a.text("column"), a.exactly(), a.mostly()),
      "column",
      "mostly",
      "value"),
  COLUMN_VALUES_TO_BE_UNIQUE(
      (t, a) -> new Expectation.Unique(t, List.of(a.text("column")), Missing.ALL, a.mostly()),
      "column",
      "mostly"),
  COMPOUND_COLUMNS_TO_BE_UNIQUE(
      (t, a) -> new Expectation.Unique(t, a.texts("column_list"), missing(a), a.mostly()),
      "column_list",
      "mostly",
      "ignore_row_if"),
  TABLE_ROW_COUNT_TO_BE_BETWEEN(
      (t, a) -> new Expectation.RowCountBetween(t, a.numbers()),
      "min_value",
      "max_value",
      "strict_min",
      "strict_max"),
  TABLE_ROW_COUNT_TO_EQUAL((t, a) -> new Expectation.RowCountBetween(t, a.exactly()), "value"),
  COLUMN_MEAN_TO_BE_BETWEEN(statistic(Statistic.MEAN), bounds()),
  COLUMN_MIN_TO_BE_BETWEEN(statistic(Statistic.MIN), bounds()),
  COLUMN_MAX_TO_BE_BETWEEN(statistic(Statistic.MAX), bounds()),
  COLUMN_SUM_TO_BE_BETWEEN(statistic(Statistic.SUM), bounds()),
  COLUMN_TO_EXIST(
      (t, a) -> new Expectation.ColumnExists(t, a.text("column"), a.index("column_index")),
      "column",
      "column_index"),
  COLUMN_VALUES_TO_BE_OF_TYPE(
      (t, a) -> {
        a.mostly();
        return new Expectation.ColumnHasType(
            t, a.text("column"), types(a, List.of(a.text("type_"))));
      },
      "column",
      "mostly",
      "type_"),
  COLUMN_VALUES_TO_BE_IN_TYPE_LIST(
      (t, a) -> {
        a.mostly();
        return new Expectation.ColumnHasType(t, a.text("column"), types(a, a.texts("type_list")));
      },
      "column",
      "mostly",
      "type_list");

  private final BiFunction<Terms, Arguments, Expectation> builder;
  private final Set<String> arguments;

  ExpectationKind(BiFunction<Terms, Arguments, Expectation> builder, String... arguments) {
    this.builder = builder;
    this.arguments = Set.of(arguments);
  }

  static Optional<ExpectationKind> of(String type) {
    return Arrays.stream(values()).filter(k -> k.type().equals(type)).findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(ExpectationKind::type).toList();
  }

  /** As suites spell it. */
  String type() {
    return "expect_" + name().toLowerCase(java.util.Locale.ROOT);
  }

  Set<String> arguments() {
    return arguments;
  }

  Expectation build(Terms terms, Arguments given) {
    return builder.apply(terms, given);
  }

  private static BiFunction<Terms, Arguments, Expectation> statistic(Statistic statistic) {
    return (t, a) -> new Expectation.StatisticBetween(t, a.text("column"), statistic, a.numbers());
  }

  private static String[] bounds() {
    return new String[] {"column", "min_value", "max_value", "strict_min", "strict_max"};
  }

  private static Missing missing(Arguments arguments) {
    if (arguments.find("ignore_row_if").isEmpty()) {
      return Missing.ALL;
    }
    String text = arguments.text("ignore_row_if");
    switch (text) {
      case "all_values_are_missing":
        return Missing.ALL;
      case "any_value_is_missing":
        return Missing.ANY;
      default:
        arguments.problem(
            "has ignore_row_if="
                + text
                + ": supported are all_values_are_missing and any_value_is_missing");
        return Missing.ALL;
    }
  }

  private static List<String> types(Arguments arguments, List<String> names) {
    List<String> types = new ArrayList<>();
    for (String name : names) {
      TypeNames.ddl(name)
          .ifPresentOrElse(
              types::add,
              () -> arguments.problem("has the type " + name + TypeNames.unknown(name)));
    }
    return types;
  }
}
