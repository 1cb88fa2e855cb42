package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;

import java.util.List;

/**
 * Values are among some, or none of them.
 *
 * @param excluded whether they must be none of them
 */
record ValueSet(String column, List<Constant> values, boolean excluded, double mostly)
    implements Rule {
  private static final String IN = "expect_column_values_to_be_in_set";
  private static final String NOT_IN = "expect_column_values_to_not_be_in_set";
  private static final Argument<List<Constant>> VALUES =
      new Argument<>(List.of("value_set"), "`value_set`", a -> a.constants("value_set"));

  static final List<ExpectationType> TYPES = List.of(type(IN, false), type(NOT_IN, true));

  ValueSet {
    values = List.copyOf(values);
  }

  private static ExpectationType type(String name, boolean excluded) {
    return ExpectationType.of(
        name,
        a -> new ValueSet(COLUMN.of(a), VALUES.of(a), excluded, MOSTLY.of(a)),
        COLUMN,
        VALUES,
        MOSTLY);
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    return new Evaluation.OfRows(
        columns.present(column), (excluded ? "not " : "") + columns.in(column, values), mostly);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(excluded ? NOT_IN : IN)
        .column(column)
        .values("value_set", values)
        .mostly(mostly);
  }
}
