package io.tributary.events.facts;

/**
 * Counts of label rows by what became of their label.
 *
 * @param asked all rows
 * @param unknown of them: no version of their event was known in time, or it was withdrawn; with an
 *     outcome over an interval, those without as-of
 * @param filtered of them: the outcome is not of interest
 * @param missing of them: the label is null
 * @param immature of them: their interval and its maturity were not over in time
 */
public record LabelCounts(long asked, long unknown, long filtered, long missing, long immature) {
  /** Rows that have a label. */
  public long labelled() {
    return asked - unknown - filtered - missing - immature;
  }
}
