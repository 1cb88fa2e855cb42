package io.tributary.expression.internal;

import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.types.StringType;

/**
 * Refuses text where a number, a time or a truth value is wanted. Spark would cast it without a
 * word, and fail at the first row that holds something else; a text constant is cast, since that
 * shows at once.
 */
final class Strictness {
  private Strictness() {}

  /** Of a tree that still holds what Spark's functions are replaced by; throws with the reason. */
  static void requireNoHiddenParsing(Expression e) {
    if (e instanceof Cast cast && isHidden(cast)) {
      throw new IllegalArgumentException(
          cast.child().sql().replace("`", "")
              + " is text, where "
              + cast.dataType().catalogString()
              + " is wanted. Say so: cast("
              + cast.child().sql().replace("`", "")
              + " as "
              + cast.dataType().catalogString()
              + ").");
    }
    if (e instanceof RuntimeReplaceable replaceable
        && replaceable.replacement() instanceof Cast parsing) {
      requireNoHiddenParsing(parsing.child()); // to_date(s) and its like are there to parse
      return;
    }
    Scala.children(e).forEach(Strictness::requireNoHiddenParsing);
  }

  private static boolean isHidden(Cast cast) {
    return cast.child().dataType() instanceof StringType
        && !(cast.dataType() instanceof StringType)
        && !(cast.dataType() instanceof org.apache.spark.sql.types.BinaryType)
        && !cast.child().foldable()
        && cast.getTagValue(Cast$.MODULE$.USER_SPECIFIED_CAST()).isEmpty();
  }
}
