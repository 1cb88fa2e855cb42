package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;

import java.util.List;

/**
 * Texts in which a regular expression of Java's dialect is found, or is not: anywhere unless it
 * says {@code ^} or {@code $}, as Great Expectations does on Spark ({@code rlike}) and on pandas
 * ({@code str.contains}).
 *
 * @param excluded whether it must not be found
 */
record RegularExpression(String column, String regex, boolean excluded, double mostly)
    implements Rule {
  private static final String MATCH = "expect_column_values_to_match_regex";
  private static final String NO_MATCH = "expect_column_values_to_not_match_regex";
  private static final Argument<String> REGEX =
      new Argument<>(List.of("regex"), "`regex`", Arguments::regex);

  static final List<ExpectationType> TYPES = List.of(type(MATCH, false), type(NO_MATCH, true));

  private static ExpectationType type(String name, boolean excluded) {
    return ExpectationType.of(
        name,
        a -> new RegularExpression(COLUMN.of(a), REGEX.of(a), excluded, MOSTLY.of(a)),
        COLUMN,
        REGEX,
        MOSTLY);
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    String found = columns.ofText(column) + " rlike " + Sql.text(regex);
    return new Evaluation.OfRows(
        columns.present(column), excluded ? "not (" + found + ")" : found, mostly);
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(excluded ? NO_MATCH : MATCH)
        .column(column)
        .with("regex", regex)
        .mostly(mostly);
  }
}
