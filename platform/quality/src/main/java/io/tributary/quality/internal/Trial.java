package io.tributary.quality.internal;

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
import io.tributary.quality.Expectation;
import io.tributary.quality.Judgement;
import io.tributary.quality.Metric;
import io.tributary.quality.Place;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Severity;
import io.tributary.quality.Suite;
import io.tributary.quality.Verdict;
import io.tributary.quality.Verdicts;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** One judging of rows by a suite. */
public final class Trial implements Judgement {
  /** Enough to see what is wrong. */
  private static final int SAMPLES = 3;

  private static final String REASON = "struct<rule:string,column:string,message:string>";

  private final Dataset<Row> rows;
  private final Sql sql;
  private final Deequ deequ = new Deequ();
  private final Extremes extremes = new Extremes();
  private final List<Question> questions = new ArrayList<>();
  private final List<Column> marks = new ArrayList<>();
  private Verdicts verdicts;

  /** An expectation that has been put to Deequ; answered after the scan. */
  private interface Question {
    Verdict answer() throws Sql.Unfit;
  }

  private Trial(Dataset<Row> rows, ZoneId zone) {
    this.rows = rows;
    this.sql = new Sql(rows.schema(), zone);
  }

  public static Trial hold(Dataset<Row> rows, Suite suite, ZoneId zone) {
    QualityGate.check(suite, rows.schema(), zone);
    Trial trial = new Trial(rows, zone);
    try {
      for (Expectation expectation : suite.expectations()) {
        trial.questions.add(trial.ask(expectation));
      }
      trial.deequ.run(rows);
      trial.extremes.run(rows);
      List<Verdict> answers = new ArrayList<>();
      for (Question question : trial.questions) {
        answers.add(question.answer());
      }
      trial.verdicts = new Verdicts(suite.name(), suite.digest(), trial.deequ.rows(), answers);
      return trial;
    } catch (Sql.Unfit e) {
      throw new IllegalStateException("the suite was checked", e);
    }
  }

  /** What of a suite does not fit columns. */
  public static List<String> problems(Suite suite, StructType columns, ZoneId zone) {
    List<String> problems = new ArrayList<>();
    Sql sql = new Sql(columns, zone);
    for (Expectation expectation : suite.expectations()) {
      try {
        fit(expectation, sql);
      } catch (Sql.Unfit e) {
        problems.add(
            "expectation "
                + expectation.terms().position()
                + " "
                + expectation.terms().text()
                + ": "
                + e.getMessage());
      }
    }
    return problems;
  }

  private static void fit(Expectation expectation, Sql sql) throws Sql.Unfit {
    if (expectation instanceof Expectation.OfRows ofRows) {
      RowTest.of(ofRows, sql);
    } else if (expectation instanceof Expectation.StatisticBetween statistic) {
      if (!(sql.type(statistic.column()) instanceof NumericType)) {
        throw new Sql.Unfit(
            "column "
                + statistic.column()
                + " is "
                + sql.type(statistic.column()).simpleString()
                + " and no number");
      }
    } else if (expectation instanceof Expectation.ColumnHasType hasType) {
      sql.type(hasType.column());
    }
    if (expectation.terms().condition().isPresent()) {
      sql.condition(expectation.terms().condition().get());
      if (expectation instanceof Expectation.ColumnExists
          || expectation instanceof Expectation.ColumnHasType) {
        throw new Sql.Unfit("it is about columns and can't have a row_condition");
      }
    }
  }

  @Override
  public Verdicts verdicts() {
    return verdicts;
  }

  @Override
  public boolean breaksAny() {
    return !marks.isEmpty();
  }

  @Override
  public Dataset<Row> mark(Dataset<Row> judged, String column) {
    return marks.isEmpty()
        ? judged.withColumn(column, array().cast("array<" + REASON + ">"))
        : deequ.numbered(
            judged, r -> r.withColumn(column, array_compact(array(marks.toArray(Column[]::new)))));
  }

  private Question ask(Expectation expectation) throws Sql.Unfit {
    if (expectation instanceof Expectation.OfRows ofRows) {
      RowTest test = RowTest.of(ofRows, sql);
      return test.met().isPresent() ? compliance(test) : uniqueness(test);
    }
    Optional<String> where = Optional.empty();
    if (expectation.terms().condition().isPresent()) {
      where = Optional.of(sql.condition(expectation.terms().condition().get()));
    }
    if (expectation instanceof Expectation.RowCountBetween count) {
      Size size = deequ.size(where);
      return () -> {
        long observed = deequ.size(size);
        return ofTable(
            expectation,
            count.range().contains(observed),
            Optional.of(new Metric("rows", observed)),
            "");
      };
    }
    if (expectation instanceof Expectation.StatisticBetween statistic) {
      return statistic(statistic, where);
    }
    return () -> ofColumns(expectation);
  }

  private Question statistic(Expectation.StatisticBetween expectation, Optional<String> where) {
    String column = expectation.column();
    switch (expectation.statistic()) {
      case MEAN:
        Analyzer<?, ?> mean = deequ.mean(column, where);
        return () -> statistic(expectation, deequ.value(mean));
      case SUM:
        Analyzer<?, ?> sum = deequ.sum(column, where);
        return () -> statistic(expectation, deequ.value(sum));
      case MIN:
        int least = extremes.least(column, where);
        return () -> statistic(expectation, extremes.value(least));
      default:
        int greatest = extremes.greatest(column, where);
        return () -> statistic(expectation, extremes.value(greatest));
    }
  }

  private Question compliance(RowTest test) {
    Expectation.Terms terms = test.expectation().terms();
    Compliance compliance =
        deequ.compliance(
            terms.position() + " " + terms.type(), test.met().get(), test.considered());
    return () -> {
      Optional<NumMatchesAndCount> state = deequ.compliance(compliance);
      long considered = state.map(NumMatchesAndCount::count).orElse(0L);
      long unexpected = state.map(s -> s.count() - s.numMatches()).orElse(0L);
      return ofRows(test, considered, unexpected, not(expr(test.met().get())));
    };
  }

  private Question uniqueness(RowTest test) {
    List<String> columns = test.expectation().columns();
    Uniqueness uniqueness = deequ.uniqueness(columns, test.considered());
    return () -> {
      long repeated = deequ.repeated(uniqueness);
      Column broken =
          repeated == 0
              ? lit(false)
              : coalesce(
                      columns.stream()
                          .map(c -> col(Sql.name(c)).cast("string"))
                          .toArray(Column[]::new))
                  .isNotNull()
                  .and(not(coalesce(deequ.once(uniqueness), lit(true))));
      return ofRows(test, deequ.considered(uniqueness), repeated, broken);
    };
  }

  private Verdict ofRows(RowTest test, long considered, long unexpected, Column broken) {
    Expectation.OfRows expectation = test.expectation();
    List<Place> samples = List.of();
    if (unexpected > 0) {
      Column breaks =
          coalesce(test.considered().map(c -> expr(c).and(broken)).orElse(broken), lit(false));
      samples = samples(breaks);
      if (expectation.terms().severity() == Severity.CRITICAL) {
        marks.add(when(breaks, reason(expectation)));
      }
    }
    return new Verdict(
        expectation.terms().position(),
        expectation.terms().type(),
        expectation.terms().text(),
        expectation.columns(),
        expectation.terms().severity(),
        Verdict.metShare(considered, unexpected) >= expectation.mostly(),
        considered,
        unexpected,
        Optional.of(expectation.mostly()),
        Optional.empty(),
        "",
        samples);
  }

  private static Column reason(Expectation.OfRows expectation) {
    return struct(
            lit(expectation.terms().type()).as("rule"),
            lit(String.join(", ", expectation.columns())).as("column"),
            concat(values(expectation), lit(" breaks " + expectation.terms().text())).as("message"))
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

  private static Verdict statistic(
      Expectation.StatisticBetween expectation, OptionalDouble observed) {
    return ofTable(
        expectation,
        observed.isPresent() && expectation.range().contains(observed.getAsDouble()),
        observed.isPresent()
            ? Optional.of(new Metric(expectation.statistic().metric(), observed.getAsDouble()))
            : Optional.empty(),
        "");
  }

  private Verdict ofColumns(Expectation expectation) {
    if (expectation instanceof Expectation.ColumnHasType hasType) {
      String type = rows.schema().apply(hasType.column()).dataType().simpleString();
      return ofTable(expectation, hasType.types().contains(type), Optional.empty(), type);
    }
    Expectation.ColumnExists exists = (Expectation.ColumnExists) expectation;
    int index = Arrays.asList(rows.columns()).indexOf(exists.column());
    boolean met = index >= 0 && (exists.index().isEmpty() || exists.index().getAsInt() == index);
    return ofTable(
        expectation, met, Optional.empty(), index < 0 ? "no such column" : "column " + index);
  }

  private static Verdict ofTable(
      Expectation expectation, boolean met, Optional<Metric> statistic, String observed) {
    return new Verdict(
        expectation.terms().position(),
        expectation.terms().type(),
        expectation.terms().text(),
        expectation.columns(),
        expectation.terms().severity(),
        met,
        0,
        0,
        Optional.empty(),
        statistic,
        observed,
        List.of());
  }
}
