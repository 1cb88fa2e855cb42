package io.tributary.expression;

import static io.tributary.expression.Rows.named;
import static io.tributary.expression.Rows.row;
import static io.tributary.expression.Rows.schema;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Every function that is allowed can be called, and the documentation lists them all. */
class TestFunctions {
  private static final StructType INPUT =
      schema(
          "i int, n bigint, a double, s string, d date, ts timestamp, xs array<int>, b binary, yes boolean");

  private static final List<String> CALLS =
      List.of(
          "abs(i)",
          "acos(0.5)",
          "acosh(a)",
          "asin(0.5)",
          "asinh(a)",
          "atan(a)",
          "atan2(a, a)",
          "atanh(0.5)",
          "bin(n)",
          "bit_count(i)",
          "bit_get(i, 1)",
          "getbit(i, 1)",
          "bround(a, 1)",
          "cbrt(a)",
          "ceil(a)",
          "ceiling(a)",
          "cos(a)",
          "cosh(a)",
          "cot(a)",
          "csc(a)",
          "degrees(a)",
          "e()",
          "exp(a)",
          "expm1(a)",
          "factorial(5)",
          "floor(a)",
          "greatest(i, 2)",
          "hex(n)",
          "hypot(a, a)",
          "least(i, 2)",
          "ln(a)",
          "log(a)",
          "log10(a)",
          "log1p(a)",
          "log2(a)",
          "mod(i, 2)",
          "negative(i)",
          "pi()",
          "pmod(i, 2)",
          "positive(i)",
          "pow(a, 2)",
          "power(a, 2)",
          "radians(a)",
          "rint(a)",
          "round(a, 1)",
          "sec(a)",
          "shiftleft(i, 1)",
          "shiftright(i, 1)",
          "shiftrightunsigned(i, 1)",
          "sign(a)",
          "signum(a)",
          "sin(a)",
          "sinh(a)",
          "sqrt(a)",
          "tan(a)",
          "tanh(a)",
          "try_add(i, 1)",
          "try_divide(i, 0)",
          "try_multiply(i, 2)",
          "try_subtract(i, 1)",
          "unhex('ff')",
          "width_bucket(a, 0, 5, 5)",
          "coalesce(i, 1)",
          "equal_null(i, 1)",
          "if(yes, 1, 2)",
          "ifnull(i, 1)",
          "isnan(a)",
          "isnotnull(i)",
          "isnull(i)",
          "nanvl(a, 0)",
          "not(yes)",
          "nullif(i, 1)",
          "nvl(i, 1)",
          "nvl2(i, 1, 2)",
          "ascii(s)",
          "base64(b)",
          "bit_length(s)",
          "btrim(s)",
          "char(i)",
          "char_length(s)",
          "character_length(s)",
          "chr(i)",
          "concat(s, s)",
          "concat_ws('-', s, s)",
          "contains(s, 'a')",
          "decode(b, 'UTF-8')",
          "encode(s, 'UTF-8')",
          "endswith(s, 'a')",
          "find_in_set('a', s)",
          "initcap(s)",
          "instr(s, 'a')",
          "lcase(s)",
          "left(s, 1)",
          "len(s)",
          "length(s)",
          "levenshtein(s, 'a')",
          "like(s, 'a%')",
          "ilike(s, 'A%')",
          "locate('a', s)",
          "lower(s)",
          "lpad(s, 5, '.')",
          "ltrim(s)",
          "octet_length(s)",
          "overlay(s, 'x', 1, 1)",
          "position('a', s)",
          "regexp(s, 'a')",
          "regexp_count(s, 'a')",
          "regexp_extract(s, '(a)', 1)",
          "regexp_extract_all(s, '(a)', 1)",
          "regexp_instr(s, 'a')",
          "regexp_like(s, 'a')",
          "regexp_replace(s, 'a', 'b')",
          "regexp_substr(s, 'a')",
          "repeat(s, 2)",
          "replace(s, 'a', 'b')",
          "reverse(s)",
          "right(s, 1)",
          "rlike(s, 'a')",
          "rpad(s, 5, '.')",
          "rtrim(s)",
          "soundex(s)",
          "space(2)",
          "split(s, 'b')",
          "split_part(s, 'b', 1)",
          "startswith(s, 'a')",
          "substr(s, 1)",
          "substring(s, 1, 2)",
          "substring_index(s, 'b', 1)",
          "to_number('12', '99')",
          "translate(s, 'a', 'b')",
          "trim(s)",
          "try_to_number(s, '99')",
          "ucase(s)",
          "unbase64('YWI=')",
          "upper(s)",
          "crc32(s)",
          "hash(s)",
          "md5(s)",
          "sha(s)",
          "sha1(s)",
          "sha2(s, 256)",
          "xxhash64(s)",
          "add_months(d, 1)",
          "date_add(d, 1)",
          "date_diff(d, d)",
          "date_format(ts, 'yyyy')",
          "date_from_unix_date(i)",
          "date_part('YEAR', d)",
          "date_sub(d, 1)",
          "date_trunc('DAY', ts)",
          "dateadd(d, 1)",
          "datediff(d, d)",
          "datepart('YEAR', d)",
          "day(d)",
          "dayofmonth(d)",
          "dayofweek(d)",
          "dayofyear(d)",
          "extract(year from d)",
          "from_unixtime(n, 'yyyy')",
          "from_utc_timestamp(ts, 'Asia/Tokyo')",
          "hour(ts)",
          "last_day(d)",
          "make_date(2013, 1, i)",
          "ts + make_dt_interval(i)",
          "make_timestamp(2013, 1, i, 0, 0, 0)",
          "make_timestamp_ltz(2013, 1, i, 0, 0, 0)",
          "ts + make_ym_interval(i)",
          "minute(ts)",
          "month(d)",
          "months_between(ts, ts)",
          "next_day(d, 'MO')",
          "quarter(d)",
          "second(ts)",
          "timestamp_micros(n)",
          "timestamp_millis(n)",
          "timestamp_seconds(n)",
          "to_date('2013-01-01')",
          "to_timestamp('2013-01-01')",
          "to_timestamp_ltz('2013-01-01')",
          "to_unix_timestamp(ts)",
          "to_utc_timestamp(ts, 'Asia/Tokyo')",
          "trunc(d, 'MONTH')",
          "try_to_timestamp(s)",
          "unix_date(d)",
          "unix_micros(ts)",
          "unix_millis(ts)",
          "unix_seconds(ts)",
          "unix_timestamp(ts)",
          "weekday(d)",
          "weekofyear(d)",
          "year(d)",
          "array(i, 1)",
          "array_append(xs, 1)",
          "array_contains(xs, 1)",
          "array_distinct(xs)",
          "array_except(xs, xs)",
          "array_intersect(xs, xs)",
          "array_join(array(s), ',')",
          "array_max(xs)",
          "array_min(xs)",
          "array_position(xs, 1)",
          "array_prepend(xs, 1)",
          "array_remove(xs, 1)",
          "array_repeat(i, 2)",
          "array_size(xs)",
          "array_union(xs, xs)",
          "arrays_overlap(xs, xs)",
          "cardinality(xs)",
          "element_at(xs, 1)",
          "flatten(array(xs, xs))",
          "get(xs, 9)",
          "map('k', i)",
          "map_contains_key(map('k', i), 'k')",
          "map_from_arrays(xs, xs)",
          "map_keys(map('k', i))",
          "map_values(map('k', i))",
          "named_struct('k', i)",
          "size(xs)",
          "slice(xs, 1, 1)",
          "sort_array(xs)",
          "struct(i, s)",
          "try_element_at(xs, 9)",
          "bigint(i)",
          "binary(s)",
          "boolean(i)",
          "date(ts)",
          "decimal(i)",
          "double(i)",
          "float(i)",
          "int(n)",
          "smallint(i)",
          "string(i)",
          "timestamp(d)",
          "tinyint(i)");

  @Test
  void canAllBeCalled() {
    var values =
        row(
            3,
            5L,
            1.5,
            "abc",
            LocalDate.of(2013, 3, 9),
            Instant.parse("2013-03-09T12:00:00Z"),
            new GenericArrayData(new Object[] {1, 2}),
            new byte[] {1, 2},
            true);
    for (String call : CALLS) {
      RowExpressions e =
          RowExpressions.compile(named("x", call), INPUT, ZoneId.of("America/New_York"));
      assertThat(e.evaluator().failures(values)).as(call).isEmpty();
    }
  }

  @Test
  void areAllTried() {
    TreeSet<String> tried = new TreeSet<>();
    for (String call : CALLS) {
      for (Matcher m = Pattern.compile("([a-z0-9_]+)\\(").matcher(call); m.find(); ) {
        tried.add(m.group(1));
      }
    }
    assertThat(tried).containsAll(RowExpressions.functions());
  }

  @Test
  void areAllInTheDocumentation() throws Exception {
    String page = Files.readString(Path.of("..", "..", "docs", "expressions.md"));
    String list = page.substring(page.indexOf("## Functions"));
    TreeSet<String> documented = new TreeSet<>();
    for (Matcher m = Pattern.compile("`([a-z0-9_]+)`").matcher(list); m.find(); ) {
      documented.add(m.group(1));
    }
    assertThat(documented).isEqualTo(RowExpressions.functions());
  }
}
