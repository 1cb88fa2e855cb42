package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;
import static io.tributary.quality.expectation.Argument.RANGE;

import java.util.List;

/** Values lie in a range. */
record ValueRange(String column, Range range, double mostly) implements Rule {
  private static final String BETWEEN = "expect_column_values_to_be_between";

  static final List<ExpectationType> TYPES =
      List.of(
          ExpectationType.of(
              BETWEEN,
              a -> new ValueRange(COLUMN.of(a), RANGE.of(a), MOSTLY.of(a)),
              COLUMN,
              RANGE,
              MOSTLY));

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    String value = Sql.name(column);
    return new Evaluation.OfRows(
        columns.present(column),
        (columns.floating(column) ? "not isnan(" + value + ") and " : "")
            + Sql.between(value, range, bound -> columns.literal(column, bound)),
        mostly);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(BETWEEN).column(column).range(range).mostly(mostly);
  }
}
