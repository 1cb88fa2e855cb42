package io.tributary.quality;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.Json;
import io.tributary.quality.expectation.Expectations;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ITQualityGate {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          "n int, x double, f float, s string, b boolean, t timestamp, m decimal(9,2), _file string, _line bigint");
  private static final ZoneId ZONE = ZoneId.of("America/New_York");

  /** Expectations beside what they mean, said again in plain Java. */
  private static final List<Case> CASES =
      List.of(
          ofValues("not_be_null", "n", "", r -> true, r -> r.get(0) != null),
          ofValues("be_null", "s", "", r -> true, r -> r.get(3) == null),
          ofValues(
              "be_between",
              "n",
              "\"min_value\": 2, \"max_value\": 5",
              has(0),
              r -> r.getInt(0) >= 2 && r.getInt(0) <= 5),
          ofValues(
              "be_between",
              "n",
              "\"min_value\": 2, \"max_value\": 5, \"strict_min\": true, \"strict_max\": true",
              has(0),
              r -> r.getInt(0) > 2 && r.getInt(0) < 5),
          ofValues("be_between", "n", "\"min_value\": 2.5", has(0), r -> r.getInt(0) >= 2.5),
          ofValues("be_between", "x", "\"min_value\": 0.1", has(1), r -> r.getDouble(1) >= 0.1),
          ofValues("be_between", "x", "\"max_value\": 1e300", has(1), r -> r.getDouble(1) <= 1e300),
          ofValues(
              "be_between",
              "f",
              "\"min_value\": 0.1, \"max_value\": 7",
              has(2),
              r -> r.getFloat(2) >= 0.1f && r.getFloat(2) <= 7f),
          ofValues(
              "be_between",
              "s",
              "\"min_value\": \"a\", \"max_value\": \"b\"",
              has(3),
              r -> r.getString(3).compareTo("a") >= 0 && r.getString(3).compareTo("b") <= 0),
          ofValues(
              "be_between",
              "t",
              "\"min_value\": \"2013-03-10\", \"max_value\": \"2013-03-10T08:00:00Z\", \"strict_max\": true",
              has(5),
              r ->
                  !instant(r).isBefore(Instant.parse("2013-03-10T05:00:00Z"))
                      && instant(r).isBefore(Instant.parse("2013-03-10T08:00:00Z"))),
          ofValues(
              "be_between",
              "m",
              "\"min_value\": -1.5, \"max_value\": 1.25",
              has(6),
              r ->
                  r.getDecimal(6).compareTo(new BigDecimal("-1.5")) >= 0
                      && r.getDecimal(6).compareTo(new BigDecimal("1.25")) <= 0),
          ofValues(
              "be_in_set",
              "n",
              "\"value_set\": [1, 3, null, 5]",
              has(0),
              r -> List.of(1, 3, 5).contains(r.getInt(0))),
          ofValues("be_in_set", "n", "\"value_set\": []", has(0), r -> false),
          ofValues("not_be_in_set", "n", "\"value_set\": []", has(0), r -> true),
          ofValues(
              "be_in_set",
              "x",
              "\"value_set\": [0.1, 0]",
              has(1),
              r -> r.getDouble(1) == 0.1 || r.getDouble(1) == 0),
          ofValues("be_in_set", "b", "\"value_set\": [true]", has(4), r -> r.getBoolean(4)),
          ofValues(
              "be_in_set",
              "s",
              "\"value_set\": [\"\", \"it's\", \"a\\\\b\"]",
              has(3),
              r -> List.of("", "it's", "a\\b").contains(r.getString(3))),
          ofValues(
              "not_be_in_set",
              "s",
              "\"value_set\": [\"a\", null]",
              has(3),
              r -> !r.getString(3).equals("a")),
          ofValues(
              "match_regex",
              "s",
              "\"regex\": \"b+\"",
              has(3),
              r -> Pattern.compile("b+").matcher(r.getString(3)).find()),
          ofValues(
              "match_regex",
              "s",
              "\"regex\": \"^[a-z]*\\\\\\\\?[a-z']*$\"",
              has(3),
              r -> Pattern.compile("^[a-z]*\\\\?[a-z']*$").matcher(r.getString(3)).find()),
          ofValues(
              "not_match_regex",
              "s",
              "\"regex\": \"'|^$\"",
              has(3),
              r -> !Pattern.compile("'|^$").matcher(r.getString(3)).find()),
          new Case(
              "expect_column_value_lengths_to_be_between",
              "\"column\": \"s\", \"min_value\": 1, \"max_value\": 3",
              3,
              has(3),
              r ->
                  r.getString(3).codePointCount(0, r.getString(3).length()) >= 1
                      && r.getString(3).codePointCount(0, r.getString(3).length()) <= 3),
          ofValues(
              "not_be_null",
              "s",
              "\"row_condition\": \"col(\\\"n\\\") > 2\", \"condition_parser\": \"great_expectations\"",
              r -> r.get(0) != null && r.getInt(0) > 2,
              r -> r.get(3) != null),
          ofValues(
              "be_between",
              "x",
              "\"min_value\": 0, \"row_condition\": \"s = 'a' or n is null\", \"condition_parser\": \"spark\"",
              r -> r.get(1) != null && ("a".equals(r.get(3)) || r.get(0) == null),
              r -> r.getDouble(1) >= 0));

  private static SparkSession spark;

  private record Case(
      String type, String kwargs, int column, Predicate<Row> considered, Predicate<Row> met) {}

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", true)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void agreesWithALoopOverRowsOnEveryRowExpectation() {
    for (int seed = 0; seed < 4; seed++) {
      List<Row> rows = rows(new Random(seed), new int[] {0, 5, 40, 200}[seed]);
      double mostly = new double[] {1, 0.5, 0.25, 0.75}[seed];
      StringBuilder json = new StringBuilder("{\"name\": \"x\", \"expectations\": [");
      for (Case c : CASES) {
        json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
            .append(
                "{\"type\": \"%s\", \"kwargs\": {%s, \"mostly\": %s}}"
                    .formatted(c.type(), c.kwargs(), mostly));
      }
      Suite suite = Suite.parse(json.append("]}").toString(), "x.json");
      Dataset<Row> frame = spark.createDataFrame(rows, COLUMNS);

      SuiteRun run = QualityGate.judge(frame, suite, ZONE);

      assertThat(run.result().rows()).isEqualTo(rows.size());
      Map<Long, List<String>> reasons = new HashMap<>();
      for (Row row : run.mark(frame, "_reasons").collectAsList()) {
        List<Row> list = row.getList(row.fieldIndex("_reasons"));
        reasons.put(row.getLong(8), list.stream().map(r -> r.getString(2)).toList());
      }
      boolean admits = true;
      Map<Long, Integer> broken = new HashMap<>();
      for (int i = 0; i < CASES.size(); i++) {
        Case c = CASES.get(i);
        List<Row> considered = rows.stream().filter(c.considered()).toList();
        List<Row> unexpected = considered.stream().filter(c.met().negate()).toList();
        boolean met =
            considered.isEmpty()
                || (double) (considered.size() - unexpected.size()) / considered.size() >= mostly;
        admits &= met;
        ExpectationResult verdict = run.result().verdicts().get(i);
        String what = "seed " + seed + ": " + verdict.expectation();
        assertThat(verdict.considered()).as(what).isEqualTo(considered.size());
        assertThat(verdict.unexpected()).as(what).isEqualTo(unexpected.size());
        assertThat(verdict.met()).as(what).isEqualTo(met);
        assertThat(verdict.samples().stream().map(Place::toString).toList())
            .as(what)
            .isEqualTo(unexpected.stream().limit(3).map(r -> "f:" + r.getLong(8)).toList());
        for (Row row : unexpected) {
          broken.merge(row.getLong(8), 1, Integer::sum);
          assertThat(reasons.get(row.getLong(8)))
              .as(what)
              .anyMatch(m -> m.endsWith(" breaks " + verdict.expectation()));
        }
      }
      assertThat(run.result().admits()).isEqualTo(admits);
      for (Row row : rows) {
        assertThat(reasons.get(row.getLong(8))).hasSize(broken.getOrDefault(row.getLong(8), 0));
      }
    }
  }

  @Test
  void agreesWithALoopOverRowsOnUniqueness() {
    for (int seed = 0; seed < 3; seed++) {
      List<Row> rows = rows(new Random(seed), new int[] {0, 3, 60}[seed]);
      Dataset<Row> frame = spark.createDataFrame(rows, COLUMNS);
      Suite suite =
          Suite.parse(
              """
              {"name": "x", "expectations": [
                {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "n", "mostly": 0.1}},
                {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["n", "s"], "mostly": 0.1}},
                {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["n", "s"], "mostly": 0.1, "ignore_row_if": "any_value_is_missing"}},
                {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "s", "mostly": 0.1, "row_condition": "n > 2", "condition_parser": "spark"}},
                {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "_line"}},
                {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "_line"}}
              ]}
              """,
              "x.json");
      List<Predicate<Row>> considered =
          List.of(
              has(0),
              r -> r.get(0) != null || r.get(3) != null,
              r -> r.get(0) != null && r.get(3) != null,
              r -> r.get(3) != null && r.get(0) != null && r.getInt(0) > 2,
              r -> true,
              r -> true);
      List<int[]> columns =
          List.of(
              new int[] {0},
              new int[] {0, 3},
              new int[] {0, 3},
              new int[] {3},
              new int[] {8},
              new int[] {8});

      SuiteRun run = QualityGate.judge(frame, suite, ZONE);

      Map<Long, Integer> broken = new HashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        int[] of = columns.get(i);
        List<Row> those = rows.stream().filter(considered.get(i)).toList();
        List<Row> repeated =
            those.stream()
                .filter(r -> those.stream().filter(o -> equal(r, o, of)).count() > 1)
                .toList();
        repeated.forEach(r -> broken.merge(r.getLong(8), 1, Integer::sum));
        ExpectationResult verdict = run.result().verdicts().get(i);
        assertThat(verdict.considered()).as(verdict.expectation()).isEqualTo(those.size());
        assertThat(verdict.unexpected()).as(verdict.expectation()).isEqualTo(repeated.size());
      }
      for (Row row : run.mark(frame, "_reasons").collectAsList()) {
        assertThat(row.getList(row.fieldIndex("_reasons")))
            .as(row.toString())
            .hasSize(broken.getOrDefault(row.getLong(8), 0));
      }
    }
  }

  @Test
  void judgesTheTableAsAWhole() {
    List<Row> rows =
        List.of(
            row(1, 1.0, 1f, "a", true, "2013-01-01T00:00:00Z", "1.00", 1),
            row(null, Double.NaN, 1f, "a", true, "2013-01-01T00:00:00Z", "1.00", 2),
            row(4, 2.0, 1f, "a", true, "2013-01-01T00:00:00Z", "2.50", 3));
    Map<String, Boolean> met =
        judge(
            rows,
            "expect_table_row_count_to_be_between",
            "\"min_value\": 3, \"max_value\": 3",
            true,
            "expect_table_row_count_to_be_between",
            "\"min_value\": 4",
            false,
            "expect_table_row_count_to_equal",
            "\"value\": 3",
            true,
            "expect_table_row_count_to_be_between",
            "\"max_value\": 1, \"row_condition\": \"n > 1\", \"condition_parser\": \"spark\"",
            true,
            "expect_column_mean_to_be_between",
            "\"column\": \"n\", \"min_value\": 2.5, \"max_value\": 2.5",
            true,
            "expect_column_mean_to_be_between",
            "\"column\": \"x\", \"min_value\": 0",
            false,
            "expect_column_min_to_be_between",
            "\"column\": \"n\", \"min_value\": 1, \"strict_min\": true",
            false,
            "expect_column_max_to_be_between",
            "\"column\": \"n\", \"max_value\": 4",
            true,
            "expect_column_sum_to_be_between",
            "\"column\": \"m\", \"min_value\": 4.5, \"max_value\": 4.5",
            true,
            "expect_column_mean_to_be_between",
            "\"column\": \"n\", \"min_value\": 0, \"row_condition\": \"n > 9\", \"condition_parser\": \"spark\"",
            false,
            "expect_column_to_exist",
            "\"column\": \"s\", \"column_index\": 3",
            true,
            "expect_column_to_exist",
            "\"column\": \"s\", \"column_index\": 2",
            false,
            "expect_column_to_exist",
            "\"column\": \"z\"",
            false,
            "expect_column_values_to_be_of_type",
            "\"column\": \"n\", \"type_\": \"IntegerType\"",
            true,
            "expect_column_values_to_be_in_type_list",
            "\"column\": \"n\", \"type_list\": [\"LongType\", \"double\"]",
            false,
            "expect_column_values_to_be_of_type",
            "\"column\": \"m\", \"type_\": \"DecimalType(9,2)\"",
            true);

    assertThat(met).allSatisfy((what, asExpected) -> assertThat(asExpected).as(what).isTrue());
  }

  /** Of each type an example that is met and one that is not, with how many of how many rows. */
  private record Example(String met, String broken, long unexpected, long considered) {
    static Example ofTable(String met, String broken) {
      return new Example(met, broken, 0, 0);
    }
  }

  private static final Map<String, Example> EXAMPLES =
      Map.ofEntries(
          Map.entry(
              "expect_column_values_to_not_be_null",
              new Example("'column': 's'", "'column': 'n'", 1, 3)),
          Map.entry(
              "expect_column_values_to_be_null",
              new Example("'column': 'f'", "'column': 'n'", 2, 3)),
          Map.entry(
              "expect_column_values_to_be_between",
              new Example(
                  "'column': 'n', 'min_value': 1, 'max_value': 4",
                  "'column': 'n', 'max_value': 4, 'strict_max': true",
                  1,
                  2)),
          Map.entry(
              "expect_column_values_to_be_in_set",
              new Example(
                  "'column': 's', 'value_set': ['a', 'bb']",
                  "'column': 's', 'value_set': ['bb']",
                  2,
                  3)),
          Map.entry(
              "expect_column_values_to_not_be_in_set",
              new Example(
                  "'column': 's', 'value_set': ['c']", "'column': 's', 'value_set': ['a']", 2, 3)),
          Map.entry(
              "expect_column_values_to_match_regex",
              new Example("'column': 's', 'regex': '[ab]'", "'column': 's', 'regex': '^.$'", 1, 3)),
          Map.entry(
              "expect_column_values_to_not_match_regex",
              new Example("'column': 's', 'regex': 'c'", "'column': 's', 'regex': 'b'", 1, 3)),
          Map.entry(
              "expect_column_value_lengths_to_be_between",
              new Example(
                  "'column': 's', 'min_value': 1, 'max_value': 2",
                  "'column': 's', 'min_value': 2",
                  2,
                  3)),
          Map.entry(
              "expect_column_value_lengths_to_equal",
              new Example(
                  "'column': 's', 'value': 1, 'mostly': 0.6", "'column': 's', 'value': 1", 1, 3)),
          Map.entry(
              "expect_column_values_to_be_unique",
              new Example("'column': 'n'", "'column': 's'", 2, 3)),
          Map.entry(
              "expect_compound_columns_to_be_unique",
              new Example("'column_list': ['n', 's']", "'column_list': ['s', 'b']", 2, 3)),
          Map.entry(
              "expect_table_row_count_to_be_between",
              Example.ofTable("'min_value': 3", "'min_value': 3, 'strict_min': true")),
          Map.entry("expect_table_row_count_to_equal", Example.ofTable("'value': 3", "'value': 2")),
          Map.entry(
              "expect_column_mean_to_be_between",
              Example.ofTable(
                  "'column': 'n', 'max_value': 2.5", "'column': 'n', 'max_value': 2.4")),
          Map.entry(
              "expect_column_min_to_be_between",
              Example.ofTable("'column': 'n', 'min_value': 1", "'column': 'n', 'min_value': 2")),
          Map.entry(
              "expect_column_max_to_be_between",
              Example.ofTable("'column': 'n', 'max_value': 4", "'column': 'n', 'max_value': 3")),
          Map.entry(
              "expect_column_sum_to_be_between",
              Example.ofTable("'column': 'n', 'min_value': 5", "'column': 'n', 'min_value': 6")),
          Map.entry(
              "expect_column_to_exist",
              Example.ofTable(
                  "'column': 's', 'column_index': 3", "'column': 's', 'column_index': 2")),
          Map.entry(
              "expect_column_values_to_be_of_type",
              Example.ofTable(
                  "'column': 'n', 'type_': 'IntegerType'", "'column': 'n', 'type_': 'string'")),
          Map.entry(
              "expect_column_values_to_be_in_type_list",
              Example.ofTable(
                  "'column': 'n', 'type_list': ['string', 'int']",
                  "'column': 'n', 'type_list': ['string']")));

  @Test
  void eachTypeOfTheCatalogueIsMetAndBroken() {
    assertThat(EXAMPLES).containsOnlyKeys(Expectations.names());
    Dataset<Row> frame =
        spark.createDataFrame(
            List.of(
                row(1, 1.0, null, "a", true, "2013-01-01T00:00:00Z", "1.00", 1),
                row(null, 1.0, null, "a", true, "2013-01-01T00:00:00Z", "1.00", 2),
                row(4, 2.0, null, "bb", true, "2013-01-01T00:00:00Z", "2.50", 3)),
            COLUMNS);
    for (boolean met : new boolean[] {true, false}) {
      List<String> json =
          Expectations.names().stream()
              .map(
                  type ->
                      "{'type': '%s', 'kwargs': {%s}}"
                          .formatted(
                              type, met ? EXAMPLES.get(type).met() : EXAMPLES.get(type).broken()))
              .toList();
      Suite suite = Suite.of("x", json.toString().replace('\'', '"'));
      assertThat(Suite.of("x", suite.written())).isEqualTo(suite);
      assertThat(Suite.of("x", suite.meaning()).digest()).isEqualTo(suite.digest());

      SuiteResult result = QualityGate.judge(frame, suite, ZONE).result();

      assertThat(Json.read(Json.write(result), SuiteResult.class)).isEqualTo(result);
      for (ExpectationResult each : result.verdicts()) {
        Example example = EXAMPLES.get(each.type());
        assertThat(each.met()).as(each.line()).isEqualTo(met);
        assertThat(each.mostly().isPresent()).as(each.line()).isEqualTo(example.considered() > 0);
        if (!met) {
          assertThat(each.unexpected()).as(each.line()).isEqualTo(example.unexpected());
          assertThat(each.considered()).as(each.line()).isEqualTo(example.considered());
        }
      }
    }
  }

  @Test
  void observesTypesAndPlacesAsValues() {
    Suite suite =
        Suite.of(
            "x",
            """
            [{"type": "expect_column_to_exist", "kwargs": {"column": "s"}},
             {"type": "expect_column_to_exist", "kwargs": {"column": "z"}},
             {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "n", "type_": "int"}},
             {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 0}}]
            """);
    List<ExpectationResult> results =
        QualityGate.judge(spark.createDataFrame(List.of(), COLUMNS), suite, ZONE)
            .result()
            .verdicts();

    assertThat(results)
        .extracting(ExpectationResult::observed)
        .containsExactly(
            Optional.of(IntNode.valueOf(3)),
            Optional.of(TextNode.valueOf("no such column")),
            Optional.of(TextNode.valueOf("int")),
            Optional.empty());
    assertThat(results)
        .extracting(r -> r.line().substring(r.line().indexOf("observed")))
        .containsExactly(
            "observed column 3", "observed no such column", "observed int", "observed 0");
  }

  @Test
  void saysWhatWasObservedAndWhere() {
    List<Row> rows =
        List.of(
            row(1, 1.0, 1f, "a", true, "2013-01-01T00:00:00Z", "1.00", 7),
            row(99, 1.0, 1f, "a", true, "2013-01-01T00:00:00Z", "1.00", 8));
    Suite suite =
        Suite.parse(
            "{\"name\": \"x\", \"expectations\": [{\"type\": \"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"n\", \"max_value\": 12}}]}",
            "x.json");

    SuiteResult verdicts =
        QualityGate.judge(spark.createDataFrame(rows, COLUMNS), suite, ZONE).result();

    assertThat(verdicts.rejecting().get(0).line())
        .isEqualTo(
            "expect_column_values_to_be_between(column=n, max_value=12): 1 of 2 break it, a share of 0.5 meets it, at least 1 must, as in f:8");
    assertThat(Json.read(Json.write(verdicts), SuiteResult.class)).isEqualTo(verdicts);
  }

  @Test
  void aWarningIsReportedAndNeitherMarksNorRejects() {
    List<Row> rows = List.of(row(99, 1.0, 1f, "a", true, "2013-01-01T00:00:00Z", "1.00", 1));
    Dataset<Row> frame = spark.createDataFrame(rows, COLUMNS);
    Suite suite =
        Suite.parse(
            "{\"name\": \"x\", \"expectations\": [{\"type\": \"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"n\", \"max_value\": 12}, \"severity\": \"warning\"}]}",
            "x.json");

    SuiteRun run = QualityGate.judge(frame, suite, ZONE);

    assertThat(run.result().admits()).isTrue();
    assertThat(run.breaksAny()).isFalse();
    assertThat(run.result().warnings()).hasSize(1);
    assertThat(run.result().warnings().get(0).samples()).hasSize(1);
    assertThat(run.mark(frame, "_reasons").first().getList(9)).isEmpty();
  }

  @Test
  void anEmptySuiteAdmitsAndCounts() {
    SuiteRun run =
        QualityGate.judge(
            spark.createDataFrame(rows(new Random(1), 9), COLUMNS), Suite.EMPTY, ZONE);

    assertThat(run.result()).isEqualTo(new SuiteResult("none", Suite.EMPTY.digest(), 9, List.of()));
    assertThat(run.result().admits()).isTrue();
  }

  private static Map<String, Boolean> judge(List<Row> rows, Object... expected) {
    StringBuilder json = new StringBuilder("{\"name\": \"x\", \"expectations\": [");
    for (int i = 0; i < expected.length; i += 3) {
      json.append(i == 0 ? "" : ",")
          .append("{\"type\": \"%s\", \"kwargs\": {%s}}".formatted(expected[i], expected[i + 1]));
    }
    List<ExpectationResult> verdicts =
        QualityGate.judge(
                spark.createDataFrame(rows, COLUMNS),
                Suite.parse(json.append("]}").toString(), "x.json"),
                ZONE)
            .result()
            .verdicts();
    Map<String, Boolean> asExpected = new HashMap<>();
    for (int i = 0; i < verdicts.size(); i++) {
      asExpected.put(
          i + " " + verdicts.get(i).line(), verdicts.get(i).met() == (boolean) expected[3 * i + 2]);
    }
    return asExpected;
  }

  private static Case ofValues(
      String name, String column, String more, Predicate<Row> considered, Predicate<Row> met) {
    return new Case(
        "expect_column_values_to_" + name,
        "\"column\": \"" + column + "\"" + (more.isEmpty() ? "" : ", " + more),
        COLUMNS.fieldIndex(column),
        considered,
        met);
  }

  private static Predicate<Row> has(int column) {
    return row -> row.get(column) != null;
  }

  private static Instant instant(Row row) {
    return row.getTimestamp(5).toInstant();
  }

  private static boolean equal(Row a, Row b, int[] columns) {
    for (int column : columns) {
      if (!Objects.equals(a.get(column), b.get(column))) {
        return false;
      }
    }
    return true;
  }

  private static List<Row> rows(Random random, int count) {
    Integer[] ints = {null, 1, 2, 3, 4, 5, 6, -7};
    Double[] doubles = {
      null,
      Double.NaN,
      0.0,
      -0.0,
      0.1,
      1.5,
      -3.0,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY
    };
    Float[] floats = {null, Float.NaN, 0f, 0.1f, 7f, 7.5f};
    String[] texts = {null, "", "a", "b", "abb", "it's", "a\\b", "😀😀😀", "Zürich", "a\nb"};
    Boolean[] truths = {null, true, false};
    String[] times = {
      null,
      "2013-03-10T04:59:59.999999Z",
      "2013-03-10T05:00:00Z",
      "2013-03-10T07:59:59Z",
      "2013-03-10T08:00:00Z"
    };
    String[] decimals = {null, "-1.50", "-1.51", "1.25", "1.26", "0.00"};
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          row(
              pick(random, ints),
              pick(random, doubles),
              pick(random, floats),
              pick(random, texts),
              pick(random, truths),
              pick(random, times),
              pick(random, decimals),
              i + 1));
    }
    return rows;
  }

  private static <T> T pick(Random random, T[] from) {
    return from[random.nextInt(from.length)];
  }

  private static Row row(
      Integer n, Double x, Float f, String s, Boolean b, String t, String m, long line) {
    return RowFactory.create(
        n,
        x,
        f,
        s,
        b,
        t == null ? null : Timestamp.from(Instant.parse(t)),
        m == null ? null : new BigDecimal(m),
        "f",
        line);
  }

  @Test
  void theReportIsJsonThatPeopleCanRead() {
    JsonNode json =
        Json.mapper()
            .valueToTree(
                QualityGate.judge(
                        spark.createDataFrame(
                            List.of(row(99, 1.0, 1f, "a", true, null, null, 1)), COLUMNS),
                        Suite.parse(
                            "{\"name\": \"x\", \"expectations\": [{\"type\": \"expect_column_max_to_be_between\", \"kwargs\": {\"column\": \"n\", \"max_value\": 12}}]}",
                            "x.json"),
                        ZONE)
                    .result());

    assertThat(json.path("verdicts").path(0).path("statistic").path("value").asDouble())
        .isEqualTo(99.0);
    assertThat(json.path("verdicts").path(0).path("severity").asText()).isEqualTo("critical");
    assertThat(json.path("verdicts").path(0).path("met").asBoolean()).isFalse();
  }
}
