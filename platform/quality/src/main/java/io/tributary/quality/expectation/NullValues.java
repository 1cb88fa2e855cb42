package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;

import java.util.List;
import java.util.Optional;

/**
 * Values are there, or missing.
 *
 * @param missing whether they must be missing
 */
public record NullValues(String column, boolean missing, double mostly) implements Rule {
  /** All values are there. */
  public static final String NOT_NULL = "expect_column_values_to_not_be_null";

  /** All values are missing. */
  public static final String NULL = "expect_column_values_to_be_null";

  static final List<ExpectationType> TYPES =
      List.of(
          ExpectationType.of(
              NOT_NULL, a -> new NullValues(COLUMN.of(a), false, MOSTLY.of(a)), COLUMN, MOSTLY),
          ExpectationType.of(
              NULL, a -> new NullValues(COLUMN.of(a), true, MOSTLY.of(a)), COLUMN, MOSTLY));

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    columns.type(column);
    return new Evaluation.OfRows(
        Optional.empty(), Sql.name(column) + (missing ? " is null" : " is not null"), mostly);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(missing ? NULL : NOT_NULL).column(column).mostly(mostly);
  }
}
