package io.tributary.offline.internal.rows;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows with their schema. */
public record SourceRows(Partitions rows, StructType schema) {
  public static SourceRows of(Dataset<Row> frame) {
    return new SourceRows(new SparkPartitions(Scala.rows(frame)), frame.schema());
  }

  /** The rows as a frame of Spark's, which computes them. */
  public Dataset<Row> frame(SparkSession session) {
    return Scala.frame(session, SparkPartitions.rdd(rows), schema);
  }

  /** The same with each partition's rows made others. */
  public SourceRows map(StructType columns, Partitions.Mapping mapping) {
    return new SourceRows(rows.map(mapping), columns);
  }

  public int index(String column) {
    return schema.fieldIndex(column);
  }
}
