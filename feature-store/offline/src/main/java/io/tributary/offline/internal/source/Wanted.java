package io.tributary.offline.internal.source;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Which rows of a source are looked for: others may be left out, and need not be.
 *
 * @param least of the event times, in microseconds, inclusive
 * @param greatest of them
 * @param columns that the test needs; none = it passes all
 * @param test of rows with these columns; made for each thread
 */
public record Wanted(
    long least,
    long greatest,
    List<String> columns,
    Function<StructType, Predicate<InternalRow>> test) {
  /** All that have such an event time. */
  public static Wanted between(long least, long greatest) {
    return new Wanted(least, greatest, List.of(), schema -> row -> true);
  }

  /** Those that pass a test. */
  public static Wanted where(
      List<String> columns, Function<StructType, Predicate<InternalRow>> test) {
    return new Wanted(Long.MIN_VALUE, Long.MAX_VALUE, columns, test);
  }

  boolean isTimed() {
    return least > Long.MIN_VALUE || greatest < Long.MAX_VALUE;
  }
}
