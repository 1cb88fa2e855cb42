package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import java.util.List;
import java.util.stream.Stream;

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

  /** The columns of a row by which its label is found; not where rows hold it themselves. */
  public static List<String> joinedBy(CheckedTrainingSet set) {
    return set.definition()
        .label()
        .outcome()
        .map(
            outcome ->
                Stream.concat(outcome.keys().values().stream(), Stream.of(CheckedTrainingSet.AS_OF))
                    .toList())
        .orElseGet(() -> set.labelSource().definition().eventKey());
  }

  /** The same where rows hold their labels themselves. */
  public static PartitionedRows ofRows(
      PinnedSources sources, CheckedTrainingSet set, Asking rows, Tally tally) {
    return new RowLabels(sources, set).labelled(rows, tally);
  }
}
