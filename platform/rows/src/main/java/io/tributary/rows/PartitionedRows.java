package io.tributary.rows;

import org.apache.spark.sql.types.StructType;

/** Rows in partitions, with their schema. */
public record PartitionedRows(Partitions rows, StructType schema) {
  /** The same with each partition's rows made others. */
  public PartitionedRows map(StructType columns, Partitions.Mapping mapping) {
    return new PartitionedRows(rows.map(mapping), columns);
  }

  public int index(String column) {
    return schema.fieldIndex(column);
  }
}
