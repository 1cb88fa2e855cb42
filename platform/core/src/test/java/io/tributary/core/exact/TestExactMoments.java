package io.tributary.core.exact;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestExactMoments {
  private static final MathContext PLENTY = new MathContext(900);

  private static double[] values(SplittableRandom random) {
    double[] values = new double[2 + random.nextInt(40)];
    int kind = random.nextInt(3);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (kind) {
            case 0 -> random.nextInt(10_000) / 100.0;
            case 1 -> 1e9 + random.nextDouble();
            default -> (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-140, 140));
          };
    }
    return values;
  }

  private static double variance(double[] values, boolean sample) {
    BigDecimal n = BigDecimal.valueOf(values.length);
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal squares = BigDecimal.ZERO;
    for (double value : values) {
      sum = sum.add(new BigDecimal(value));
      squares = squares.add(new BigDecimal(value).pow(2));
    }
    BigDecimal divisor = n.multiply(sample ? n.subtract(BigDecimal.ONE) : n);
    return n.multiply(squares).subtract(sum.pow(2)).divide(divisor, PLENTY).doubleValue();
  }

  @Test
  void varianceIsThatOfUnboundedArithmetic() {
    SplittableRandom random = new SplittableRandom(9);
    for (int round = 0; round < 500; round++) {
      double[] values = values(random);
      ExactMoments moments = new ExactMoments();
      for (double value : values) {
        moments.add(value);
        moments.add(1 / 3d);
      }
      for (int i = 0; i < values.length; i++) {
        moments.remove(1 / 3d);
      }
      assertThat(moments.count()).isEqualTo(values.length);
      assertThat(moments.variance(false)).isEqualTo(variance(values, false));
      assertThat(moments.variance(true)).isEqualTo(variance(values, true));
    }
  }

  @Test
  void putsPartsTogether() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 100; round++) {
      double[] values = values(random);
      ExactMoments left = new ExactMoments();
      ExactMoments right = new ExactMoments();
      for (int i = 0; i < values.length; i++) {
        (i % 3 == 0 ? left : right).add(values[i]);
      }
      left.merge(right);
      assertThat(left.variance(false)).isEqualTo(variance(values, false));
    }
  }

  @Test
  void whatIsNotFiniteLeavesAgain() {
    ExactMoments moments = new ExactMoments();
    moments.add(1);
    moments.add(3);
    moments.add(Double.NaN);
    assertThat(moments.variance(false)).isNaN();
    moments.remove(Double.NaN);
    assertThat(moments.variance(false)).isEqualTo(1);
    assertThat(moments.mean()).isEqualTo(2);
  }
}
