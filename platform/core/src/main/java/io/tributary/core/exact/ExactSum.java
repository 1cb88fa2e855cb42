package io.tributary.core.exact;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * An exact sum of doubles: values are added and removed in any order, and the sum is rounded once,
 * when it is read. A double-double whose lost bits go to a superaccumulator. NaN and infinities are
 * counted apart, so that they can be removed again. Not thread-safe.
 */
public final class ExactSum {
  private static final double BOUND = 1e300;

  private double high;
  private double low;
  private boolean spilled;
  private Superaccumulator rest;
  private long finite;
  private long nan;
  private long positiveInfinities;
  private long negativeInfinities;

  public void clear() {
    finite = 0;
    nan = 0;
    positiveInfinities = 0;
    negativeInfinities = 0;
    zero();
  }

  private void zero() {
    high = 0;
    low = 0;
    if (spilled) {
      rest.clear();
      spilled = false;
    }
  }

  public void add(double x) {
    if (Math.abs(x) <= Double.MAX_VALUE) {
      finite++;
      accumulate(x);
    } else {
      count(x, 1);
    }
  }

  /** Removes a value that was added before. */
  public void remove(double x) {
    if (Math.abs(x) <= Double.MAX_VALUE) {
      if (--finite == 0) {
        zero();
      } else {
        accumulate(-x);
      }
    } else {
      count(x, -1);
    }
  }

  /** Adds all values of another sum. */
  public void merge(ExactSum other) {
    finite += other.finite;
    nan += other.nan;
    positiveInfinities += other.positiveInfinities;
    negativeInfinities += other.negativeInfinities;
    accumulate(other.high);
    accumulate(other.low);
    if (other.spilled) {
      if (rest == null) {
        rest = Superaccumulator.ofSums();
      }
      spilled = true;
      rest.add(other.rest);
    }
  }

  private void count(double x, int by) {
    if (Double.isNaN(x)) {
      nan += by;
    } else if (x > 0) {
      positiveInfinities += by;
    } else {
      negativeInfinities += by;
    }
  }

  private void accumulate(double x) {
    double a = high;
    double b = low;
    double s = a + x;
    double z = s - a;
    double e = (a - (s - z)) + (x - z);
    double f = b + e;
    z = f - b;
    double g = (b - (f - z)) + (e - z);
    double t = s + f;
    z = t - s;
    high = t;
    low = (s - (t - z)) + (f - z);
    if (g != 0 || !(Math.abs(t) < BOUND)) {
      spill(a, b, x, g);
    }
  }

  private void spill(double a, double b, double x, double lost) {
    if (rest == null) {
      rest = Superaccumulator.ofSums();
    }
    spilled = true;
    if (Math.abs(high) < BOUND) {
      rest.add(lost);
    } else {
      rest.add(a);
      rest.add(b);
      rest.add(x);
      high = 0;
      low = 0;
    }
  }

  /** Whether NaN or an infinity is among the values. */
  public boolean hasNonFinite() {
    return (nan | positiveInfinities | negativeInfinities) != 0;
  }

  private double nonFinite() {
    if (nan > 0 || (positiveInfinities > 0 && negativeInfinities > 0)) {
      return Double.NaN;
    }
    return positiveInfinities > 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** The double nearest to the exact sum; zero is +0.0, a sum out of range an infinity. */
  public double sum() {
    if (hasNonFinite()) {
      return nonFinite();
    }
    double v = spilled ? Rounding.scaled(units(), -1075) : high;
    return v == 0 ? 0.0 : v;
  }

  /** The double nearest to the exact sum over {@code count}, which is positive. */
  public double mean(long count) {
    if (hasNonFinite()) {
      return nonFinite();
    }
    if (!spilled) {
      double n = (double) count;
      double q = high / n;
      if (low == 0) {
        return q == 0 && high == 0 ? 0.0 : q;
      }
      double magnitude = Math.abs(q);
      if (magnitude > 1e-280 && magnitude < 1e300) {
        double d = (Math.fma(-q, n, high) + low) / n;
        double v = q + d;
        double off = Math.abs(d - (v - q));
        // q + d is good to a few units in d's last place: v is right unless that far from the
        // middle between two doubles.
        if (Math.ulp(Math.nextDown(Math.abs(v))) / 2 - off > Math.abs(d) * 0x1p-48) {
          return v;
        }
      }
    }
    return Rounding.quotient(units(), BigInteger.valueOf(count), -1075);
  }

  /** The exact sum of the finite values, in units of 2^-1075. */
  BigInteger units() {
    BigInteger units = units(high).add(units(low));
    return spilled ? units.add(rest.units()) : units;
  }

  /** The exact sum of the finite values. */
  public BigDecimal exact() {
    BigInteger units = units();
    int zeros = Math.max(0, units.signum() == 0 ? 1075 : units.getLowestSetBit());
    return zeros >= 1075
        ? new BigDecimal(units.shiftRight(1075))
        : new BigDecimal(units.shiftRight(zeros))
            .divide(new BigDecimal(BigInteger.ONE.shiftLeft(1075 - zeros)));
  }

  private static BigInteger units(double x) {
    long bits = Double.doubleToRawLongBits(x);
    int e = (int) (bits >>> 52) & 0x7ff;
    long m = bits & 0xfffffffffffffL;
    if (e == 0) {
      e = 1;
    } else {
      m |= 1L << 52;
    }
    BigInteger u = BigInteger.valueOf(m).shiftLeft(e);
    return bits < 0 ? u.negate() : u;
  }
}
