package io.tributary.lake;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * The Parquet files that make up a version of a table on this machine: a row of them is one of the
 * table, null in columns that its file lacks.
 *
 * @param schema the table's columns
 */
public record StoredFiles(List<Path> files, StructType schema) {
  public StoredFiles {
    files = List.copyOf(files);
  }
}
