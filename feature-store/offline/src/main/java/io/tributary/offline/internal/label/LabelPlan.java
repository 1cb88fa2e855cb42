package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The labels of label rows (rule 14). A training set has one of three kinds: the value of an event,
 * found by event key ({@link EventLabels}); an outcome over an interval after the as-of ({@link
 * OutcomeLabels}); or what the label row itself holds ({@link RowLabels}).
 */
public final class LabelPlan {
  private final PinnedSources sources;

  public LabelPlan(PinnedSources sources) {
    this.sources = sources;
  }

  /**
   * The rows that have a label, with it as their last column, counted as {@link LabelTally} lists.
   *
   * @param rows with the columns that the label is joined by; for an outcome with {@link
   *     CheckedTrainingSet#AS_OF}
   * @param knownUntil microseconds, inclusive; {@link Long#MAX_VALUE} = all that is pinned
   * @param overlaps what is counted beside labels of events and outcomes
   */
  public PartitionedRows labelled(
      CheckedTrainingSet set,
      PartitionedRows rows,
      long knownUntil,
      Overlaps overlaps,
      Tally tally) {
    return set.outcome().isPresent()
        ? new OutcomeLabels(sources, set).labelled(rows, knownUntil, overlaps, tally)
        : new EventLabels(sources, set).labelled(rows, knownUntil, overlaps, tally);
  }

  /** The same where rows hold their labels themselves. */
  public static PartitionedRows ofRows(
      PinnedSources sources, CheckedTrainingSet set, Dataset<Row> rows, Tally tally) {
    return new RowLabels(sources, set).labelled(rows, tally);
  }
}
