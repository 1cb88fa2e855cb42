package io.tributary.model;

import java.nio.charset.StandardCharsets;

/** A block of a network's rows. All that it needs is made with it and used again. */
final class NetworkBlock implements ScoringBlock {
  private static final Vectorizer.Taken[] TAKEN = Vectorizer.Taken.values();

  /** Numbers of vectors that a processor's cache has room for. */
  private static final int NUMBERS = 1 << 19;

  private final TrainedModel model;
  private final InputRows inputs;
  private final float[] vectors;
  private final double[] scores;
  private final byte[] taken;
  private final boolean[] flagged;

  NetworkBlock(TrainedModel model) {
    this.model = model;
    int width = model.vectorizer().width();
    int most = Math.max(64, Math.min(TrainedModel.BLOCK, NUMBERS / width));
    this.inputs = InputRows.coded(model.signature().inputs(), most);
    this.vectors = new float[Math.multiplyExact(most, width)];
    this.scores = new double[most];
    this.taken = new byte[Math.multiplyExact(most, inputs.inputs())];
    this.flagged = new boolean[most];
  }

  @Override
  public int most() {
    return scores.length;
  }

  @Override
  public void clear() {
    inputs.clear();
  }

  @Override
  public void append() {
    inputs.append();
  }

  @Override
  public void number(int input, double value) {
    inputs.number(input, value);
  }

  @Override
  public void text(int input, byte[] bytes, int from, int to) {
    TextCodes codes = model.vectorizer().codes(input);
    int code = codes.of(bytes, from, to);
    if (code == TextCodes.NONE) {
      // Bytes that are no UTF-8 are what training, which reads strings, made of them.
      code = codes.of(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
    inputs.code(input, code == TextCodes.NONE ? InputRows.UNSEEN : code);
  }

  @Override
  public void score() {
    model.score(inputs, vectors, scores);
    model.vectorizer().taken(inputs, taken, flagged);
  }

  @Override
  public double score(int row) {
    return scores[row];
  }

  @Override
  public boolean flagged(int row) {
    return flagged[row];
  }

  @Override
  public Vectorizer.Taken taken(int input, int row) {
    return TAKEN[taken[row * inputs.inputs() + input]];
  }
}
