package io.tributary.offline;

import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows that have a label, with it as their last column; not computed before they are wanted.
 */
public final class Labelled {
  private final Dataset<Row> rows;
  private final Supplier<LabelCounts> counts;

  Labelled(Dataset<Row> rows, Supplier<LabelCounts> counts) {
    this.rows = rows;
    this.counts = counts;
  }

  public Dataset<Row> rows() {
    return rows;
  }

  /** What was counted when the rows were computed as a whole; nothing before that. */
  public LabelCounts counts() {
    return counts.get();
  }
}
