package io.tributary.quality.expectation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.quality.Suite;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TestExpectations {
  /** The table of {@code docs/expectations.md} is the catalogue. */
  @Test
  void areDocumentedWithTheirArgumentsAndDefaults() throws Exception {
    assertThat(Files.readAllLines(Path.of("../../docs/expectations.md")))
        .filteredOn(line -> line.startsWith("| `expect_"))
        .containsExactlyElementsOf(
            Expectations.TYPES.stream()
                .map(type -> "| `%s` | %s |".formatted(type.name(), type.form()))
                .toList());
  }

  @Test
  void haveNamesOfTheirOwn() {
    assertThat(Expectations.names()).doesNotHaveDuplicates();
  }

  @Test
  void readsWhatGreatExpectationsOneWrites() {
    Suite suite =
        Suite.parse(
            """
            {"name": "x", "id": "61e07c7f-489a-4b32-b4a2-bcd07beb7033", "notes": null,
             "meta": {"great_expectations_version": "1.24.1"},
             "expectations": [
              {"type": "expect_column_values_to_be_between",
               "kwargs": {"column": "a", "mostly": 0.9, "min_value": 1.0, "max_value": 3.0, "strict_max": true},
               "meta": {}, "id": "95a99f26", "severity": "warning"},
              {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a", "b"]},
               "meta": {}, "severity": "critical"},
              {"type": "expect_column_values_to_be_in_set",
               "kwargs": {"column": "c", "value_set": ["x", 1, null],
                "row_condition": {"column": {"name": "a"}, "operator": ">", "parameter": 3, "type": "comparison"},
                "condition_parser": "great_expectations"}, "meta": {}},
              {"type": "expect_column_values_to_not_be_null",
               "kwargs": {"column": "c", "row_condition": {"type": "and", "conditions": [
                {"column": {"name": "a"}, "operator": "IN", "parameter": [3, 4], "type": "comparison"},
                {"column": {"name": "b"}, "is_null": false, "type": "nullity"}]}}, "meta": {}},
              {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "c", "type_": "IntegerType"}, "meta": {}},
              {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "meta": {}},
              {"type": "expect_column_to_exist", "kwargs": {"column": "a", "column_index": 1}, "meta": {}}
             ]}
            """,
            "x.json");

    assertThat(suite.name()).isEqualTo("x");
    Expectation between = suite.expectations().get(0);
    assertThat(between.rule())
        .isEqualTo(new ValueRange("a", new Range(number("1"), number("3"), false, true), 0.9));
    assertThat(between.severity()).isEqualTo(Severity.WARNING);
    assertThat(between.text())
        .isEqualTo(
            "expect_column_values_to_be_between(column=a, mostly=0.9, min_value=1, max_value=3, strict_max=true)");
    assertThat(suite.expectations().get(1).columns()).containsExactly("a", "b");
    Expectation in = suite.expectations().get(2);
    assertThat(in.rule())
        .isEqualTo(
            new ValueSet(
                "c",
                List.of(new Constant.OfText("x"), new Constant.OfNumber(BigDecimal.ONE)),
                false,
                1));
    assertThat(in.condition())
        .contains(
            new RowCondition.Comparison("a", ">", new Constant.OfNumber(new BigDecimal("3"))));
    assertThat(suite.expectations().get(3).condition())
        .contains(
            new RowCondition.All(
                List.of(
                    new RowCondition.Membership(
                        "a", List.of(number("3").get(), number("4").get()), false),
                    new RowCondition.Nullity("b", true))));
    assertThat(suite.expectations().subList(4, 7))
        .extracting(Expectation::rule)
        .containsExactly(
            new ColumnType("c", List.of("int")),
            new RowCount(new Range(number("1"), Optional.empty(), false, false)),
            new ColumnPresence("a", OptionalInt.of(1)));
  }

  private static Optional<Constant> number(String text) {
    return Optional.of(new Constant.OfNumber(new BigDecimal(text)));
  }
}
