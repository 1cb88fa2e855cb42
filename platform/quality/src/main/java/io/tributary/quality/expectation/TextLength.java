package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.EXACTLY;
import static io.tributary.quality.expectation.Argument.MOSTLY;
import static io.tributary.quality.expectation.Argument.NUMBERS;

import java.util.List;

/** Texts whose length in characters (code points) lies in a range. */
record TextLength(String column, Range range, double mostly) implements Rule {
  private static final String BETWEEN = "expect_column_value_lengths_to_be_between";

  static final List<ExpectationType> TYPES =
      List.of(type(BETWEEN, NUMBERS), type("expect_column_value_lengths_to_equal", EXACTLY));

  private static ExpectationType type(String name, Argument<Range> lengths) {
    return ExpectationType.of(
        name,
        a -> new TextLength(COLUMN.of(a), lengths.of(a), MOSTLY.of(a)),
        COLUMN,
        lengths,
        MOSTLY);
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    return new Evaluation.OfRows(
        columns.present(column),
        Sql.between("char_length(" + columns.ofText(column) + ")", range, Constant::toString),
        mostly);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(BETWEEN).column(column).range(range).mostly(mostly);
  }
}
