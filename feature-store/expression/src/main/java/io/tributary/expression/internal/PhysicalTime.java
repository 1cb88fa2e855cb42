package io.tributary.expression.internal;

import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubtractTimestamps;
import org.apache.spark.sql.catalyst.expressions.TimeAdd;
import org.apache.spark.sql.catalyst.expressions.TimestampDiff;
import org.apache.spark.sql.types.DayTimeIntervalType;

/**
 * Makes day-time arithmetic on instants physical. Spark adds {@code interval 24 hours} as one
 * calendar day, and subtracts instants as local date-times; both in the session's zone. Bound to
 * UTC, where every day has 86,400 s, they count elapsed time. Years and months, and the day and
 * longer units of {@code timestampadd} and {@code timestampdiff}, stay calendar units of the
 * expression's zone.
 */
final class PhysicalTime {
  private static final String UTC = "UTC";
  private static final Set<String> CLOCK_UNITS =
      Set.of("HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND");

  private PhysicalTime() {}

  static Expression bind(Expression tree) {
    return Rewrite.up(tree, PhysicalTime::bindNode);
  }

  private static Expression bindNode(Expression e) {
    if (e instanceof TimeAdd add
        && add.interval().dataType() instanceof DayTimeIntervalType
        && !add.timeZoneId().contains(UTC)) {
      return (Expression) add.withTimeZone(UTC);
    }
    if (e instanceof SubtractTimestamps minus && !minus.timeZoneId().contains(UTC)) {
      return (Expression) minus.withTimeZone(UTC);
    }
    if (e instanceof TimestampDiff diff
        && CLOCK_UNITS.contains(diff.unit().toUpperCase(Locale.ROOT))
        && !diff.timeZoneId().contains(UTC)) {
      return (Expression) diff.withTimeZone(UTC);
    }
    return e;
  }
}
