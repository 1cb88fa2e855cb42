package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.EXACTLY;
import static io.tributary.quality.expectation.Argument.NUMBERS;

import io.tributary.quality.expectation.Evaluation.Statistic;
import java.util.List;
import java.util.Optional;

/** The number of rows lies in a range. */
record RowCount(Range range) implements Rule {
  private static final String BETWEEN = "expect_table_row_count_to_be_between";

  static final List<ExpectationType> TYPES =
      List.of(
          ExpectationType.of(BETWEEN, a -> new RowCount(NUMBERS.of(a)), NUMBERS),
          ExpectationType.of(
              "expect_table_row_count_to_equal", a -> new RowCount(EXACTLY.of(a)), EXACTLY));

  @Override
  public List<String> columns() {
    return List.of();
  }

  @Override
  public Evaluation over(Sql columns) {
    return new Evaluation.OfStatistic(Optional.empty(), Statistic.ROWS, Optional.empty(), range);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(BETWEEN).range(range);
  }
}
