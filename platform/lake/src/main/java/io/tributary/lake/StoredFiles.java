package io.tributary.lake;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * The Parquet files that make up a version of a table on this machine: a row of them is one of the
 * table, null in columns that its file lacks.
 *
 * @param schema the table's columns
 */
public record StoredFiles(List<StoredFile> files, StructType schema) {
  public StoredFiles {
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param bytes that it has by the table's log
   */
  public record StoredFile(Path path, long bytes) {}

  /**
   * All of them, none of which was cut: an empty one would have no rows.
   *
   * @throws PlatformException UNREADABLE_FILE where one has not the size that the table's log says
   */
  public List<Path> whole() {
    files.forEach(StoredFiles::requireWhole);
    return files.stream().map(StoredFile::path).toList();
  }

  private static void requireWhole(StoredFile file) {
    try {
      long bytes = Files.size(file.path());
      if (bytes != file.bytes()) {
        throw new PlatformException(
            ErrorCode.UNREADABLE_FILE,
            "Cannot read file %s: it has %,d bytes, and %,d by the log of its table. Restore it from a copy, or make the table's rows again."
                .formatted(file.path(), bytes, file.bytes()));
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s, which the log of its table names: it is gone, or can't be looked at (%s). Restore it from a copy, or make the table's rows again."
              .formatted(file.path(), e.getMessage()),
          e);
    }
  }
}
