package io.tributary.analysis;

import io.tributary.definition.SqlText;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Types;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;

/** Filters. */
final class Conditions {
  private Conditions() {}

  /** Adds a filter as a column that is never null; false where it is no condition. */
  static boolean add(ExpressionAnalysis rows, String name, SqlText sql) {
    Optional<ResolvedExpression> typed = rows.type(name, sql);
    if (typed.isEmpty()) {
      return false;
    }
    DataType type = typed.get().column().dataType();
    if (!Types.isBoolean(type)) {
      rows.problem(
          sql,
          "a filter is true or false, but this is " + Types.name(type) + ". Write a condition.");
      return false;
    }
    rows.addAround(name, "coalesce(%s, false)", sql);
    return true;
  }
}
