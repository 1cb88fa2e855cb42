package io.tributary.quality;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import com.amazon.deequ.analyzers.Analyzer;
import com.amazon.deequ.analyzers.Compliance;
import com.amazon.deequ.analyzers.NumMatchesAndCount;
import com.amazon.deequ.analyzers.Size;
import com.amazon.deequ.analyzers.Uniqueness;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.quality.expectation.Evaluation;
import io.tributary.quality.expectation.Evaluation.OfColumns;
import io.tributary.quality.expectation.Evaluation.OfRepeats;
import io.tributary.quality.expectation.Evaluation.OfRows;
import io.tributary.quality.expectation.Evaluation.OfStatistic;
import io.tributary.quality.expectation.Expectation;
import io.tributary.quality.expectation.Severity;
import io.tributary.quality.expectation.Sql;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Rows judged by a suite: the result, and which rows broke what. */
public final class SuiteRun {
  /** Enough to see what is wrong. */
  private static final int SAMPLES = 3;

  private static final String REASON = "struct<rule:string,column:string,message:string>";

  private final Dataset<Row> rows;
  private final Deequ deequ = new Deequ();
  private final Extremes extremes = new Extremes();
  private final List<Column> marks = new ArrayList<>();
  private final SuiteResult result;

  private SuiteRun(Dataset<Row> rows, Suite suite, ZoneId zone) throws Sql.Unfit {
    this.rows = rows;
    Sql columns = new Sql(rows.schema(), zone);
    List<Supplier<ExpectationResult>> answers = new ArrayList<>();
    for (Expectation expectation : suite.expectations()) {
      answers.add(expectation.over(columns).by(new Asking(expectation)));
    }
    deequ.run(rows);
    extremes.run(rows);
    this.result =
        new SuiteResult(
            suite.name(),
            suite.digest(),
            deequ.rows(),
            answers.stream().map(Supplier::get).toList());
  }

  /** Judges rows by a suite that fits their columns. */
  static SuiteRun execute(Dataset<Row> rows, Suite suite, ZoneId zone) {
    try {
      return new SuiteRun(rows, suite, zone);
    } catch (Sql.Unfit e) {
      throw new IllegalStateException("the suite was checked", e);
    }
  }

  /** What of a suite does not fit columns. */
  static List<String> problems(Suite suite, StructType schema, ZoneId zone) {
    List<String> problems = new ArrayList<>();
    Sql columns = new Sql(schema, zone);
    for (Expectation expectation : suite.expectations()) {
      try {
        expectation.over(columns);
      } catch (Sql.Unfit e) {
        problems.add(
            "expectation "
                + expectation.position()
                + " "
                + expectation.text()
                + ": "
                + e.getMessage());
      }
    }
    return problems;
  }

  public SuiteResult result() {
    return result;
  }

  /** Whether any row breaks a critical expectation, so that {@link #mark} is worth computing. */
  public boolean breaksAny() {
    return !marks.isEmpty();
  }

  /**
   * Adds to each row the critical expectations that it breaks, {@code array<struct<rule string,
   * column string, message string>>} in the suite's order, empty for a row that breaks none.
   *
   * @param judged the rows that were judged, all of them (uniqueness is of all rows); columns may
   *     have been added
   */
  public Dataset<Row> mark(Dataset<Row> judged, String column) {
    return marks.isEmpty()
        ? judged.withColumn(column, array().cast("array<" + REASON + ">"))
        : deequ.numbered(
            judged, r -> r.withColumn(column, array_compact(array(marks.toArray(Column[]::new)))));
  }

  /** Asks for what an expectation needs; the answer is there after the scan. */
  private final class Asking implements Evaluation.Kinds<Supplier<ExpectationResult>> {
    private final Expectation expectation;

    private Asking(Expectation expectation) {
      this.expectation = expectation;
    }

    @Override
    public Supplier<ExpectationResult> of(OfRows rule) {
      Compliance compliance =
          deequ.compliance(
              expectation.position() + " " + expectation.type(), rule.met(), rule.considered());
      return () -> {
        Optional<NumMatchesAndCount> state = deequ.compliance(compliance);
        long considered = state.map(NumMatchesAndCount::count).orElse(0L);
        long unexpected = state.map(s -> s.count() - s.numMatches()).orElse(0L);
        return ofRows(
            expectation,
            rule.considered(),
            rule.mostly(),
            considered,
            unexpected,
            not(expr(rule.met())));
      };
    }

    @Override
    public Supplier<ExpectationResult> of(OfRepeats rule) {
      Uniqueness uniqueness = deequ.uniqueness(rule.columns(), rule.considered());
      return () -> {
        long repeated = deequ.repeated(uniqueness);
        Column broken =
            repeated == 0
                ? lit(false)
                : coalesce(
                        rule.columns().stream()
                            .map(c -> col(Sql.name(c)).cast("string"))
                            .toArray(Column[]::new))
                    .isNotNull()
                    .and(not(coalesce(deequ.once(uniqueness), lit(true))));
        return ofRows(
            expectation,
            rule.considered(),
            rule.mostly(),
            deequ.considered(uniqueness),
            repeated,
            broken);
      };
    }

    @Override
    public Supplier<ExpectationResult> of(OfStatistic rule) {
      Supplier<OptionalDouble> observed = measure(rule);
      return () -> {
        OptionalDouble value = observed.get();
        return ofTable(
            expectation,
            value.isPresent() && rule.range().contains(value.getAsDouble()),
            value.isPresent()
                ? Optional.of(new Metric(rule.statistic().metric(), value.getAsDouble()))
                : Optional.empty(),
            Optional.empty());
      };
    }

    @Override
    public Supplier<ExpectationResult> of(OfColumns rule) {
      return () -> ofTable(expectation, rule.met(), Optional.empty(), Optional.of(rule.observed()));
    }
  }

  private Supplier<OptionalDouble> measure(OfStatistic rule) {
    Optional<String> where = rule.considered();
    String column = rule.column().orElse("");
    return switch (rule.statistic()) {
      case ROWS -> {
        Size size = deequ.size(where);
        yield () -> OptionalDouble.of(deequ.size(size));
      }
      case MEAN -> {
        Analyzer<?, ?> mean = deequ.mean(column, where);
        yield () -> deequ.value(mean);
      }
      case SUM -> {
        Analyzer<?, ?> sum = deequ.sum(column, where);
        yield () -> deequ.value(sum);
      }
      case MIN -> {
        int least = extremes.least(column, where);
        yield () -> extremes.value(least);
      }
      case MAX -> {
        int greatest = extremes.greatest(column, where);
        yield () -> extremes.value(greatest);
      }
    };
  }

  private ExpectationResult ofRows(
      Expectation expectation,
      Optional<String> where,
      double mostly,
      long considered,
      long unexpected,
      Column broken) {
    List<Place> samples = List.of();
    if (unexpected > 0) {
      Column breaks = coalesce(where.map(w -> expr(w).and(broken)).orElse(broken), lit(false));
      samples = samples(breaks);
      if (expectation.severity() == Severity.CRITICAL) {
        marks.add(when(breaks, reason(expectation)));
      }
    }
    return new ExpectationResult(
        expectation.position(),
        expectation.type(),
        expectation.text(),
        expectation.columns(),
        expectation.severity(),
        ExpectationResult.metShare(considered, unexpected) >= mostly,
        considered,
        unexpected,
        Optional.of(mostly),
        Optional.empty(),
        Optional.empty(),
        samples);
  }

  private static Column reason(Expectation expectation) {
    return struct(
            lit(expectation.type()).as("rule"),
            lit(String.join(", ", expectation.columns())).as("column"),
            concat(values(expectation), lit(" breaks " + expectation.text())).as("message"))
        .cast(REASON);
  }

  private static Column values(Expectation expectation) {
    return concat_ws(
        ", ",
        expectation.columns().stream()
            .map(c -> coalesce(col(Sql.name(c)).cast("string"), lit("null")))
            .toArray(Column[]::new));
  }

  private List<Place> samples(Column breaks) {
    if (!Arrays.asList(rows.columns()).containsAll(List.of("_file", "_line"))) {
      return List.of();
    }
    List<Row> first =
        broken(breaks)
            .orderBy("_file", "_line")
            .limit(SAMPLES)
            .select("_file", "_line")
            .collectAsList();
    return first.stream().map(r -> new Place(r.getString(0), r.getLong(1))).toList();
  }

  private Dataset<Row> broken(Column breaks) {
    return deequ.numbered(rows, r -> r.withColumn("_breaks", breaks)).where("_breaks");
  }

  private static ExpectationResult ofTable(
      Expectation expectation,
      boolean met,
      Optional<Metric> statistic,
      Optional<JsonNode> observed) {
    return new ExpectationResult(
        expectation.position(),
        expectation.type(),
        expectation.text(),
        expectation.columns(),
        expectation.severity(),
        met,
        0,
        0,
        Optional.empty(),
        statistic,
        observed,
        List.of());
  }
}
