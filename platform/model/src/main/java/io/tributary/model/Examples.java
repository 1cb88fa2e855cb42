package io.tributary.model;

import java.util.Arrays;

/**
 * Vectors with their labels, held on the heap in chunks: 4 bytes for each float of a vector and 1
 * for a label.
 *
 * <p>Immutable once it is filled.
 */
public final class Examples {
  private static final int CHUNK_ROWS = 8_192;

  private final int width;
  private final int rows;
  private final float[][] chunks;
  private final boolean[] labels;

  private Examples(int width, boolean[] labels) {
    this.width = width;
    rows = labels.length;
    this.labels = labels;
    chunks = new float[(rows + CHUNK_ROWS - 1) / CHUNK_ROWS][];
  }

  /**
   * The vectors of rows {@code order[from]} to {@code order[to - 1]} in that order, with the labels
   * of these rows.
   */
  public static Examples of(
      Vectorizer vectorizer, InputRows inputs, boolean[] labels, int[] order, int from, int to) {
    boolean[] mine = new boolean[to - from];
    for (int k = 0; k < mine.length; k++) {
      mine[k] = labels[order[from + k]];
    }
    Examples examples = new Examples(vectorizer.width(), mine);
    for (int c = 0; c < examples.chunks.length; c++) {
      int begin = from + c * CHUNK_ROWS;
      int end = Math.min(begin + CHUNK_ROWS, to);
      examples.chunks[c] = new float[(end - begin) * examples.width];
      vectorizer.encode(inputs, order, begin, end, examples.chunks[c], 0);
    }
    return examples;
  }

  public int rows() {
    return rows;
  }

  public int width() {
    return width;
  }

  public boolean label(int row) {
    return labels[row];
  }

  /** A copy of the labels, in order. */
  public boolean[] labels() {
    return labels.clone();
  }

  /** The share of true labels. */
  public double share() {
    int positives = 0;
    for (boolean label : labels) {
      positives += label ? 1 : 0;
    }
    return rows == 0 ? 0 : (double) positives / rows;
  }

  /** The memory that the vectors and labels take, in bytes. */
  public long bytes() {
    return (long) rows * (4L * width + 1);
  }

  /**
   * Scores rows {@code from} to {@code to}; each score stands in {@code out} at its row's number.
   */
  void score(ForwardPass network, int from, int to, double[] out) {
    int row = from;
    while (row < to) {
      int end = Math.min(to, (row / CHUNK_ROWS + 1) * CHUNK_ROWS);
      float[] vectors = chunk(row);
      if (start(row) > 0) {
        vectors = Arrays.copyOfRange(vectors, start(row), start(row) + (end - row) * width);
      }
      network.run(vectors, end - row, out, row);
      row = end;
    }
  }

  /** Copies a row's vector to {@code out} at {@code at}. */
  void copy(int row, float[] out, int at) {
    System.arraycopy(chunks[row / CHUNK_ROWS], row % CHUNK_ROWS * width, out, at, width);
  }

  /** The chunk that holds a row; the row begins at {@link #start}. */
  float[] chunk(int row) {
    return chunks[row / CHUNK_ROWS];
  }

  int start(int row) {
    return row % CHUNK_ROWS * width;
  }
}
