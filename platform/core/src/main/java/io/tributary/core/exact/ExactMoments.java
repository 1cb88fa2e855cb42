package io.tributary.core.exact;

import java.math.BigInteger;

/**
 * Count, sum and sum of squares of doubles, exact, so that mean and variance don't depend on the
 * order in which values come and go. Not thread-safe.
 */
public final class ExactMoments {
  private final ExactSum sum = new ExactSum();
  private final Superaccumulator squares = Superaccumulator.ofSquares();
  private long count;

  public void clear() {
    count = 0;
    sum.clear();
    squares.clear();
  }

  public void add(double x) {
    count++;
    sum.add(x);
    if (Math.abs(x) <= Double.MAX_VALUE) {
      squares.addSquare(x, false);
    }
  }

  /** Removes a value that was added before. */
  public void remove(double x) {
    count--;
    sum.remove(x);
    if (Math.abs(x) <= Double.MAX_VALUE) {
      squares.addSquare(x, true);
    }
  }

  /** Adds all values of another. */
  public void merge(ExactMoments other) {
    count += other.count;
    sum.merge(other.sum);
    squares.add(other.squares);
  }

  public long count() {
    return count;
  }

  /** The double nearest to the mean; there must be a value. */
  public double mean() {
    return sum.mean(count);
  }

  /**
   * The double nearest to the variance, NaN if NaN or an infinity is among the values; needs one
   * value, of a sample two.
   *
   * @param sample whether it is divided by {@code count − 1}, else by {@code count}
   */
  public double variance(boolean sample) {
    if (sum.hasNonFinite()) {
      return Double.NaN;
    }
    // A sum's unit is 2^-1075, so its square has the unit of the squares.
    return variance(
        count, sum.units(), squares.units(), BigInteger.ONE, squares.exponent(), sample);
  }

  /**
   * The double nearest to the variance of values with a given sum and sum of squares.
   *
   * @param unit what the squares are divided by
   * @param exponent of the power of two that the squares are multiplied by
   */
  public static double variance(
      long count,
      BigInteger sum,
      BigInteger squares,
      BigInteger unit,
      int exponent,
      boolean sample) {
    BigInteger n = BigInteger.valueOf(count);
    BigInteger numerator = n.multiply(squares).subtract(sum.multiply(sum));
    BigInteger denominator = n.multiply(BigInteger.valueOf(sample ? count - 1 : count));
    return Rounding.quotient(numerator, denominator.multiply(unit), exponent);
  }
}
