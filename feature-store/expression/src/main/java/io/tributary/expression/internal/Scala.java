package io.tributary.expression.internal;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Collections to and from Scala. */
final class Scala {
  private Scala() {}

  static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }

  static <T> List<T> list(Seq<T> seq) {
    return JavaConverters.seqAsJavaList(seq);
  }

  static List<Expression> children(Expression e) {
    return list(e.children());
  }

  /** A Scala {@code Option[Int]}, which Java sees as an option of anything. */
  static int orElse(Option<Object> option, int otherwise) {
    return option.isDefined() ? (Integer) option.get() : otherwise;
  }
}
