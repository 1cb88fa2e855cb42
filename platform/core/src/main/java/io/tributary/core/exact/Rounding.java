package io.tributary.core.exact;

import java.math.BigInteger;

/**
 * Rounds exact numbers once to the nearest double, ties to even; subnormals and overflow as in IEEE
 * 754.
 */
public final class Rounding {
  private static final int QUOTIENT_BITS = 66;

  private Rounding() {}

  /** {@code numerator / denominator · 2^exponent}; the denominator is positive. */
  public static double quotient(BigInteger numerator, BigInteger denominator, int exponent) {
    if (numerator.signum() == 0) {
      return 0.0;
    }
    BigInteger n = numerator.abs();
    BigInteger d = denominator;
    int shift = QUOTIENT_BITS - (n.bitLength() - d.bitLength());
    if (shift > 0) {
      n = n.shiftLeft(shift);
    } else {
      d = d.shiftLeft(-shift);
    }
    BigInteger[] q = n.divideAndRemainder(d);
    double magnitude = round(q[0], q[1].signum() != 0, exponent - shift);
    return numerator.signum() < 0 ? -magnitude : magnitude;
  }

  /** {@code value · 2^exponent}. */
  public static double scaled(BigInteger value, int exponent) {
    double magnitude = round(value.abs(), false, exponent);
    return value.signum() < 0 ? -magnitude : magnitude;
  }

  private static double round(BigInteger bits, boolean more, int exponent) {
    int length = bits.bitLength();
    if (length == 0) {
      return 0.0;
    }
    int top = length - 1 + exponent;
    if (top > Double.MAX_EXPONENT) {
      return Double.POSITIVE_INFINITY;
    }
    int precision = top >= Double.MIN_EXPONENT ? 53 : 53 - (Double.MIN_EXPONENT - top);
    if (precision < 0) {
      return 0.0;
    }
    int drop = length - precision;
    if (drop <= 0) {
      return Math.scalb((double) bits.longValue(), exponent);
    }
    BigInteger kept = bits.shiftRight(drop);
    boolean half = bits.testBit(drop - 1);
    boolean below = more || bits.getLowestSetBit() < drop - 1;
    long mantissa = kept.longValue();
    if (half && (below || (mantissa & 1) == 1)) {
      mantissa++;
    }
    return Math.scalb((double) mantissa, exponent + drop);
  }
}
