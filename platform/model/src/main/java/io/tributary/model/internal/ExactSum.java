package io.tributary.model.internal;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A sum of doubles without any rounding, so that its value does not depend on the order of what was
 * added. Only finite values may be added. Not safe for threads.
 */
public final class ExactSum {
  // Value = sum of limbs[k] * 2^(32 k - 1074); a double of 53 bits touches three limbs of 32 bits.
  private static final int LIMBS = 67;
  private static final int ADDS_BEFORE_CARRY = 1 << 30;

  private final long[] limbs = new long[LIMBS + 2];
  private int left = ADDS_BEFORE_CARRY;

  public void add(double x) {
    long bits = Double.doubleToRawLongBits(x);
    int exponent = (int) (bits >>> 52) & 0x7ff;
    long mantissa = bits & 0xfffffffffffffL;
    if (exponent == 0x7ff) {
      throw new ArithmeticException("not a finite value: " + x);
    }
    if (exponent == 0) {
      exponent = 1;
    } else {
      mantissa |= 1L << 52;
    }
    int position = exponent - 1;
    int limb = position >>> 5;
    int shift = position & 31;
    long low = (mantissa << shift) & 0xffffffffL;
    long rest = mantissa >>> (32 - shift);
    if (bits < 0) {
      limbs[limb] -= low;
      limbs[limb + 1] -= rest & 0xffffffffL;
      limbs[limb + 2] -= rest >>> 32;
    } else {
      limbs[limb] += low;
      limbs[limb + 1] += rest & 0xffffffffL;
      limbs[limb + 2] += rest >>> 32;
    }
    if (--left == 0) {
      carry();
    }
  }

  /** Adds {@code x * x}, exactly unless it underflows. */
  public void addSquare(double x) {
    double high = x * x;
    add(high);
    add(Math.fma(x, x, -high));
  }

  public void add(ExactSum other) {
    carry();
    other.carry();
    for (int k = 0; k < limbs.length; k++) {
      limbs[k] += other.limbs[k];
    }
    carry();
  }

  /** The sum itself. */
  public BigDecimal value() {
    carry();
    BigInteger sum = BigInteger.ZERO;
    for (int k = limbs.length - 1; k >= 0; k--) {
      sum = sum.shiftLeft(32).add(BigInteger.valueOf(limbs[k]));
    }
    int zeros = sum.signum() == 0 ? 0 : Math.min(1074, sum.getLowestSetBit());
    return new BigDecimal(sum.shiftRight(zeros))
        .divide(new BigDecimal(BigInteger.ONE.shiftLeft(1074 - zeros)));
  }

  private void carry() {
    for (int k = 0; k < limbs.length - 1; k++) {
      long up = limbs[k] >> 32;
      limbs[k] &= 0xffffffffL;
      limbs[k + 1] += up;
    }
    left = ADDS_BEFORE_CARRY;
  }
}
