package io.tributary.model;

import java.util.Arrays;

/** A block of rows for an ONNX model. */
final class OnnxBlock implements ScoringBlock {
  /** Rows are computed one by one: more at once would cost memory alone. */
  private static final int MOST = 256;

  private final OnnxModel model;
  private final double[][] inputs;
  private final double[] scores = new double[MOST];
  private int rows;

  OnnxBlock(OnnxModel model) {
    this.model = model;
    this.inputs = new double[MOST][model.signature().inputs().size()];
  }

  @Override
  public int most() {
    return MOST;
  }

  @Override
  public void clear() {
    rows = 0;
  }

  @Override
  public void append() {
    Arrays.fill(inputs[rows++], Double.NaN);
  }

  @Override
  public void number(int input, double value) {
    inputs[rows - 1][input] = model.taken(input, value);
  }

  @Override
  public void text(int input, byte[] bytes, int from, int to) {
    throw new IllegalStateException("an ONNX model takes numbers alone");
  }

  @Override
  public void score() {
    for (int row = 0; row < rows; row++) {
      scores[row] = model.score(inputs[row]);
    }
  }

  @Override
  public double score(int row) {
    return scores[row];
  }

  @Override
  public boolean flagged(int row) {
    for (double value : inputs[row]) {
      if (Double.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Vectorizer.Taken taken(int input, int row) {
    return Double.isNaN(inputs[row][input]) ? Vectorizer.Taken.MISSING : Vectorizer.Taken.WHOLE;
  }
}
