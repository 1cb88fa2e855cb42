package io.tributary.train.internal;

import io.tributary.model.Input;
import io.tributary.model.InputRows;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * A block of a training set's rows by column, as sent from a task to the driver. Not thread-safe
 * while it is filled.
 */
public final class RowBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  private final InputRows inputs;
  private final InputRows slices;
  private boolean[] labels;
  private long[] asOf;
  private long[] hashes;
  private int[] buckets;
  private int rows;

  RowBlock(List<Input> inputs, List<Input> slices, int capacity) {
    this.inputs = new InputRows(inputs, capacity);
    this.slices = new InputRows(slices, capacity);
    labels = new boolean[capacity];
    asOf = new long[capacity];
    hashes = new long[capacity];
    buckets = new int[capacity];
  }

  void append(long asOfMicros, boolean label, long hash, int bucket) {
    if (rows == labels.length) {
      grow(Math.max(rows + 1, rows + (rows >> 1)));
    }
    inputs.append();
    slices.append();
    labels[rows] = label;
    asOf[rows] = asOfMicros;
    hashes[rows] = hash;
    buckets[rows] = bucket;
    rows++;
  }

  void appendAll(RowBlock other) {
    if (rows + other.rows > labels.length) {
      grow(rows + other.rows);
    }
    inputs.appendAll(other.inputs);
    slices.appendAll(other.slices);
    System.arraycopy(other.labels, 0, labels, rows, other.rows);
    System.arraycopy(other.asOf, 0, asOf, rows, other.rows);
    System.arraycopy(other.hashes, 0, hashes, rows, other.rows);
    System.arraycopy(other.buckets, 0, buckets, rows, other.rows);
    rows += other.rows;
  }

  public int rows() {
    return rows;
  }

  public InputRows inputs() {
    return inputs;
  }

  public InputRows slices() {
    return slices;
  }

  public boolean[] labels() {
    return Arrays.copyOf(labels, rows);
  }

  /** Microseconds since 1970. */
  public long[] asOf() {
    return Arrays.copyOf(asOf, rows);
  }

  /** The hash of each row's values. */
  public long[] hashes() {
    return Arrays.copyOf(hashes, rows);
  }

  /** The bucket of each row's key in the split; 0 without a key. */
  public int[] buckets() {
    return Arrays.copyOf(buckets, rows);
  }

  private void grow(int capacity) {
    labels = Arrays.copyOf(labels, capacity);
    asOf = Arrays.copyOf(asOf, capacity);
    hashes = Arrays.copyOf(hashes, capacity);
    buckets = Arrays.copyOf(buckets, capacity);
  }
}
