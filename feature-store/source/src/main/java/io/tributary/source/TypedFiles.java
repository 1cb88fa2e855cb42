package io.tributary.source;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Files that name their columns and the types of these, of a format that Spark reads itself: here
 * and there in a file, by an index at its end.
 */
public interface TypedFiles {
  /**
   * Whether a file's columns have the contract's own types, so that Spark gives the same rows. Only
   * what the file says of its columns is read.
   *
   * @param path the file's name, for messages
   * @param location where it can be opened: an absolute local path or a Hadoop URI
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when it has other columns,
   *     UNREADABLE_FILE when it is broken
   */
  boolean storesAsDeclared(String path, String location, Configuration hadoop);

  /**
   * Opens a file, or a part of it, where it lies, and checks that it has the contract's columns.
   * Lines are counted from the part's first one.
   *
   * @param path the file's name, for messages
   * @param location where it can be opened: an absolute local path or a Hadoop URI
   * @param offset where the part begins; 0 for a whole file
   * @param bytes how many the part has, or the file
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when it has other columns,
   *     UNREADABLE_FILE when it is broken or can't be read
   */
  Lines open(String path, String location, long offset, long bytes, Configuration hadoop);

  /** Parts of a file, each of so many bytes at least; fewer than two where it can't be divided. */
  List<FilePart> parts(String location, long leastBytes, Configuration hadoop);

  /** The rows of files that store as declared, by Spark, with {@code _file} and {@code _line}. */
  Dataset<Row> rows(SparkSession spark, List<String> locations);
}
