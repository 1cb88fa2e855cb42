package io.tributary.offline;

import io.tributary.core.Interval;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows that were made before and ask for their labels.
 *
 * @param frame with the columns that the label is joined by
 * @param kept those of its columns that labelled rows have; of others they may have some
 * @param apart those of the kept ones by which one row is there several times, as one that several
 *     model versions scored: each of them has the label
 * @param asOfIn where all as-of are; empty = anywhere, or nowhere
 */
public record AskingRows(
    Dataset<Row> frame, Set<String> kept, List<String> apart, Optional<Interval> asOfIn) {
  public AskingRows {
    kept = Set.copyOf(kept);
    apart = List.copyOf(apart);
  }

  /** With all columns, each row there once. */
  public static AskingRows of(Dataset<Row> frame) {
    return new AskingRows(frame, Set.of(frame.columns()), List.of(), Optional.empty());
  }
}
