package io.tributary.offline;

/**
 * What became of the rows that asked for a label.
 *
 * @param asked rows
 * @param unknown of them: no version of their event was known in time, or it was withdrawn
 * @param filtered of them: the outcome is not of interest
 * @param missing of them: the label is null
 */
public record LabelCounts(long asked, long unknown, long filtered, long missing) {
  /** Rows that have a label. */
  public long labelled() {
    return asked - unknown - filtered - missing;
  }
}
