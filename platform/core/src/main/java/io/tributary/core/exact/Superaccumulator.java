package io.tributary.core.exact;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * An exact fixed-point sum over a double's whole range, after Radford Neal's small superaccumulator
 * (arXiv 1505.05571): limbs of 32 bits in longs, carried only occasionally. A square variant covers
 * the range of squares of doubles.
 */
final class Superaccumulator {
  private final long[] limbs;
  private final long[] scratch;
  private final int lowExponent;
  private final int budget;
  private int left;
  private int lowest;
  private int highest;

  private Superaccumulator(int lowExponent, int limbCount, int budget) {
    this.limbs = new long[limbCount];
    this.scratch = new long[limbCount];
    this.lowExponent = lowExponent;
    this.budget = budget;
    clear();
  }

  /** For sums of doubles. */
  static Superaccumulator ofSums() {
    return new Superaccumulator(-1075, 70, 1_900);
  }

  /** For sums of squares of doubles. */
  static Superaccumulator ofSquares() {
    return new Superaccumulator(-2150, 138, 480);
  }

  void clear() {
    Arrays.fill(limbs, 0);
    left = budget;
    lowest = limbs.length;
    highest = -1;
  }

  /** Adds a finite value. */
  void add(double x) {
    long bits = Double.doubleToRawLongBits(x);
    put(mantissa(bits), position(bits), bits < 0);
  }

  /** Subtracts a finite value. */
  void subtract(double x) {
    add(-x);
  }

  /** Adds all of another accumulator of the same kind. */
  void add(Superaccumulator other) {
    if (other.highest < 0) {
      return;
    }
    int top = other.normalize();
    settle();
    lowest = Math.min(lowest, other.lowest);
    highest = Math.max(highest, top);
    for (int k = other.lowest; k <= top; k++) {
      limbs[k] += other.scratch[k];
    }
  }

  /** Carries, so that any single value can be added. */
  private void settle() {
    if (highest >= 0) {
      highest = Math.min(limbs.length - 1, highest + 1);
      carry(limbs, lowest, highest);
    }
    left = budget - 1;
  }

  /** Adds the square of a finite value, exactly; subtracts it when {@code negative}. */
  void addSquare(double x, boolean negative) {
    long bits = Double.doubleToRawLongBits(x);
    long m = mantissa(bits);
    if (m == 0) {
      return;
    }
    int p = 2 * position(bits);
    long a = m >>> 27;
    long b = m & ((1L << 27) - 1);
    put(a * a, p + 54, negative);
    put(a * b, p + 28, negative);
    put(b * b, p, negative);
  }

  private static long mantissa(long bits) {
    long fraction = bits & 0xfffffffffffffL;
    return (bits & 0x7ff0000000000000L) == 0 ? fraction : fraction | 1L << 52;
  }

  private static int position(long bits) {
    return Math.max(1, (int) (bits >>> 52) & 0x7ff);
  }

  private void put(long mantissa, int position, boolean negative) {
    if (mantissa == 0) {
      return;
    }
    if (--left == 0) {
      settle();
    }
    int k = position >>> 5;
    int s = position & 31;
    lowest = Math.min(lowest, k);
    highest = Math.max(highest, k + 1);
    long low = (mantissa << s) & 0xffffffffL;
    long high = mantissa >>> (32 - s);
    if (negative) {
      limbs[k] -= low;
      limbs[k + 1] -= high;
    } else {
      limbs[k] += low;
      limbs[k + 1] += high;
    }
  }

  /** Carries every limb but the top one into {@code [0, 2^32)}. */
  private static void carry(long[] a, int from, int to) {
    long r = 0;
    for (int k = from; k < to; k++) {
      long v = a[k] + r;
      r = v >> 32;
      a[k] = v & 0xffffffffL;
    }
    a[to] += r;
  }

  /** The exact value in units of {@code 2^}{@link #exponent()}. */
  BigInteger units() {
    if (highest < 0) {
      return BigInteger.ZERO;
    }
    int top = normalize();
    boolean negative = scratch[top] < 0;
    if (negative) {
      for (int k = lowest; k <= top; k++) {
        scratch[k] = -scratch[k];
      }
      carry(scratch, lowest, top);
    }
    int length = top - lowest + 1;
    byte[] magnitude = new byte[4 * length + 4];
    int at = magnitude.length;
    for (int k = lowest; k <= top; k++) {
      long v = scratch[k];
      int bytes = k == top ? 8 : 4;
      for (int i = 0; i < bytes; i++) {
        magnitude[--at] = (byte) v;
        v >>>= 8;
      }
    }
    BigInteger units = new BigInteger(1, magnitude).shiftLeft(32 * lowest);
    return negative ? units.negate() : units;
  }

  int exponent() {
    return lowExponent;
  }

  /** The nearest double. */
  double value() {
    return Rounding.scaled(units(), lowExponent);
  }

  /** A carried copy in {@code scratch}; returns its top limb's index. */
  private int normalize() {
    int top = Math.min(limbs.length - 1, highest + 2);
    System.arraycopy(limbs, lowest, scratch, lowest, highest - lowest + 1);
    for (int k = highest + 1; k <= top; k++) {
      scratch[k] = 0;
    }
    carry(scratch, lowest, top);
    return top;
  }
}
