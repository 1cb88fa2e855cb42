package io.tributary.expression.internal;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.BinaryArithmetic;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Divide;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IntegralDivide;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.Pmod;
import org.apache.spark.sql.catalyst.expressions.Remainder;
import org.apache.spark.sql.types.NumericType;

/** Makes a division by zero null; overflow still fails. */
final class NullDivision {
  private NullDivision() {}

  static Expression bind(Expression tree) {
    return Rewrite.up(tree, NullDivision::bindNode);
  }

  private static Expression bindNode(Expression e) {
    boolean divides =
        e instanceof Divide
            || e instanceof IntegralDivide
            || e instanceof Remainder
            || e instanceof Pmod;
    if (!divides || !(e instanceof BinaryArithmetic division)) {
      return e;
    }
    Expression divisor = division.right();
    if (!(divisor.dataType() instanceof NumericType)) {
      return e;
    }
    Expression zero = Cast$.MODULE$.apply(Literal$.MODULE$.apply(0), divisor.dataType(), true);
    Expression safe =
        new If(
            new EqualTo(divisor, zero), Literal$.MODULE$.create(null, divisor.dataType()), divisor);
    return (Expression) e.withNewChildren(Scala.seq(List.of(division.left(), safe)));
  }
}
