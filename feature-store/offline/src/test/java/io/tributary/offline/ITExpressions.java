package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Derivation;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.RowFunction;
import io.tributary.lake.InternalRows;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions against what a Spark session answers under the same profile. */
class ITExpressions {
  /** Nothing that adds or subtracts time: there Tributary is physical on purpose. */
  private static final List<String> SAME =
      List.of(
          "hour(ts)",
          "minute(ts)",
          "second(ts)",
          "weekday(ts)",
          "dayofweek(ts)",
          "weekofyear(ts)",
          "quarter(ts)",
          "date_trunc('DAY', ts)",
          "date_trunc('HOUR', ts)",
          "date_trunc('MONTH', ts)",
          "cast(ts as date)",
          "cast(d as timestamp)",
          "cast(ts as string)",
          "cast(cast(ts as string) as timestamp)",
          "date_format(ts, 'yyyy-MM-dd EEE HH:mm:ss XXX')",
          "to_date(s, 'yyyy-MM-dd')",
          "to_timestamp(concat(cast(d as string), ' 02:30:00'))",
          "ts + interval 3 months",
          "timestampadd(DAY, 1, ts)",
          "add_months(d, i % 12)",
          "datediff(d, date'2024-01-01')",
          "months_between(ts, timestamp'2024-01-15 12:00:00')",
          "unix_timestamp(ts)",
          "unix_micros(ts)",
          "timestamp_micros(unix_micros(ts) + i)",
          "from_utc_timestamp(ts, 'Asia/Kathmandu')",
          "make_timestamp(2024, 3, 31, i % 24, i % 60, 0, 'Europe/Berlin')",
          "make_date(2024, i % 12 + 1, i % 28 + 1)",
          "a / b",
          "a * b + a - b",
          "i % 7 + n * 2",
          "n div 3",
          "pmod(-i, 5)",
          "round(a, 2)",
          "bround(a, 1)",
          "floor(a)",
          "ceil(a)",
          "log1p(abs(a)) * sqrt(b)",
          "pow(b, 0.3)",
          "sin(a)",
          "greatest(i, n, 3)",
          "least(a, b)",
          "abs(-i)",
          "sign(a)",
          "cast(a as decimal(20, 6))",
          "x * 2 + x",
          "x / 3",
          "cast(x as int)",
          "cast(n as string)",
          "cast(a as float)",
          "cast(a as bigint)",
          "case when i % 3 = 0 then 'fizz' when i % 5 = 0 then 'buzz' end",
          "if(a > 0, s, null)",
          "coalesce(o, i)",
          "nvl(o, -1)",
          "nullif(i % 4, 0)",
          "nanvl(a / b, 0)",
          "isnan(a)",
          "o is null",
          "o <=> i",
          "i between 3 and 90",
          "i in (1, 2, 3, null)",
          "not (o > 5)",
          "o > 5 or i < 3",
          "s like '%-0%'",
          "s rlike '^2.*1$'",
          "substring(s, 2, 5)",
          "left(s, 3)",
          "upper(t)",
          "initcap(t)",
          "length(t)",
          "trim(t)",
          "lpad(t, 12, '*')",
          "concat_ws('|', s, t, cast(i as string))",
          "replace(t, 'a', 'ä')",
          "split(s, '-')[1]",
          "split_part(s, '-', 2)",
          "regexp_extract(s, '(\\\\d+)-(\\\\d+)', 2)",
          "regexp_replace(s, '\\\\d', '#')",
          "translate(t, 'abc', 'xyz')",
          "reverse(t)",
          "instr(t, 'b')",
          "locate('b', t, 2)",
          "levenshtein(s, t)",
          "soundex(t)",
          "md5(t)",
          "sha2(t, 256)",
          "crc32(t)",
          "hash(t, i)",
          "xxhash64(s, n)",
          "base64(cast(t as binary))",
          "struct(i, t)",
          "named_struct('k', i, 'v', a).v",
          "f.g",
          "f",
          "xs[1]",
          "size(xs)",
          "array_contains(xs, 3)",
          "array_max(xs)",
          "sort_array(xs, false)",
          "element_at(xs, -1)",
          "map('k', i)['k']",
          "array_distinct(xs)",
          "slice(xs, 1, 2)",
          "shiftleft(i, 2)",
          "i & 6 | 1 ^ 3",
          "bit_count(n)",
          "width_bucket(a, -5, 5, 10)",
          "try_divide(i, i % 2)",
          "unix_date(d)",
          "last_day(d)",
          "next_day(d, 'MO')",
          "trunc(d, 'YEAR')",
          "extract(DOY from ts)",
          "date_part('SECOND', ts)");

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Lakes.SESSION.spark().newSession();
    spark.conf().set("spark.sql.ansi.enabled", "true");
  }

  /** Minutes over both nights of 2024 that change the clocks in Berlin, and of 2013 in New York. */
  private static Dataset<Row> rows() {
    return spark
        .range(0, 4 * 36 * 60, 13, 2)
        .selectExpr(
            "timestamp_seconds(element_at(array(1711800000L, 1729951200L, 1362859200L, 1383400800L), cast(id div (36 * 60) as int) + 1)"
                + " + (id % (36 * 60)) * 60) as ts",
            "cast(id as int) as i",
            "id * 1000003 as n",
            "(id - 4000) / 77.7D as a",
            "id + 0.5D as b",
            "date_add(date'2024-01-01', cast(id % 366 as int)) as d",
            "cast(date_add(date'2024-01-01', cast(id % 366 as int)) as string) as s",
            "concat(' ab', char(cast(97 + id % 26 as int)), id, ' ') as t",
            "if(id % 3 = 0, null, cast(id % 11 as int)) as o",
            "cast(id / 8 as decimal(12, 3)) as x",
            "array(cast(id % 5 as int), 3, cast(id % 7 as int)) as xs",
            "named_struct('g', concat('g', id % 9), 'h', cast(id as int)) as f");
  }

  private static List<Derivation> named(List<String> texts) {
    List<Derivation> named = new ArrayList<>();
    for (String text : texts) {
      named.add(
          new Derivation(
              "e" + named.size(),
              new SqlText(text, new SourceLocation("expressions.yaml", named.size() + 1))));
    }
    return named;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "America/New_York", "UTC"})
  void giveWhatSparkSqlGives(String zone) {
    Dataset<Row> rows = rows();
    RowExpressions expressions =
        RowExpressions.compile(named(SAME), rows.schema(), ZoneId.of(zone));
    List<Row> ours =
        InternalRows.map(rows, expressions.schema(), RowFunction.of(expressions, "samples")::apply)
            .collectAsList();

    spark.conf().set("spark.sql.session.timeZone", zone);
    try {
      Dataset<Row> spoken = rows().selectExpr(SAME.toArray(String[]::new));
      List<Row> sparks = spoken.collectAsList();
      List<String> different = new ArrayList<>();
      for (int e = 0; e < SAME.size(); e++) {
        if (!expressions
            .schema()
            .fields()[e]
            .dataType()
            .equals(spoken.schema().asNullable().fields()[e].dataType())) {
          different.add("the type of " + SAME.get(e));
        }
        for (int i = 0; i < sparks.size(); i++) {
          if (!Objects.equals(ours.get(i).get(e), sparks.get(i).get(e))) {
            different.add(SAME.get(e) + " of " + sparks.get(i) + ": " + ours.get(i).get(e));
          }
        }
      }
      assertThat(different).isEmpty();
      assertThat(ours).hasSameSizeAs(sparks).hasSizeGreaterThan(500);
    } finally {
      spark.conf().set("spark.sql.session.timeZone", "UTC");
    }
  }

  @Test
  void doNotSeeTheSessionsZoneOrDialect() {
    StructType schema = rows().schema();
    RowExpressions expressions =
        RowExpressions.compile(
            named(List.of("hour(ts)", "ts + interval 24 hours", "cast(s as date)", "a / b")),
            schema,
            ZoneId.of("Europe/Berlin"));
    List<List<Row>> answers = new ArrayList<>();
    for (String zone : List.of("UTC", "Asia/Tokyo")) {
      spark.conf().set("spark.sql.session.timeZone", zone);
      spark.conf().set("spark.sql.ansi.enabled", "false");
      answers.add(
          InternalRows.map(
                  rows(), expressions.schema(), RowFunction.of(expressions, "samples")::apply)
              .collectAsList());
    }
    spark.conf().set("spark.sql.session.timeZone", "UTC");
    spark.conf().set("spark.sql.ansi.enabled", "true");
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
  }

  @Test
  void keepFailingRowsApart() {
    Dataset<Row> rows = rows();
    RowExpressions expressions =
        RowExpressions.compile(
                named(List.of("100 div (i % 4)", "e0 + 1", "cast(t as int)")),
                rows.schema(),
                ZoneId.of("UTC"))
            .withInput();
    RowFunction function = RowFunction.keepingFailures(expressions);
    Dataset<Row> out = InternalRows.map(rows.repartition(4), function.schema(), function::apply);

    String counts =
        "count_if(_failures is null), count_if(size(_failures) = 2), count_if(_failures[0].expression = 'e2' and size(_failures) = 1), sum(n)";
    Row expected =
        rows.selectExpr("0L", "count_if(i % 4 = 0)", "count_if(i % 4 != 0)", "sum(n)").first();
    assertThat(out.selectExpr(counts.split("(?<=\\)), ", -1)).first()).isEqualTo(expected);
  }
}
