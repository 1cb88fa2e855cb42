package io.tributary.offline;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.JoinCounts;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows with their features, not computed before they are wanted. Either read {@link #rows()} once
 * and then look at {@link #counts()}, or {@link #materialize()} first: that computes the rows once,
 * checks that as many came out as went in, and keeps them until it is closed.
 */
public final class Joined implements AutoCloseable {
  private final JavaRDD<InternalRow> rows;
  private final java.util.function.Function<JavaRDD<InternalRow>, Dataset<Row>> frame;
  private final Supplier<JoinCounts> counts;
  private final boolean kept;

  private Joined(
      JavaRDD<InternalRow> rows,
      java.util.function.Function<JavaRDD<InternalRow>, Dataset<Row>> frame,
      Supplier<JoinCounts> counts,
      boolean kept) {
    this.rows = rows;
    this.frame = frame;
    this.counts = counts;
    this.kept = kept;
  }

  static Joined of(
      JavaRDD<InternalRow> rows,
      java.util.function.Function<JavaRDD<InternalRow>, Dataset<Row>> frame,
      Supplier<JoinCounts> counts) {
    return new Joined(rows, frame, counts, false);
  }

  /** The columns of the label rows, then the features of each use in their order. */
  public Dataset<Row> rows() {
    return frame.apply(rows);
  }

  /** What was counted when {@link #rows()} was computed as a whole; nothing before that. */
  public JoinCounts counts() {
    return counts.get();
  }

  /**
   * Computes the rows and keeps them in memory, on disk where that is too small.
   *
   * @throws PlatformException BUG when the number of rows has changed
   */
  public Joined materialize() {
    if (kept) {
      return this;
    }
    JavaRDD<InternalRow> copies =
        rows.map(InternalRow::copy).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      requireAll(copies.count());
    } catch (RuntimeException e) {
      copies.unpersist(false);
      throw e;
    }
    return new Joined(copies, frame, counts, true);
  }

  /**
   * Checks, after {@link #rows()} was computed as a whole, that as many came out as went in.
   *
   * @throws PlatformException BUG when the number of rows has changed
   */
  public void requireAll() {
    requireAll(counts.get().rowsOut());
  }

  private void requireAll(long computed) {
    JoinCounts counted = counts.get();
    if (counted.rowsIn() != counted.rowsOut() || counted.rowsOut() != computed) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot join features: %s rows asked and %s came back. Report this as a bug."
              .formatted(counted.rowsIn(), computed));
    }
  }

  /** Forgets what {@link #materialize()} kept. */
  @Override
  public void close() {
    if (kept) {
      rows.unpersist(false);
    }
  }
}
