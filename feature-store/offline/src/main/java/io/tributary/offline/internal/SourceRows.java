package io.tributary.offline.internal;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Rows of a source with their schema; a row is valid until the next one is asked for. */
public record SourceRows(JavaRDD<InternalRow> rows, StructType schema) {
  int index(String column) {
    return schema.fieldIndex(column);
  }
}
