package io.tributary.offline.internal.rows;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Rows as Spark holds them, with their schema; a row is valid until the next one is asked for. */
public record SourceRows(JavaRDD<InternalRow> rows, StructType schema) {
  public static SourceRows of(Dataset<Row> frame) {
    return new SourceRows(Scala.rows(frame), frame.schema());
  }

  public Dataset<Row> frame(SparkSession session) {
    return Scala.frame(session, rows, schema);
  }

  public int index(String column) {
    return schema.fieldIndex(column);
  }
}
