package io.tributary.quality;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The verdicts on some rows, and which rows broke what. */
public interface Judgement {
  Verdicts verdicts();

  /** Whether any row breaks a critical expectation, so that {@link #mark} is worth computing. */
  boolean breaksAny();

  /**
   * Adds to each row the critical expectations that it breaks, {@code array<struct<rule string,
   * column string, message string>>} in the suite's order, empty for a row that breaks none.
   *
   * @param judged the rows that were judged, all of them (uniqueness is of all rows); columns may
   *     have been added
   */
  Dataset<Row> mark(Dataset<Row> judged, String column);
}
