package io.tributary.core.exact;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestExactSum {
  private static double value(Random random, int kind) {
    return switch (kind) {
      case 0 -> random.nextInt(10_000) / 100.0;
      case 1 -> random.nextGaussian() * Math.pow(10, random.nextInt(120) - 60);
      case 2 -> {
        double x = Double.longBitsToDouble(random.nextLong());
        yield Double.isFinite(x) ? x : 1.0;
      }
      case 3 -> random.nextLong() * Double.MIN_VALUE;
      default -> (random.nextBoolean() ? 1 : -1) * (Double.MAX_VALUE - random.nextInt(3) * 1e292);
    };
  }

  @Test
  void slidingSumsAndMeansAreTheExactValueRoundedOnce() {
    for (int kind = 0; kind < 5; kind++) {
      Random random = new Random(kind);
      for (int run = 0; run < 12; run++) {
        ExactSum sum = new ExactSum();
        BigDecimal exact = BigDecimal.ZERO;
        ArrayDeque<Double> inside = new ArrayDeque<>();
        for (int i = 0; i < 60; i++) {
          double x = value(random, random.nextInt(8) == 0 ? random.nextInt(5) : kind);
          sum.add(x);
          inside.add(x);
          exact = exact.add(new BigDecimal(x));
          while (inside.size() > 1 + random.nextInt(20)) {
            double gone = inside.remove();
            sum.remove(gone);
            exact = exact.subtract(new BigDecimal(gone));
          }
          assertThat(sum.sum()).isEqualTo(exact.doubleValue() + 0.0);
          assertThat(sum.exact()).isEqualByComparingTo(exact);
          assertThat(sum.mean(inside.size()))
              .isEqualTo(
                  exact
                          .divide(BigDecimal.valueOf(inside.size()), new MathContext(800))
                          .doubleValue()
                      + 0.0);
        }
      }
    }
  }

  @Test
  void valuesThatAreNotFiniteComeAndGo() {
    ExactSum sum = new ExactSum();
    sum.add(1.5);
    sum.add(Double.POSITIVE_INFINITY);
    assertThat(sum.sum()).isEqualTo(Double.POSITIVE_INFINITY);
    sum.add(Double.NEGATIVE_INFINITY);
    assertThat(sum.sum()).isNaN();
    assertThat(sum.mean(3)).isNaN();
    sum.remove(Double.POSITIVE_INFINITY);
    assertThat(sum.sum()).isEqualTo(Double.NEGATIVE_INFINITY);
    sum.remove(Double.NEGATIVE_INFINITY);
    sum.add(Double.NaN);
    assertThat(sum.sum()).isNaN();
    sum.remove(Double.NaN);
    assertThat(sum.sum()).isEqualTo(1.5);
  }

  @Test
  void aSumBeyondRangeIsInfiniteAndComesBack() {
    ExactSum sum = new ExactSum();
    sum.add(Double.MAX_VALUE);
    sum.add(Double.MAX_VALUE);
    assertThat(sum.sum()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(sum.mean(2)).isEqualTo(Double.MAX_VALUE);
    sum.remove(Double.MAX_VALUE);
    assertThat(sum.sum()).isEqualTo(Double.MAX_VALUE);
  }

  @Test
  void aZeroSumIsPositive() {
    ExactSum sum = new ExactSum();
    sum.add(-0.0);
    assertThat(Double.doubleToRawLongBits(sum.sum())).isZero();
    sum.add(-3.0);
    sum.add(3.0);
    assertThat(Double.doubleToRawLongBits(sum.sum())).isZero();
    assertThat(Double.doubleToRawLongBits(sum.mean(3))).isZero();
  }

  @Test
  void mergedSumsAreTheSumOfAll() {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      ExactSum all = new ExactSum();
      ExactSum left = new ExactSum();
      ExactSum right = new ExactSum();
      for (int i = 0; i < 20; i++) {
        double x = value(random, random.nextInt(5));
        all.add(x);
        (random.nextBoolean() ? left : right).add(x);
      }
      left.merge(right);
      assertThat(left.sum()).isEqualTo(all.sum());
      assertThat(left.exact()).isEqualByComparingTo(all.exact());
    }
  }

  @Test
  void integerSumsAreExactBeyondLong() {
    Random random = new Random(3);
    IntegerSum sum = new IntegerSum();
    BigDecimal exact = BigDecimal.ZERO;
    ArrayDeque<Long> inside = new ArrayDeque<>();
    for (int i = 0; i < 5_000; i++) {
      long x = random.nextInt(4) == 0 ? Long.MIN_VALUE : random.nextLong();
      sum.add(x);
      inside.add(x);
      exact = exact.add(BigDecimal.valueOf(x));
      while (inside.size() > 1 + random.nextInt(9)) {
        long gone = inside.remove();
        sum.remove(gone);
        exact = exact.subtract(BigDecimal.valueOf(gone));
      }
      assertThat(new BigDecimal(sum.exact())).isEqualByComparingTo(exact);
      assertThat(sum.fitsLong()).isEqualTo(exact.toBigInteger().bitLength() < 64);
      assertThat(sum.mean(inside.size(), java.math.BigInteger.ONE))
          .isEqualTo(
              exact.divide(BigDecimal.valueOf(inside.size()), new MathContext(100)).doubleValue());
    }
  }
}
