package io.tributary.rows.spark;

import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.local.LocalRunner;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.LogicalRDD;
import scala.collection.JavaConverters;

/** Frames as rows, and back. */
public final class SparkRows {
  private SparkRows() {}

  public static PartitionedRows of(Dataset<Row> frame) {
    return new PartitionedRows(of(rdd(frame)), frame.schema());
  }

  public static Partitions of(JavaRDD<InternalRow> rows) {
    return new SparkPartitions(rows);
  }

  /**
   * A frame's rows with some of its columns or more. One that was made of rows is not planned: a
   * plan would copy each of them.
   */
  public static PartitionedRows of(Dataset<Row> frame, Column[] columns) {
    Dataset<Row> read = frame.select(columns);
    LogicalPlan plan = read.queryExecution().optimizedPlan();
    LogicalPlan made =
        plan instanceof Project project && keepsNames(project) ? project.child() : plan;
    return made instanceof LogicalRDD rows
        ? new PartitionedRows(of(rows.rdd().toJavaRDD()), rows.schema())
        : of(read);
  }

  private static boolean keepsNames(Project project) {
    return JavaConverters.seqAsJavaList(project.projectList()).stream()
        .allMatch(column -> column instanceof AttributeReference);
  }

  /**
   * The rows as a frame; those that this process computes are read by the session's tasks in it.
   */
  public static Dataset<Row> frame(PartitionedRows rows, SparkSession session) {
    return session.internalCreateDataFrame(rdd(rows, session).rdd(), rows.schema(), false);
  }

  /** The same as Spark holds them. */
  public static JavaRDD<InternalRow> rdd(PartitionedRows rows, SparkSession session) {
    return LocalRunner.computes(rows.rows()) ? OwnRows.read(rows, session) : rdd(rows.rows());
  }

  /** The rows that a frame was made of, where this process computes them. */
  public static Optional<PartitionedRows> local(Dataset<Row> frame) {
    return frame.queryExecution().analyzed() instanceof LogicalRDD rows
        ? OwnRows.of(rows.rdd())
        : Optional.empty();
  }

  /** A frame's rows as Spark holds them; a row is valid until the next one is asked for. */
  public static JavaRDD<InternalRow> rdd(Dataset<Row> frame) {
    return frame.queryExecution().toRdd().toJavaRDD();
  }

  /** Rows that must be Spark's to compute. */
  public static JavaRDD<InternalRow> rdd(Partitions rows) {
    return ((SparkPartitions) rows).rdd();
  }
}
