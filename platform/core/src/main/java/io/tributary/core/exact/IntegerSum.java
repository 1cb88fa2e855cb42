package io.tributary.core.exact;

import java.math.BigInteger;

/**
 * An exact sum of longs in 128 bits: values are added and removed in any order. Not thread-safe.
 */
public final class IntegerSum {
  private long high;
  private long low;

  public void clear() {
    high = 0;
    low = 0;
  }

  public void add(long x) {
    long sum = low + x;
    high += (x >> 63) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
    low = sum;
  }

  /** Removes a value that was added before. */
  public void remove(long x) {
    long difference = low - x;
    high -= (x >> 63) + (Long.compareUnsigned(low, x) < 0 ? 1 : 0);
    low = difference;
  }

  public boolean fitsLong() {
    return high == low >> 63;
  }

  /** The sum, if it {@linkplain #fitsLong() fits}. */
  public long longSum() {
    return low;
  }

  public BigInteger exact() {
    return fitsLong()
        ? BigInteger.valueOf(low)
        : BigInteger.valueOf(high).shiftLeft(64).add(unsigned(low));
  }

  private static BigInteger unsigned(long x) {
    BigInteger v = BigInteger.valueOf(x & Long.MAX_VALUE);
    return x < 0 ? v.setBit(63) : v;
  }

  /** The double nearest to the exact sum over {@code count · scale}; both are positive. */
  public double mean(long count, BigInteger scale) {
    if (fitsLong() && Math.abs(low) <= 1L << 53 && scale.bitLength() < 53) {
      double d = (double) count * (double) scale.longValue();
      if (d <= 0x1p53) {
        return (double) low / d;
      }
    }
    return Rounding.quotient(exact(), scale.multiply(BigInteger.valueOf(count)), 0);
  }
}
