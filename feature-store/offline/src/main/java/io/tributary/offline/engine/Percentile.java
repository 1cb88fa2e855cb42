package io.tributary.offline.engine;

import io.tributary.core.exact.Rounding;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * An exact percentile: linear between the two nearest values, rounded once. {@code p} stands for
 * the shortest decimal that denotes it, so that 0.9 of eleven values is the tenth. A zero is +0.0.
 */
final class Percentile {
  private final BigInteger numerator;
  private final BigInteger denominator;
  private final boolean small;
  private final long p;
  private final long q;
  private long lower;
  private BigInteger part;

  Percentile(double p) {
    BigDecimal exact = BigDecimal.valueOf(p).stripTrailingZeros();
    this.denominator = BigInteger.TEN.pow(Math.max(0, exact.scale()));
    this.numerator = exact.setScale(Math.max(0, exact.scale())).unscaledValue();
    this.small = denominator.bitLength() <= 31;
    this.p = small ? numerator.longValue() : 0;
    this.q = small ? denominator.longValue() : 1;
  }

  /** Finds the place among {@code count} values. */
  void locate(int count) {
    if (small) {
      long position = p * (count - 1);
      lower = position / q;
      long rest = position % q;
      part = rest == 0 ? BigInteger.ZERO : BigInteger.valueOf(rest);
    } else {
      BigInteger[] position =
          numerator.multiply(BigInteger.valueOf(count - 1L)).divideAndRemainder(denominator);
      lower = position[0].longValue();
      part = position[1];
    }
  }

  /** The index of the lower of the two nearest values. */
  int lower() {
    return (int) lower;
  }

  /** Whether the place is exactly at {@link #lower()}. */
  boolean isExact() {
    return part.signum() == 0;
  }

  double between(double a, double b) {
    if (a == b) {
      return zero(a);
    }
    if (!(Math.abs(a) <= Double.MAX_VALUE && Math.abs(b) <= Double.MAX_VALUE)) {
      return a + b;
    }
    if (small && Math.abs(a) < 1L << 20 && Math.abs(b) < 1L << 20 && a == (int) a && b == (int) b) {
      long rest = part.longValue();
      return quotient((long) a * (q - rest) + (long) b * rest, q);
    }
    BigDecimal rest = new BigDecimal(part);
    BigDecimal sum =
        new BigDecimal(a)
            .multiply(new BigDecimal(denominator).subtract(rest))
            .add(new BigDecimal(b).multiply(rest));
    int scale = Math.max(0, sum.scale());
    return zero(
        Rounding.quotient(
            sum.setScale(scale).unscaledValue(),
            denominator.multiply(BigInteger.TEN.pow(scale)),
            0));
  }

  double between(long a, long b) {
    return Math.abs(a) <= 1L << 53 && Math.abs(b) <= 1L << 53
        ? between((double) a, (double) b)
        : between(BigInteger.valueOf(a), BigInteger.valueOf(b), 0);
  }

  /** Between two integers that are {@code 10^scale} times the values. */
  double between(BigInteger a, BigInteger b, int scale) {
    BigInteger sum = a.multiply(denominator.subtract(part)).add(b.multiply(part));
    return Rounding.quotient(sum, denominator.multiply(BigInteger.TEN.pow(scale)), 0);
  }

  private static double quotient(long n, long d) {
    return zero((double) n / (double) d);
  }

  private static double zero(double v) {
    return v == 0 ? 0.0 : v;
  }
}
