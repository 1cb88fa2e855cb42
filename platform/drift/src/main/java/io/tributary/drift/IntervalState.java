package io.tributary.drift;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * What is kept of an interval's rows: counts by bin and sums of whole numbers, of a size that does
 * not depend on how many rows there are. States of parts add up to the same state in any order.
 */
public final class IntervalState implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Sums of an input, by place in {@link #sums}. */
  enum Sum {
    MISSING,
    UNSEEN,
    OUTSIDE,
    BEYOND_BOUND,
    /** Of the numbers, cut off, from the centre in units of the scale, times 2²⁰. */
    VALUES,
    SQUARES,
    FIRST_PARTNER,
    SECOND_PARTNER,
    /** Rows in which one of the input and its sibling is missing. */
    ALONE
  }

  static final double UNIT = 1 << 20;

  private long rows;
  private final long[][] counts;
  private final long[][] sums;

  IntervalState(DriftReference reference) {
    this(reference, i -> true);
  }

  /** One in which some inputs alone are counted. */
  IntervalState(DriftReference reference, IntPredicate counted) {
    counts = new long[reference.inputs().size()][];
    Arrays.setAll(
        counts, i -> new long[counted.test(i) ? reference.inputs().get(i).bins().size() : 0]);
    sums = new long[counts.length][Sum.values().length];
  }

  public long rows() {
    return rows;
  }

  long[] counts(int input) {
    return counts[input];
  }

  long sum(int input, Sum sum) {
    return sums[input][sum.ordinal()];
  }

  void addRows(long number) {
    rows += number;
  }

  void add(int input, Sum sum, long value) {
    sums[input][sum.ordinal()] += value;
  }

  /** Adds what another part of the interval has. */
  public void add(IntervalState other) {
    rows += other.rows;
    for (int i = 0; i < counts.length; i++) {
      for (int b = 0; b < counts[i].length; b++) {
        counts[i][b] += other.counts[i][b];
      }
      for (int s = 0; s < sums[i].length; s++) {
        sums[i][s] += other.sums[i][s];
      }
    }
  }

  /** Its bytes, which {@link DriftProfile#state} reads: the same for the same rows. */
  public byte[] bytes() {
    int size = 1;
    for (int i = 0; i < counts.length; i++) {
      size += counts[i].length + sums[i].length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size * Long.BYTES).putLong(rows);
    for (int i = 0; i < counts.length; i++) {
      Arrays.stream(counts[i]).forEach(bytes::putLong);
      Arrays.stream(sums[i]).forEach(bytes::putLong);
    }
    return bytes.array();
  }

  /** Adds what {@link #bytes} gave. */
  void add(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    rows += bytes.getLong();
    for (int i = 0; i < counts.length; i++) {
      for (int b = 0; b < counts[i].length; b++) {
        counts[i][b] += bytes.getLong();
      }
      for (int s = 0; s < sums[i].length; s++) {
        sums[i][s] += bytes.getLong();
      }
    }
    if (bytes.hasRemaining()) {
      throw new IllegalArgumentException("the state of other inputs");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IntervalState that
        && rows == that.rows
        && Arrays.deepEquals(counts, that.counts)
        && Arrays.deepEquals(sums, that.sums);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(counts);
  }
}
