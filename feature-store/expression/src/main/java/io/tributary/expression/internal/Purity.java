package io.tributary.expression.internal;

import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CallMethodViaReflection;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.Unevaluable;
import org.apache.spark.sql.catalyst.expressions.UserDefinedExpression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.trees.TreePattern$;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.TimestampNTZType;

/**
 * Refuses what a resolved tree must not hold: a clock, chance, the session, state that threads
 * would share, and times that are no instants. A second line behind the list of functions.
 */
final class Purity {
  private Purity() {}

  /** Before replaceable expressions are replaced; throws with the reason. */
  static void requireRepeatable(Expression resolved) {
    if (resolved.containsPattern(TreePattern$.MODULE$.CURRENT_LIKE())) {
      throw new IllegalArgumentException(Functions.readsClock("the expression"));
    }
    if (!resolved.deterministic()) {
      throw new IllegalArgumentException(
          "it answers differently each time. Take a column of the data instead.");
    }
  }

  /** After they are replaced; throws with the reason. */
  static void requirePure(Expression e) {
    if (e instanceof AttributeReference) {
      return;
    }
    if (e instanceof Unevaluable
        || e instanceof PlanExpression
        || e instanceof UserDefinedExpression
        || e instanceof CallMethodViaReflection
        || e instanceof CodegenFallback && !e.foldable()) {
      throw new IllegalArgumentException(
          "\"" + e.prettyName() + "\" is not allowed here. Say it with another function.");
    }
    // a format that varies by row is read under the running thread's configuration
    if (Constants.isFormatted(e) && !Scala.children(e).get(1).foldable()) {
      throw new IllegalArgumentException(
          "the format of \"" + e.prettyName() + "\" must be a constant. Write it in quotes.");
    }
    requireInstantOrSpan(e.dataType());
    Scala.children(e).forEach(Purity::requirePure);
  }

  private static void requireInstantOrSpan(DataType type) {
    if (type instanceof TimestampNTZType) {
      throw new IllegalArgumentException("a timestamp without zone is no instant. Use timestamp.");
    }
    if (type instanceof CalendarIntervalType) {
      throw new IllegalArgumentException(
          "an interval of months and days together has no fixed order with others. Use make_dt_interval or make_ym_interval.");
    }
  }
}
