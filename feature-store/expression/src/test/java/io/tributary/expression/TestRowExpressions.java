package io.tributary.expression;

import static io.tributary.expression.Rows.evaluate;
import static io.tributary.expression.Rows.named;
import static io.tributary.expression.Rows.row;
import static io.tributary.expression.Rows.schema;
import static io.tributary.expression.Rows.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestRowExpressions {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final StructType FLIGHT =
      schema(
          "carrier string, arr_delay int, distance double, departs timestamp, destination struct<tzone: string, alt: int>");

  @Test
  void computesTopToBottomAndUsesWhatStandsAbove() {
    RowExpressions e =
        RowExpressions.compile(
            named(
                "late", "arr_delay > 15",
                "landed", "departs + make_dt_interval(0, 0, arr_delay)",
                "hour", "hour(landed)",
                "text", "if(late, concat(carrier, ' late at ', hour), 'on time')",
                "zone", "coalesce(Destination.TZONE, 'none')"),
            FLIGHT,
            NEW_YORK);
    Evaluator evaluator = e.evaluator();
    Instant departs = Instant.parse("2013-07-01T14:50:00Z");

    assertThat(e.schema().catalogString())
        .isEqualTo("struct<late:boolean,landed:timestamp,hour:int,text:string,zone:string>");
    assertThat(
            values(
                evaluator.evaluate(row("UA", 20, 1.0, departs, row("America/Denver", 5))),
                e.schema()))
        .containsExactly(true, departs.plusSeconds(1200), 11, "UA late at 11", "America/Denver");
    assertThat(values(evaluator.evaluate(row("UA", 5, 1.0, departs, null)), e.schema()))
        .containsExactly(false, departs.plusSeconds(300), 10, "on time", "none");
    assertThat(values(evaluator.evaluate(row(null, null, null, null, null)), e.schema()))
        .containsExactly(null, null, null, "on time", "none");
  }

  @Test
  void keepsTheInputsColumnsWhenAsked() {
    RowExpressions e =
        RowExpressions.compile(named("twice", "n * 2"), schema("k string, n int"), NEW_YORK)
            .withInput();

    assertThat(e.schema().catalogString()).isEqualTo("struct<k:string,n:int,twice:int>");
    assertThat(values(e.evaluator().evaluate(row("a", 21)), e.schema()))
        .containsExactly("a", 21, 42);
  }

  @Test
  void letsANameMeanTheInputsColumnAsInASelectList() {
    RowExpressions e =
        RowExpressions.compile(
            named("b", "a * 10", "a", "a + 1", "c", "a + b"), schema("a int"), NEW_YORK);

    assertThat(values(e.evaluator().evaluate(row(1)), e.schema())).containsExactly(10, 2, 11);
    assertThatThrownBy(e::withInput)
        .hasMessageContaining("Cannot keep the input beside expression a");
  }

  @Test
  void chainsStepsSoThatNamesMayBeUsedAgain() {
    RowExpressions request =
        RowExpressions.compile(
            named("distance", "cast(miles as double)"),
            schema("miles int, distance string"),
            NEW_YORK);
    RowExpressions features =
        RowExpressions.compile(
            named("far", "distance > 1000"), schema("distance double"), NEW_YORK);
    RowExpressions both = request.then(features);

    assertThat(values(both.evaluator().evaluate(row(1500, "x")), both.schema()))
        .containsExactly(true);
    assertThat(both.input().catalogString()).isEqualTo("struct<miles:int,distance:string>");
  }

  @Test
  void bindsByNameOverRowsWithMoreColumns() {
    RowExpressions e =
        RowExpressions.compile(named("twice", "n * 2"), schema("k string, n int"), NEW_YORK);
    RowExpressions over = e.over(schema("_delivery bigint, n int, k string"));

    assertThat(values(over.evaluator().evaluate(row(7L, 4, "a")), over.schema()))
        .containsExactly(8);
    assertThat(over.identity()).isEqualTo(e.identity());
    assertThat(e.columns()).containsExactly("n");
    assertThat(e.withInput().columns()).containsExactly("k", "n");
    assertThat(values(e.over(schema("n int")).evaluator().evaluate(row(4)), e.schema()))
        .containsExactly(8);
    assertThatThrownBy(() -> e.over(schema("k string, n bigint")))
        .hasMessageContaining("they lack column \"n\" of type int");
  }

  @Test
  void addsDayTimeIntervalsPhysicallyOverBothNightsThatChangeTheClocks() {
    StructType ts = schema("ts timestamp, ts2 timestamp, d date");
    for (String zone : List.of("Europe/Berlin", "America/New_York", "UTC")) {
      for (String noon :
          List.of(
              "2024-03-30T11:00:00Z",
              "2024-10-26T11:00:00Z",
              "2013-03-09T17:00:00Z",
              "2013-11-02T16:00:00Z")) {
        Instant t = Instant.parse(noon);
        Instant later = t.plusSeconds(86_400);
        for (String day :
            List.of(
                "ts + interval 24 hours",
                "ts + interval 1 day",
                "interval '1' day + ts",
                "ts + interval '1 00:00:00' day to second",
                "ts + make_dt_interval(1)",
                "ts + make_dt_interval(0, 24)",
                "ts + 2 * interval 12 hours",
                "ts - interval -1 day",
                "timestampadd(HOUR, 24, ts)")) {
          assertThat(evaluate(day, ts, zone, t, null, null))
              .as(day + " " + zone + " " + noon)
              .isEqualTo(later);
        }
        assertThat(evaluate("ts + interval 23 hours", ts, zone, t, null, null))
            .isEqualTo(t.plusSeconds(82_800));
        assertThat(evaluate("ts - interval 7 days", ts, zone, later, null, null))
            .isEqualTo(later.minusSeconds(7 * 86_400));
        assertThat(evaluate("ts2 - ts = interval 24 hours", ts, zone, t, later, null))
            .isEqualTo(true);
        assertThat(evaluate("timestampdiff(HOUR, ts, ts2)", ts, zone, t, later, null))
            .isEqualTo(24L);
        assertThat(evaluate("timestampdiff(SECOND, ts, ts2)", ts, zone, t, later, null))
            .isEqualTo(86_400L);
      }
    }
  }

  @Test
  void keepsCalendarUnitsOfTheZoneWhereTheyAreNamed() {
    StructType ts = schema("ts timestamp, d date");
    Instant noon =
        Instant.parse("2024-03-30T11:00:00Z"); // 12:00 in Berlin, before the spring night
    assertThat(evaluate("timestampadd(DAY, 1, ts)", ts, "Europe/Berlin", noon, null))
        .isEqualTo(Instant.parse("2024-03-31T10:00:00Z"));
    assertThat(evaluate("ts + interval 1 month", ts, "Europe/Berlin", noon, null))
        .isEqualTo(Instant.parse("2024-04-30T10:00:00Z"));
    assertThat(evaluate("date_trunc('DAY', ts)", ts, "Europe/Berlin", noon, null))
        .isEqualTo(Instant.parse("2024-03-29T23:00:00Z"));
    assertThat(
            evaluate("cast(d as timestamp)", ts, "Europe/Berlin", noon, LocalDate.of(2024, 7, 1)))
        .isEqualTo(Instant.parse("2024-06-30T22:00:00Z"));
    assertThat(
            evaluate("d + interval 25 hours", ts, "Europe/Berlin", noon, LocalDate.of(2024, 3, 31)))
        .isEqualTo(Instant.parse("2024-04-01T00:00:00Z"));
  }

  @Test
  void movesALocalTimeThatDoesNotExistByTheGapAndTakesTheEarlierOfTwo() {
    StructType zone = schema("z string");
    assertThat(
            evaluate("make_timestamp(2013, 3, 10, 2, 30, 0, z)", zone, "UTC", "America/New_York"))
        .isEqualTo(Instant.parse("2013-03-10T07:30:00Z"));
    assertThat(
            evaluate("make_timestamp(2013, 11, 3, 1, 30, 0, z)", zone, "UTC", "America/New_York"))
        .isEqualTo(Instant.parse("2013-11-03T05:30:00Z"));
  }

  @Test
  void takesTheZoneFromTheDefinitionAlone() {
    StructType ts = schema("ts timestamp");
    Instant t = Instant.parse("2013-07-01T03:00:00Z");
    assertThat(evaluate("hour(ts)", ts, "America/New_York", t)).isEqualTo(23);
    assertThat(evaluate("hour(ts)", ts, "Asia/Kathmandu", t)).isEqualTo(8);
    assertThat(evaluate("cast(ts as date)", ts, "America/New_York", t))
        .isEqualTo(LocalDate.of(2013, 6, 30));
    assertThat(evaluate("ts = timestamp'2013-06-30 23:00:00'", ts, "America/New_York", t))
        .isEqualTo(true);
    assertThat(evaluate("ts = '2013-06-30 23:00:00'", ts, "America/New_York", t)).isEqualTo(true);
  }

  @Test
  void namesEachExpressionThatFailsOnARowInPlainWords() {
    RowExpressions e =
        RowExpressions.compile(
            named(
                "number", "cast(s as int)",
                "twice", "number * 2",
                "ratio", "1.0D / d",
                "sum", "i + 2147483647",
                "fine", "length(s)"),
            schema("s string, d double, i int"),
            NEW_YORK);
    Evaluator evaluator = e.evaluator();

    assertThat(values(evaluator.evaluate(row("4", 2.0, 0)), e.schema()))
        .containsExactly(4, 8, 0.5, 2147483647, 1);
    assertThatThrownBy(() -> evaluator.evaluate(row("4", 0.0, 0)))
        .isInstanceOf(ExpressionFailure.class)
        .hasMessage(
            "ratio: Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead");
    assertThat(evaluator.failures(row("x", 0.0, 1)))
        .extracting(ExpressionFailure::expression)
        .containsExactly("number", "ratio", "sum");
    assertThat(evaluator.failures(row("x", 1.0, 0)).get(0).reason())
        .startsWith(
            "The value 'x' of the type \"STRING\" cannot be cast to \"INT\" because it is malformed")
        .doesNotContain("spark", "SQL(", "[");
    assertThat(values(evaluator.evaluate(row("4", 2.0, 0)), e.schema()))
        .containsExactly(4, 8, 0.5, 2147483647, 1);
    assertThat(evaluator.failures(row("4", 2.0, 0))).isEmpty();
  }

  @Test
  void makesADerivedFeatureNullWhereItsDenominatorIsZeroOrNull() {
    RowExpressions e =
        RowExpressions.compile(
            named("ratio", "a / b", "whole", "n div m", "rest", "n % m", "decimal", "x / y"),
            schema("a double, b double, n bigint, m int, x decimal(10,2), y decimal(10,2)"),
            NEW_YORK,
            Division.NULL_WHERE_ZERO);
    var one = org.apache.spark.sql.types.Decimal.apply(100, 10, 2);
    var zero = org.apache.spark.sql.types.Decimal.apply(0, 10, 2);

    assertThat(values(e.evaluator().evaluate(row(1.0, 0.0, 7L, 0, one, zero)), e.schema()))
        .containsExactly(null, null, null, null);
    assertThat(values(e.evaluator().evaluate(row(1.0, -0.0, 7L, null, one, null)), e.schema()))
        .containsExactly(null, null, null, null);
    assertThat(
            values(e.evaluator().evaluate(row(1.0, 4.0, 7L, 2, one, one)), e.schema())
                .subList(0, 3))
        .containsExactly(0.25, 3L, 1L);
  }

  @Test
  void survivesSerialization() throws Exception {
    RowExpressions e =
        RowExpressions.compile(named("twice", "n * 2"), schema("n int"), NEW_YORK).withInput();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(e);
    }
    RowExpressions back;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      back = (RowExpressions) in.readObject();
    }

    assertThat(back.schema()).isEqualTo(e.schema());
    assertThat(back.identity()).isEqualTo(e.identity());
    assertThat(values(back.evaluator().evaluate(row(3)), back.schema())).containsExactly(3, 6);
  }

  @Test
  void givesEachThreadItsOwnEvaluator() throws Exception {
    RowExpressions e =
        RowExpressions.compile(
            named(
                "day", "date_format(ts, 'EEE yyyy-MM-dd HH:mm:ss')",
                "part", "substring(s, 2, 3)",
                "digits", "regexp_replace(s, '[^0-9]', '')",
                "long", "concat(day, part)"),
            schema("ts timestamp, s string"),
            NEW_YORK);
    List<InternalRow> rows = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      rows.add(row(Instant.ofEpochSecond(1_363_000_000L + i * 977L), "v" + i * 31 + "x"));
    }
    Callable<List<List<Object>>> work =
        () -> {
          Evaluator evaluator = e.evaluator();
          return rows.stream().map(r -> values(evaluator.evaluate(r), e.schema())).toList();
        };
    List<List<Object>> alone = work.call();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<List<List<Object>>> together :
          threads.invokeAll(List.of(work, work, work, work))) {
        assertThat(together.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(alone.get(0))
        .containsExactly("Mon 2013-03-11 07:06:40", "0x", "0", "Mon 2013-03-11 07:06:400x");
  }
}
