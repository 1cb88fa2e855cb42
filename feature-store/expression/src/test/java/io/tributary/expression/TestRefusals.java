package io.tributary.expression;

import static io.tributary.expression.Rows.named;
import static io.tributary.expression.Rows.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.ZoneId;
import java.util.List;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestRefusals {
  private static final StructType FLIGHT =
      schema(
          "carrier string, arr_delay int, dep_delay int, departs timestamp, day date, xs array<int>, destination struct<tzone: string>");

  private static String refusal(String sql) {
    try {
      RowExpressions.compile(named("x", sql), FLIGHT, ZoneId.of("America/New_York"));
    } catch (PlatformException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DEFINITION);
      String start = "Cannot check expression x (sources/flights.yaml:20): ";
      assertThat(e.getMessage()).startsWith(start);
      return e.getMessage().substring(start.length());
    }
    throw new AssertionError("not refused: " + sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "now()",
        "current_timestamp",
        "current_timestamp()",
        "current_date",
        "curdate()",
        "localtimestamp",
        "departs > now()",
        "unix_timestamp()",
        "timestamp'today'",
        "date'Yesterday'",
        "departs < timestamp 'now'",
        "datediff(date'tomorrow', day)",
        "departs > TIMESTAMP\"today\""
      })
  void refusesClocksAlsoInLiterals(String sql) {
    assertThat(refusal(sql)).contains("is refused: it reads the clock");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cast('now' as timestamp)",
        "to_date('today')",
        "cast('yesterday' as date)",
        "to_timestamp('now')"
      })
  void neverReadsAClockWordAsATime(String sql) {
    assertThat(refusal(sql)).startsWith("it fails for every row: The value");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rand() | function \"rand\" is refused: it answers differently each time.",
        "uuid() | function \"uuid\" is refused: it answers differently each time.",
        "current_user() | function \"current_user\" is refused: it answers by who runs it",
        "version() | function \"version\" is refused: it answers by who runs it",
        "sum(arr_delay) | function \"sum\" is refused: it aggregates rows.",
        "first(arr_delay) | it is not an expression over one row.",
        "transform(xs, v -> v + 1) | function \"transform\" is refused: functions over lambdas have no stable identity.",
        "from_json(carrier, 'a int') | function \"from_json\" is not one of those that an expression may call.",
        "explode(xs) | function \"explode\" is not one of those",
        "raise_error('x') | function \"raise_error\" is not one of those",
        "hourr(departs) | there is no function \"hourr\". Did you mean \"hour\"?",
        "(select 1) | sub-queries are refused",
        "arr_delay in (select 1) | sub-queries are refused",
        "exists(select 1) | sub-queries are refused",
        "row_number() over (order by arr_delay) | window functions are refused",
        "arr_delay as y | \"as y\" is refused",
        "struct(*) | * is refused: name the columns.",
        ":x + 1 | parameters are refused",
        "null | it is always null and has no type.",
        "departs - timestamp'2013-01-01' | it is an interval, which no table holds.",
        "cast(departs as timestamp_ntz) | a timestamp without zone is no instant.",
        "make_interval(0, 1, 0, 1) + departs | function \"make_interval\" is not one of those",
        "cast('1 month 1 day' as interval) | an interval of months and days",
        "date_format(departs, carrier) | the format of \"date_format\" must be a constant.",
        "1 / 0 | it fails for every row: Division by zero",
        "carrier + day | Cannot resolve",
        "arr_dely | the input has no column \"arr_dely\". Did you mean \"arr_delay\"?",
        "destination.tzon | the input column \"destination\" has no field \"tzon\". Did you mean \"tzone\"?",
        "arr_delay + | Syntax error",
        "carrier + 1 | carrier is text, where bigint is wanted. Say so: cast(carrier as bigint).",
        "carrier > 3 | carrier is text, where bigint is wanted.",
        "coalesce(arr_delay, concat(carrier, 'x')) | concat(carrier, 'x') is text, where bigint is wanted.",
        "carrier and true | carrier is text, where boolean is wanted.",
        "hour(carrier) | carrier is text, where timestamp is wanted.",
        "regexp_replace(carrier, '(', '') | '(' is no regular expression: Unclosed group.",
        "carrier rlike '[' | '[' is no regular expression: Unclosed character class.",
        "date_format(departs, 'bbb') | Unknown pattern letter: b.",
        "to_date(carrier, 'YYYY') | Fail to recognize 'YYYY' pattern",
        "date_trunc('DAYY', departs) | 'DAYY' is no unit that \"date_trunc\" knows.",
        "trunc(day, 'DAY') | 'DAY' is no unit that \"trunc\" knows.",
        "from_utc_timestamp(departs, 'Mars/Utopia') | Unknown time-zone ID: Mars/Utopia",
        "hour(departs, 1) | The `hour` requires 1 parameters but the actual number is 2.",
        "cast(xs as timestamp) | cannot cast \"ARRAY<INT>\" to \"TIMESTAMP\".",
      })
  void saysWhyInPlainWords(String sql, String reason) {
    assertThat(refusal(sql))
        .contains(reason.strip())
        .doesNotContain("[DATATYPE", "Project", "SQLSTATE", "== SQL", "java.", "org.apache");
  }

  @Test
  void parsesTextOnlyWhereItSaysSo() {
    for (String sql :
        List.of(
            "cast(carrier as int) + 1",
            "int(carrier) + 1",
            "try_cast(carrier as double) > 1",
            "to_date(carrier)",
            "to_date(carrier, 'yyyy-MM-dd')",
            "to_timestamp(carrier)",
            "try_to_timestamp(carrier)",
            "to_number(carrier, '999')",
            "departs > '2013-01-01'",
            "concat(carrier, arr_delay)")) {
      assertThat(RowExpressions.compile(named("x", sql), FLIGHT, ZoneId.of("UTC")).schema().size())
          .as(sql)
          .isEqualTo(1);
    }
  }

  @Test
  void refusesAnEmptyExpression() {
    assertThat(refusal("  ")).isEqualTo("the expression is empty. Write one.");
  }

  @Test
  void saysWhereInTheExpression() {
    assertThat(refusal("dep_delay + arr_dely"))
        .isEqualTo(
            "the input has no column \"arr_dely\". Did you mean \"arr_delay\"? (position 13 of: dep_delay + arr_dely)");
    assertThat(refusal("1 +\n  carrir"))
        .isEqualTo(
            "the input has no column \"carrir\". Did you mean \"carrier\"? (position 7 of: 1 +\n  carrir)");
    assertThat(refusal("dep_delay ++ > 1 1")).contains("(position ");
  }

  @Test
  void gathersAllProblems() {
    assertThatThrownBy(
            () ->
                RowExpressions.compile(
                    named("a", "arr_dely + hourr(departs)", "b", "now()", "c", "arr_delay"),
                    FLIGHT,
                    ZoneId.of("UTC")))
        .hasMessageContaining(
            "expression a (sources/flights.yaml:20): the input has no column \"arr_dely\"")
        .hasMessageContaining("there is no function \"hourr\"")
        .hasMessageContaining("expression b (sources/flights.yaml:21)");
  }

  @Test
  void refusesANameThatIsTaken() {
    assertThatThrownBy(
            () -> RowExpressions.compile(named("late", "1", "Late", "2"), FLIGHT, ZoneId.of("UTC")))
        .hasMessageContaining("there is a \"Late\" already. Give it another name.");
  }
}
