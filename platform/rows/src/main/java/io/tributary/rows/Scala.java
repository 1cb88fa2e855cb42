package io.tributary.rows;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Where Scala's types end. */
public final class Scala {
  private Scala() {}

  public static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }

  public static UnsafeProjection projection(List<Expression> expressions) {
    return UnsafeProjection.create(seq(expressions));
  }

  public static BoundReference column(StructType schema, int i) {
    return new BoundReference(i, schema.fields()[i].dataType(), schema.fields()[i].nullable());
  }

  public static BoundReference column(int i, DataType type) {
    return new BoundReference(i, type, true);
  }
}
