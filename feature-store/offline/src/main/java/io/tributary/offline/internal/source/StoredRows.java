package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.lake.Lake;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Where the validated rows of sources lie that are not queries. Safe for threads. */
public interface StoredRows {
  /** The validated tables of a lake. */
  static StoredRows in(Lake lake, CheckedProject project) {
    return new LakeRows(project, lake);
  }

  /** The same, read by this process. */
  static StoredRows in(Lake lake, CheckedProject project, LocalRunner runner) {
    return new LocalLakeRows(project, lake, runner);
  }

  /**
   * The same, of some sources these rows in place of what a table has.
   *
   * @param instead of sources by their name; of a static one its content
   */
  default StoredRows with(Map<String, Dataset<Row>> instead) {
    return instead.isEmpty() ? this : new RowsInstead(this, instead);
  }

  /**
   * Frames that lie in no lake.
   *
   * @param frames one of a source by its name
   */
  static StoredRows of(Function<String, Dataset<Row>> frames) {
    return GivenRows.of(frames);
  }

  /** Rows that lie in no lake. */
  static StoredRows of(Given rows) {
    return new GivenRows(rows);
  }

  /** Rows of a source, with these of its columns in this order. */
  @FunctionalInterface
  interface Given {
    PartitionedRows rows(CheckedSource source, List<String> columns);
  }

  /**
   * The rows of a source, of a static one its content, with some columns of {@link
   * CheckedSource#rowSchema()} in their order there, and perhaps others.
   */
  PartitionedRows rows(CheckedSource source, Collection<String> columns, List<Pin> pins);

  /**
   * The same with all columns and, behind them, where each row came from: {@link Sources#PLACE}.
   */
  PartitionedRows placed(CheckedSource source, List<Pin> pins);

  /** The same, of all sources but these rows alone, where that saves reading. */
  default StoredRows where(Wanted wanted) {
    return this;
  }

  /** The size of the files that have a source's rows; 0 where nobody needs to know. */
  default long bytes(CheckedSource source, List<Pin> pins) {
    return 0;
  }

  /**
   * Why Spark must read a source, where these rows are without it.
   *
   * @param beside columns that are read beside those of its rows
   */
  default Optional<String> leftToSpark(CheckedSource source, List<String> beside, List<Pin> pins) {
    return Optional.empty();
  }

  /** Equal where {@link #rows} has the same rows. */
  Object content(String source, List<Pin> pins);
}
