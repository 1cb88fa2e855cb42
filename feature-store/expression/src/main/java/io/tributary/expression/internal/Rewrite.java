package io.tributary.expression.internal;

import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.Function1;
import scala.runtime.AbstractPartialFunction;

/**
 * A tree rewrite in the form that Catalyst takes: a node that comes back unchanged is left alone.
 */
final class Rewrite extends AbstractPartialFunction<Expression, Expression> {
  private final UnaryOperator<Expression> step;

  private Rewrite(UnaryOperator<Expression> step) {
    this.step = step;
  }

  /** The tree with {@code step} applied to each node, children first. */
  static Expression up(Expression tree, UnaryOperator<Expression> step) {
    return tree.transformUp(new Rewrite(step));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // Catalyst's own test for "not changed"
  public boolean isDefinedAt(Expression e) {
    return step.apply(e) != e;
  }

  @Override
  @SuppressWarnings({"unchecked", "ReferenceEquality"})
  public <A extends Expression, B> B applyOrElse(A e, Function1<A, B> otherwise) {
    Expression changed = step.apply(e);
    return changed == e ? otherwise.apply(e) : (B) changed;
  }
}
