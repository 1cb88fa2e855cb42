package io.tributary.model;

import java.nio.charset.StandardCharsets;

/**
 * A block of rows on its way through a model: filled a row at a time, {@link #append()} and then
 * the values that are there, scored at once. All that it needs is made with it and used again. Not
 * safe for threads.
 */
public final class ScoringBlock {
  private static final Vectorizer.Taken[] TAKEN = Vectorizer.Taken.values();

  /** Numbers of vectors that a processor's cache has room for. */
  private static final int NUMBERS = 1 << 19;

  private final TrainedModel model;
  private final InputRows inputs;
  private final float[] vectors;
  private final double[] scores;
  private final byte[] taken;
  private final boolean[] flagged;

  ScoringBlock(TrainedModel model) {
    this.model = model;
    int width = model.vectorizer().width();
    int most = Math.max(64, Math.min(TrainedModel.BLOCK, NUMBERS / width));
    this.inputs = InputRows.coded(model.signature().inputs(), most);
    this.vectors = new float[Math.multiplyExact(most, width)];
    this.scores = new double[most];
    this.taken = new byte[Math.multiplyExact(most, inputs.inputs())];
    this.flagged = new boolean[most];
  }

  /** How many rows it has room for. */
  public int most() {
    return scores.length;
  }

  /** Forgets all rows. */
  public void clear() {
    inputs.clear();
  }

  /** Begins a new row; a block has {@link #most()} at most. */
  public void append() {
    inputs.append();
  }

  /** Sets a numeric input of the last row; NaN and infinities are missing. */
  public void number(int input, double value) {
    inputs.number(input, value);
  }

  /** Sets a categorical input of the last row to a text in UTF-8. */
  public void text(int input, byte[] bytes, int from, int to) {
    TextCodes codes = model.vectorizer().codes(input);
    int code = codes.of(bytes, from, to);
    if (code == TextCodes.NONE) {
      // Bytes that are no UTF-8 are what training, which reads strings, made of them.
      code = codes.of(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
    inputs.code(input, code == TextCodes.NONE ? InputRows.UNSEEN : code);
  }

  /** Scores its rows. */
  public void score() {
    model.score(inputs, vectors, scores);
    model.vectorizer().taken(inputs, taken, flagged);
  }

  /** The score of a row, in [0, 1]. */
  public double score(int row) {
    return scores[row];
  }

  /** Whether any input of a row did not count as it was. */
  public boolean flagged(int row) {
    return flagged[row];
  }

  /** What became of an input of a row. */
  public Vectorizer.Taken taken(int input, int row) {
    return TAKEN[taken[row * inputs.inputs() + input]];
  }
}
