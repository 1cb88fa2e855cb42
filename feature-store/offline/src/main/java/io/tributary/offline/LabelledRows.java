package io.tributary.offline;

import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.rows.PartitionedRows;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows that have a label, with it as their last column; not computed before they are wanted.
 */
public final class LabelledRows {
  private final PartitionedRows rows;
  private final Function<PartitionedRows, Dataset<Row>> frames;
  private final Supplier<LabelCounts> counts;
  private final Supplier<Optional<Instant>> lastKnown;
  private final Supplier<Optional<Instant>> lastEvent;
  private final Supplier<SharedEvents> shared;

  LabelledRows(
      PartitionedRows rows,
      Function<PartitionedRows, Dataset<Row>> frames,
      Supplier<LabelCounts> counts,
      Supplier<Optional<Instant>> lastKnown,
      Supplier<Optional<Instant>> lastEvent,
      Supplier<SharedEvents> shared) {
    this.rows = rows;
    this.frames = frames;
    this.counts = counts;
    this.lastKnown = lastKnown;
    this.lastEvent = lastEvent;
    this.shared = shared;
  }

  public Dataset<Row> rows() {
    return frames.apply(rows);
  }

  /** The same as their runner computes them. */
  PartitionedRows partitions() {
    return rows;
  }

  /**
   * The greatest known time among all versions of the label's source by {@code knownUntil}, when
   * the rows were computed as a whole; empty before that, or when there are none.
   */
  public Optional<Instant> lastKnown() {
    return lastKnown.get();
  }

  /**
   * The greatest event time of the source of an outcome over an interval, where the end of what is
   * known was taken from there.
   */
  Optional<Instant> lastEvent() {
    return lastEvent.get();
  }

  /**
   * The same of events in both features and label, and in neither; nothing unless they are
   * compared.
   */
  SharedEvents shared() {
    return shared.get();
  }

  /** What was counted when the rows were computed as a whole; nothing before that. */
  public LabelCounts counts() {
    return counts.get();
  }
}
