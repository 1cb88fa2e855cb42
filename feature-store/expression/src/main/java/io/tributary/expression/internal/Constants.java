package io.tributary.expression.internal;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.DateFormatClass;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.FromUnixTime;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.catalyst.expressions.RegExpExtractBase;
import org.apache.spark.sql.catalyst.expressions.RegExpReplace;
import org.apache.spark.sql.catalyst.expressions.StringSplit;
import org.apache.spark.sql.catalyst.expressions.ToTimestamp;
import org.apache.spark.sql.catalyst.expressions.TruncDate;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.expressions.UTCTimestamp;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateMutableProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Refuses constants that no row could be computed with: regular expressions, date formats, units
 * and zones that don't exist. Spark would say so at the first row, or quietly answer null.
 */
final class Constants {
  private Constants() {}

  /** Throws with the reason. */
  static void requireUsable(Expression bound) {
    if (bound instanceof RLike
        || bound instanceof RegExpReplace
        || bound instanceof RegExpExtractBase
        || bound instanceof StringSplit) {
      requirePattern(Scala.children(bound).get(1));
    }
    if (bound instanceof TruncDate trunc && trunc.format().foldable()) {
      requireUnit(trunc.format(), new TruncDate(literal(0, DataTypes.DateType), trunc.format()));
    }
    if (bound instanceof TruncTimestamp trunc && trunc.format().foldable()) {
      requireUnit(
          trunc.format(),
          new TruncTimestamp(
              trunc.format(), literal(0L, DataTypes.TimestampType), trunc.timeZoneId()));
    }
    if (isFormatted(bound) || bound instanceof UTCTimestamp) {
      requireGenerates(bound);
    }
    Scala.children(bound).forEach(Constants::requireUsable);
  }

  /** Whether the second child is a format of dates. */
  static boolean isFormatted(Expression e) {
    return e instanceof DateFormatClass || e instanceof ToTimestamp || e instanceof FromUnixTime;
  }

  private static void requirePattern(Expression pattern) {
    Object text = pattern.foldable() ? pattern.eval(InternalRow.empty()) : null;
    if (text == null) {
      return;
    }
    try {
      Pattern.compile(text.toString());
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no regular expression: " + e.getDescription() + ". Correct it.");
    }
  }

  private static Expression literal(Object value, DataType type) {
    return Literal$.MODULE$.create(value, type);
  }

  private static void requireUnit(Expression unit, Expression sample) {
    Object text = unit.eval(InternalRow.empty());
    if (text != null && sample.eval(InternalRow.empty()) == null) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no unit that \""
              + sample.prettyName()
              + "\" knows. Write one, as in 'MONTH'.");
    }
  }

  private static void requireGenerates(Expression bound) {
    try {
      GenerateMutableProjection.generate(Scala.seq(List.of(bound)), false);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(PlainReason.of(e) + ". Correct the constant.");
    }
  }
}
