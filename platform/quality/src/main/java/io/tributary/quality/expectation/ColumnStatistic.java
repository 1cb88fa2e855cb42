package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.NUMBERS;

import io.tributary.quality.expectation.Evaluation.Statistic;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.types.NumericType;

/** A statistic of a numeric column lies in a range. */
record ColumnStatistic(String column, Statistic statistic, Range range) implements Rule {
  static final List<ExpectationType> TYPES =
      Stream.of(Statistic.MEAN, Statistic.MIN, Statistic.MAX, Statistic.SUM)
          .map(
              statistic ->
                  ExpectationType.of(
                      name(statistic),
                      a -> new ColumnStatistic(COLUMN.of(a), statistic, NUMBERS.of(a)),
                      COLUMN,
                      NUMBERS))
          .toList();

  private static String name(Statistic statistic) {
    return "expect_column_%s_to_be_between".formatted(statistic.metric());
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    if (!(columns.type(column) instanceof NumericType)) {
      throw new Sql.Unfit(
          "column " + column + " is " + columns.type(column).simpleString() + " and no number");
    }
    return new Evaluation.OfStatistic(Optional.empty(), statistic, Optional.of(column), range);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(name(statistic)).column(column).range(range);
  }
}
