package io.tributary.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.quality.expectation.Constant;
import io.tributary.quality.expectation.RowCondition;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSuite {
  @Test
  void readsTheOlderSpellingToTheSame() {
    Suite older =
        Suite.parse(
            """
            {"expectation_suite_name": "x", "data_asset_type": null, "ge_cloud_id": null, "expectations": [
              {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}, "meta": {}}]}
            """,
            "x.json");

    assertThat(older.expectations())
        .isEqualTo(
            suite("expect_column_values_to_not_be_null", "\"column\": \"a\"").expectations());
  }

  @Test
  void readsConditionsWrittenAsText() {
    assertThat(condition("col(\\\"a\\\") >= 3.5", "great_expectations"))
        .isEqualTo(new RowCondition.Comparison("a", ">=", number("3.5").get()));
    assertThat(condition("col('a') == 'UA'", "great_expectations__experimental__"))
        .isEqualTo(new RowCondition.Comparison("a", "==", new Constant.OfText("UA")));
    assertThat(condition("col(\\\"a\\\").notNull()", "great_expectations"))
        .isEqualTo(new RowCondition.Nullity("a", true));
    assertThat(condition("a > 3 and b is null", "spark"))
        .isEqualTo(new RowCondition.Sql("a > 3 and b is null"));
  }

  @Test
  void namesAllThatIsNotUnderstoodAtOnce() {
    assertThatThrownBy(
            () ->
                Suite.parse(
                    """
                    {"name": "x", "expectation": [], "expectations": [
                      {"type": "expect_column_values_to_not_be_nul", "kwargs": {"column": "a"}},
                      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min": 3, "max_value": 5}},
                      {"type": "expect_column_quantile_values_to_be_between", "kwargs": {}},
                      {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "a", "regex": "(?P<x>a)", "mostly": 95}},
                      {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}, "sevrity": "info"},
                      {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": 9, "max_value": 5}},
                      {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": {"$PARAMETER": "p"}}},
                      {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a", "row_condition": "a > 3", "condition_parser": "pandas"}},
                      {"type": "expect_column_to_exist", "kwargs": {"column": "a", "row_condition": "a > 3", "condition_parser": "spark"}}
                    ]}
                    """,
                    "x.json"))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("Cannot read suite x.json: ")
        .hasMessageContaining("unknown key \"expectation\". Did you mean \"expectations\"?")
        .hasMessageContaining(
            "expectation 1 (expect_column_values_to_not_be_nul) is not known (is expect_column_values_to_not_be_null meant?)")
        .hasMessageContaining(
            "expectation 2 (expect_column_values_to_be_between) has unknown argument \"min\". It takes ")
        .hasMessageContaining(
            "expectation 3 (expect_column_quantile_values_to_be_between) is not known")
        .hasMessageContaining(
            "expectation 4 (expect_column_values_to_match_regex) has a regex that Java's dialect")
        .hasMessageContaining("mostly=95: it is a share from 0 to 1")
        .hasMessageContaining(
            "expectation 5 has unknown key \"sevrity\". Did you mean \"severity\"?")
        .hasMessageContaining("has min_value 9 above max_value 5")
        .hasMessageContaining("has a parameter for value_set")
        .hasMessageContaining(
            "condition_parser \"pandas\": supported are great_expectations and spark")
        .hasMessageContaining("is about columns and can't have a row_condition")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.INVALID_DEFINITION);
  }

  @Test
  void refusesTextThatIsNoSuite() {
    assertThatThrownBy(() -> Suite.parse("{\"name\": ", "x.json"))
        .hasMessageStartingWith("Cannot read suite x.json: Unexpected end-of-input");
    assertThatThrownBy(() -> Suite.parse("[]", "x.json"))
        .hasMessage("Cannot read suite x.json: it is no JSON object. Correct the suite.");
    assertThatThrownBy(() -> Suite.parse("{\"name\": \"x\", \"name\": \"y\"}", "x.json"))
        .hasMessageContaining("Duplicate field 'name' (line 1)");
  }

  @Test
  void refusesAMissingFile(@TempDir Path folder) {
    assertThatThrownBy(() -> Suite.read(folder.resolve("x.json")))
        .hasMessageStartingWith("Cannot read suite ")
        .hasMessageContaining("there is no such file");
  }

  @Test
  void readsAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("x.json");
    Files.writeString(file, "{\"name\": \"x\", \"expectations\": []}");

    assertThat(Suite.read(file).name()).isEqualTo("x");
  }

  /** Suites in pairs of which both say the same in another way. */
  private static final String[][] SAME = {
    {"[]", "[ ]"},
    {
      expectation("expect_column_values_to_be_between", "'column': 'a', 'min_value': 1"),
      expectation(
          "expect_column_values_to_be_between",
          "'mostly': 1, 'min_value': 1.0, 'max_value': null, 'strict_max': true, 'strict_min': false, 'column': 'a', 'result_format': 'COMPLETE', 'batch_id': 'x'")
    },
    {
      "[{'type': 'expect_column_to_exist', 'kwargs': {'column': 'a'}, 'severity': 'critical', 'id': 'x'}]",
      "[{'expectation_type': 'expect_column_to_exist', 'kwargs': {'column': 'a'}, 'meta': {'notes': 'y'}, 'notes': 'must be there'}]"
    },
    {
      "[{'type': 'expect_column_to_exist', 'kwargs': {'column': 'a'}}, {'type': 'expect_column_to_exist', 'kwargs': {'column': 'b'}}]",
      "[{'type': 'expect_column_to_exist', 'kwargs': {'column': 'b'}}, {'type': 'expect_column_to_exist', 'kwargs': {'column': 'a'}}, {'type': 'expect_column_to_exist', 'kwargs': {'column': 'a'}}]"
    },
    {
      expectation("expect_column_values_to_be_in_set", "'column': 'a', 'value_set': [1, 'x', 100]"),
      expectation(
          "expect_column_values_to_be_in_set",
          "'column': 'a', 'value_set': ['x', 1e2, 1.0, 1, null]")
    },
    {
      expectation("expect_column_value_lengths_to_equal", "'column': 'a', 'value': 3"),
      expectation(
          "expect_column_value_lengths_to_be_between",
          "'column': 'a', 'min_value': 3, 'max_value': 3")
    },
    {
      expectation("expect_column_values_to_be_unique", "'column': 'a'"),
      expectation(
          "expect_compound_columns_to_be_unique",
          "'column_list': ['a'], 'ignore_row_if': 'any_value_is_missing'")
    },
    {
      expectation("expect_column_values_to_be_of_type", "'column': 'a', 'type_': 'IntegerType'"),
      expectation("expect_column_values_to_be_in_type_list", "'column': 'a', 'type_list': ['int']")
    },
    {
      expectation(
          "expect_column_mean_to_be_between",
          "'column': 'a', 'max_value': 1, 'row_condition': 'col(\\\"b\\\") > 3', 'condition_parser': 'great_expectations'"),
      expectation(
          "expect_column_mean_to_be_between",
          "'column': 'a', 'max_value': 1, 'row_condition': {'type': 'comparison', 'column': {'name': 'b'}, 'operator': '>', 'parameter': 3.0}")
    },
    {
      expectation(
          "expect_column_values_to_not_be_null",
          "'column': 'a', 'condition_parser': 'spark', 'row_condition': {'type': 'and', 'conditions': [{'type': 'nullity', 'column': {'name': 'b'}, 'is_null': true}, {'type': 'or', 'conditions': [{'type': 'pass_through', 'pass_through_filter': 'c > 1'}, {'type': 'comparison', 'column': {'name': 'c'}, 'operator': 'NOT_IN', 'parameter': [2, 3]}]}]}"),
      expectation(
          "expect_column_values_to_not_be_null",
          "'column': 'a', 'condition_parser': 'spark', 'row_condition': {'type': 'and', 'conditions': [{'type': 'or', 'conditions': [{'type': 'comparison', 'column': {'name': 'c'}, 'operator': 'NOT_IN', 'parameter': [3, 2, 3]}, {'type': 'pass_through', 'pass_through_filter': ' c > 1'}]}, {'type': 'nullity', 'column': {'name': 'b'}, 'is_null': true}]}")
    }
  };

  /** Suites that all say something else. */
  private static final List<String> OTHERS =
      List.of(
          "[]",
          expectation("expect_column_values_to_be_between", "'column': 'a', 'min_value': 1"),
          expectation("expect_column_values_to_be_between", "'column': 'b', 'min_value': 1"),
          expectation("expect_column_values_to_be_between", "'column': 'a', 'min_value': '1'"),
          expectation("expect_column_values_to_be_between", "'column': 'a', 'max_value': 1"),
          expectation(
              "expect_column_values_to_be_between",
              "'column': 'a', 'min_value': 1, 'strict_min': true"),
          expectation(
              "expect_column_values_to_be_between", "'column': 'a', 'min_value': 1, 'mostly': 0.9"),
          "[{'type': 'expect_column_values_to_be_between', 'kwargs': {'column': 'a', 'min_value': 1}, 'severity': 'warning'}]",
          expectation(
              "expect_column_values_to_be_between",
              "'column': 'a', 'min_value': 1, 'row_condition': 'b > 1', 'condition_parser': 'spark'"),
          expectation(
              "expect_column_values_to_be_between",
              "'column': 'a', 'min_value': 1, 'row_condition': 'b > 2', 'condition_parser': 'spark'"),
          expectation("expect_column_value_lengths_to_be_between", "'column': 'a', 'min_value': 1"),
          expectation("expect_column_min_to_be_between", "'column': 'a', 'min_value': 1"),
          expectation("expect_column_max_to_be_between", "'column': 'a', 'min_value': 1"),
          expectation("expect_table_row_count_to_be_between", "'min_value': 1"),
          expectation("expect_column_values_to_match_regex", "'column': 'a', 'regex': 'x'"),
          expectation("expect_column_values_to_not_match_regex", "'column': 'a', 'regex': 'x'"),
          expectation("expect_column_values_to_be_in_set", "'column': 'a', 'value_set': ['x']"),
          expectation("expect_column_values_to_not_be_in_set", "'column': 'a', 'value_set': ['x']"),
          expectation("expect_column_values_to_be_null", "'column': 'a'"),
          expectation("expect_column_values_to_not_be_null", "'column': 'a'"),
          expectation("expect_column_to_exist", "'column': 'a'"),
          expectation("expect_column_to_exist", "'column': 'a', 'column_index': 0"),
          expectation("expect_compound_columns_to_be_unique", "'column_list': ['a', 'b']"),
          expectation(
              "expect_compound_columns_to_be_unique",
              "'column_list': ['a', 'b'], 'ignore_row_if': 'any_value_is_missing'"));

  private static String expectation(String type, String arguments) {
    return "[{'type': '%s', 'kwargs': {%s}}]".formatted(type, arguments);
  }

  private static Suite named(String name, String expectations) {
    return Suite.parse(
        "{'name': '%s', 'expectations': %s}".formatted(name, expectations).replace('\'', '"'),
        "x.json");
  }

  @Test
  void hasADigestOfItsMeaningWhateverItsSpelling() {
    for (String[] pair : SAME) {
      assertThat(named("y", pair[1]).meaning()).isEqualTo(named("x", pair[0]).meaning());
      assertThat(named("y", pair[1]).digest()).isEqualTo(named("x", pair[0]).digest());
    }
    assertThat(OTHERS.stream().map(s -> named("x", s).digest()).distinct()).hasSize(OTHERS.size());
  }

  @Test
  void readsItsOwnMeaningToTheSame() {
    List<String> all = new java.util.ArrayList<>(OTHERS);
    Stream.of(SAME).forEach(pair -> all.addAll(List.of(pair)));
    for (String expectations : all) {
      String meaning = named("x", expectations).meaning();
      assertThat(Suite.of("x", meaning).meaning()).isEqualTo(meaning);
    }
  }

  /** Names stand in reasons and metrics, which must go on when deliveries are made anew. */
  @Test
  void readsWhatItWritesDownToTheSameNamesArgumentsAndOrder() {
    List<String> all = new java.util.ArrayList<>(OTHERS);
    Stream.of(SAME).forEach(pair -> all.addAll(List.of(pair)));
    for (String expectations : all) {
      Suite suite = named("x", expectations);
      assertThat(Suite.of("x", suite.written())).isEqualTo(suite);
      assertThat(Suite.of("x", suite.written()).digest()).isEqualTo(suite.digest());
    }
    Suite unique =
        named(
            "x",
            "[{'type': 'expect_column_values_to_be_unique', 'kwargs': {'column': 'a'}, 'notes': 'why', 'meta': {'by': 'me'}}]");
    assertThat(unique.written())
        .isEqualTo(
            "[{\"type\":\"expect_column_values_to_be_unique\",\"kwargs\":{\"column\":\"a\"}}]");
  }

  @Test
  void saysAllThatDoesNotFitTheColumns() {
    Suite suite =
        Suite.parse(
            """
            {"name": "x", "expectations": [
              {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "monht"}},
              {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "month", "value_set": ["a"]}},
              {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "month", "regex": "a"}},
              {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "name", "min_value": 1}},
              {"type": "expect_column_values_to_be_between", "kwargs": {"column": "at", "min_value": "yesterday"}},
              {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "name", "row_condition": "yaer > 3", "condition_parser": "spark"}},
              {"type": "expect_column_to_exist", "kwargs": {"column": "anything"}},
              {"type": "expect_column_values_to_be_between", "kwargs": {"column": "at", "min_value": "2013-01-01"}}
            ]}
            """,
            "x.json");
    StructType columns = StructType.fromDDL("month int, name string, at timestamp, year int");

    assertThatThrownBy(() -> QualityGate.check(suite, columns, ZoneId.of("America/New_York")))
        .hasMessageStartingWith("Cannot use suite x: expectation 1 ")
        .hasMessageContaining("there is no column \"monht\". Did you mean \"month\"?")
        .hasMessageContaining("column month is int and can't be compared with \"a\"")
        .hasMessageContaining("column month is int and no string")
        .hasMessageContaining("column name is string and no number")
        .hasMessageContaining("\"yesterday\" is no instant")
        .hasMessageContaining("there is no column \"yaer\". Did you mean \"year\"?")
        .hasMessageNotContaining("expectation 7")
        .hasMessageNotContaining("expectation 8");
  }

  private static Optional<Constant> number(String text) {
    return Optional.of(new Constant.OfNumber(new BigDecimal(text)));
  }

  private static RowCondition condition(String text, String parser) {
    return suite(
            "expect_column_values_to_not_be_null",
            "\"column\": \"a\", \"row_condition\": \""
                + text
                + "\", \"condition_parser\": \""
                + parser
                + "\"")
        .expectations()
        .get(0)
        .condition()
        .orElseThrow();
  }

  private static Suite suite(String type, String kwargs) {
    return Suite.parse(
        "{\"name\": \"x\", \"expectations\": [{\"type\": \"%s\", \"kwargs\": {%s}}]}"
            .formatted(type, kwargs),
        "x.json");
  }
}
