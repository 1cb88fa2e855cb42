package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.lake.Lake;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Where the validated rows of sources lie that are not queries. Safe for threads. */
public interface StoredRows {
  /** The validated tables of a lake. */
  static StoredRows in(Lake lake, CheckedProject project) {
    return new LakeRows(project, lake);
  }

  /**
   * Frames, without a lake.
   *
   * @param rows those of a source by its name
   */
  static StoredRows of(Function<String, Dataset<Row>> rows) {
    return new GivenRows(rows);
  }

  /**
   * The rows of a source, of a static one its content: {@link CheckedSource#rowSchema()}, and
   * perhaps other columns.
   */
  Dataset<Row> rows(CheckedSource source, List<Pin> pins);

  /** Equal where {@link #rows} has the same rows. */
  Object content(String source, List<Pin> pins);
}
