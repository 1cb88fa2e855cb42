package io.tributary.offline.internal.rows;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.LogicalRDD;
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

  /** The rows as Spark holds them; a row is valid until the next one is asked for. */
  public static JavaRDD<InternalRow> rows(Dataset<Row> frame) {
    return frame.queryExecution().toRdd().toJavaRDD();
  }

  /**
   * A frame's rows with some of its columns or more. One that was made of rows is not planned: a
   * plan would copy each of them.
   */
  public static SourceRows rows(Dataset<Row> frame, Column[] columns) {
    Dataset<Row> read = frame.select(columns);
    LogicalPlan plan = read.queryExecution().optimizedPlan();
    LogicalPlan made =
        plan instanceof Project project && keepsNames(project) ? project.child() : plan;
    return made instanceof LogicalRDD rows
        ? new SourceRows(new SparkPartitions(rows.rdd().toJavaRDD()), rows.schema())
        : SourceRows.of(read);
  }

  private static boolean keepsNames(Project project) {
    return JavaConverters.seqAsJavaList(project.projectList()).stream()
        .allMatch(column -> column instanceof AttributeReference);
  }

  public static Dataset<Row> frame(
      SparkSession session, JavaRDD<InternalRow> rows, StructType schema) {
    RDD<InternalRow> rdd = rows.rdd();
    return session.internalCreateDataFrame(rdd, schema, false);
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
