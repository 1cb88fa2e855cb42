package io.tributary.offline.internal;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Where the validated rows of sources lie that are not queries. Safe for threads. */
public interface StoredRows {
  /**
   * The rows of a source, of a static one its content: {@link CheckedSource#rowSchema()}, and
   * perhaps other columns.
   */
  Dataset<Row> rows(CheckedSource source, List<Pin> pins);

  /**
   * What was taken of a view.
   *
   * @throws PlatformException INVALID_REQUEST where there are no snapshots
   */
  SnapshotRows snapshots(CheckedView view, List<Pin> pins);

  /** Equal where {@link #rows} has the same rows. */
  Object content(String source, List<Pin> pins);
}
