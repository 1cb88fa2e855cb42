package io.tributary.model;

/**
 * A block of rows on its way through a model: filled a row at a time, {@link #append()} and then
 * the values that are there, scored at once. Not safe for threads.
 */
public sealed interface ScoringBlock permits NetworkBlock, OnnxBlock {
  /** How many rows it has room for. */
  int most();

  /** Forgets all rows. */
  void clear();

  /** Begins a new row; a block has {@link #most()} at most. */
  void append();

  /** Sets a numeric input of the last row; NaN and infinities are missing. */
  void number(int input, double value);

  /** Sets a categorical input of the last row to a text in UTF-8. */
  void text(int input, byte[] bytes, int from, int to);

  /** Scores its rows. */
  void score();

  /** The score of a row, as {@link ScoringModel#output} says. */
  double score(int row);

  /** Whether any input of a row did not count as it was. */
  boolean flagged(int row);

  /** What became of an input of a row. */
  Vectorizer.Taken taken(int input, int row);
}
