package io.tributary.quality.expectation;

import java.util.List;
import java.util.Optional;

/**
 * One thing that a suite expects of the rows of a delivery.
 *
 * @param position its place in the suite, from 1
 * @param type its name in the suite, {@code expect_column_values_to_not_be_null}
 * @param text its name and arguments, for people: {@code expect_…(column=month, min_value=1)}
 * @param condition which rows it is about; empty = all
 * @param written the expectation as the suite has it, JSON without what only people read; empty
 *     where it is of no suite
 */
public record Expectation(
    int position,
    String type,
    String text,
    Optional<RowCondition> condition,
    Severity severity,
    String written,
    Rule rule) {
  /** The columns that it is about; none for the table as a whole. */
  public List<String> columns() {
    return rule.columns();
  }

  /** What it means, as JSON in the one spelling that digests are made of. */
  public String canonical() {
    return rule.canonical().of(condition, severity);
  }

  /**
   * How it is evaluated over columns.
   *
   * @throws Sql.Unfit if it does not fit them
   */
  public Evaluation over(Sql columns) throws Sql.Unfit {
    if (condition.isEmpty()) {
      return rule.over(columns);
    }
    String where = columns.condition(condition.get());
    return rule.over(columns).where(where);
  }
}
