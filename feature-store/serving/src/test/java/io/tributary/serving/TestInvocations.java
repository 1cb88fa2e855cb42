package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.definition.Model.Encoding;
import io.tributary.model.Input;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request for scores says, before a model sees it. */
class TestInvocations {
  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .readTree(text.replace('\'', '"'));
  }

  private static Frame frame(String body) throws IOException {
    return Frame.of(Body.of(json(body), Set.of("dataframe_records", "dataframe_split")));
  }

  private static Input input(String type) {
    return new Input(
        "x", type, type.equals("string") ? new Encoding.OneHot() : new Encoding.Standardize());
  }

  @Test
  void readsRecordsAndColumns() throws IOException {
    Frame records = frame("{'dataframe_records': [{'a': 1, 'b': 'x'}, {'b': true, 'a': null}]}");
    assertThat(records.columns().keySet()).containsExactly("a", "b");
    assertThat(records.value(0, "b").textValue()).isEqualTo("x");
    assertThat(records.value(1, "b").booleanValue()).isTrue();
    assertThat(records.value(1, "a").isNull()).isTrue();
    Frame split =
        frame(
            "{'dataframe_split': {'index': [0, 1], 'columns': ['a', 'b'], 'data': [[1, 'x'], [2, null]]}}");
    assertThat(split.columns().keySet()).containsExactly("a", "b");
    assertThat(split.value(1, "a").longValue()).isEqualTo(2);
    assertThat(split.value(1, "b").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | it has to have either",
        "{'dataframe_records': [{'a': 1}], 'dataframe_split': {}} | it has to have either",
        "{'instances': [[1]]} | \"instances\" means nothing.",
        "{'dataframe_records': []} | it has 0 rows, and 1 to 1000 are scored.",
        "{'dataframe_records': [[1]]} | \"dataframe_records\" is no list of objects",
        "{'dataframe_records': 'a'} | \"dataframe_records\" is no list of objects",
        "{'dataframe_records': {'a': {'x': 1}}} | \"dataframe_records\" is no list of objects",
        "{'dataframe_records': [{'a': 1}, {'a': 1, 'b': 1}]} | row 1 of \"dataframe_records\" has other columns than the first. Write all of them in each",
        "{'dataframe_records': [{'a': 1, 'b': 1}, {'a': 1}]} | row 1 of \"dataframe_records\" has other columns",
        "{'dataframe_records': [{'a': 1}, {'b': 1}]} | row 1 of \"dataframe_records\" has other columns",
        "{'dataframe_split': {'columns': ['a'], 'data': {'0': [1]}}} | \"data\" is no list of rows",
        "{'dataframe_split': {'columns': ['a']}} | it has no \"data\"",
        "{'dataframe_split': {'columns': ['a', 'a'], 'data': [[1, 2]]}} | has a column twice",
        "{'dataframe_split': {'columns': ['a'], 'data': [[1], [1, 2]]}} | row 1 of \"data\" is no list of 1 values",
        "{'dataframe_split': {'columns': ['a'], 'data': [1]}} | row 0 of \"data\" is no list of 1 values"
      })
  void refusesOthers(String body, String why) {
    assertThatThrownBy(() -> frame(body))
        .hasMessageStartingWith("Cannot read the request: ")
        .hasMessageContaining(why);
  }

  @Test
  void takesEachTypeAsItsColumnWould() throws IOException {
    assertThat(InputValues.of(json("7"), input("tinyint"))).isEqualTo(7L);
    assertThat(InputValues.of(json("-9223372036854775808"), input("bigint")))
        .isEqualTo(Long.MIN_VALUE);
    assertThat(InputValues.of(json("0.1"), input("double"))).isEqualTo(0.1);
    assertThat(InputValues.of(json("3"), input("double"))).isEqualTo(3.0);
    assertThat(InputValues.of(json("0.1"), input("float"))).isEqualTo((double) 0.1f);
    assertThat((BigDecimal) InputValues.of(json("1.50"), input("decimal(3,1)")))
        .isEqualByComparingTo("1.5");
    assertThat((BigDecimal) InputValues.of(json("'1.50'"), input("decimal(3,1)")))
        .as("as /features writes it")
        .isEqualByComparingTo("1.5");
    assertThat(InputValues.of(json("'NaN'"), input("double"))).isEqualTo(Double.NaN);
    assertThat(InputValues.of(json("'-Infinity'"), input("double")))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(InputValues.of(json("true"), input("boolean"))).isEqualTo(true);
    assertThat(InputValues.of(json("'a'"), input("string"))).isEqualTo("a");
    assertThat(InputValues.of(json("null"), input("double"))).isNull();
  }

  @Test
  void refusesValuesOfOtherTypes() throws IOException {
    for (List<String> wrong :
        List.of(
            List.of("128", "tinyint"),
            List.of("1.5", "int"),
            List.of("9223372036854775808", "bigint"),
            List.of("'1'", "double"),
            List.of("1.55", "decimal(3,1)"),
            List.of("100", "decimal(3,1)"),
            List.of("'1.55'", "decimal(3,1)"),
            List.of("'1e2147483630'", "decimal(3,1)"),
            List.of("'NaN'", "decimal(3,1)"),
            List.of("'nan'", "double"),
            List.of("1e900000000", "decimal(3,1)"),
            List.of("1e900000000", "double"),
            List.of("1e300", "float"),
            List.of("1", "boolean"),
            List.of("1", "string"),
            List.of("[1]", "double"))) {
      JsonNode value = json(wrong.get(0));
      assertThatThrownBy(() -> InputValues.of(value, input(wrong.get(1))))
          .as(wrong.toString())
          .hasMessage(
              "Cannot read input x: %s is no %s. Give a value of that type, or null."
                  .formatted(Body.shown(value.toString()), wrong.get(1)));
    }
  }
}
