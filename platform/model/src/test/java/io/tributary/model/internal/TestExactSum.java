package io.tributary.model.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TestExactSum {
  private static double[] nasty(int n) {
    SplittableRandom random = new SplittableRandom(5);
    double[] values = new double[n];
    for (int k = 0; k < n; k++) {
      values[k] = (random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(-1070, 1020));
    }
    values[0] = Double.MIN_VALUE;
    values[1] = -Double.MAX_VALUE;
    values[2] = 0.0;
    values[3] = -0.0;
    return values;
  }

  @Test
  void isTheSumInUnboundedArithmetic() {
    BigDecimal expected = BigDecimal.ZERO;
    ExactSum sum = new ExactSum();
    for (double value : nasty(2_000)) {
      expected = expected.add(new BigDecimal(value));
      sum.add(value);
    }
    assertThat(sum.value()).isEqualByComparingTo(expected);
  }

  @Test
  void addsSquaresExactly() {
    BigDecimal expected = BigDecimal.ZERO;
    ExactSum sum = new ExactSum();
    SplittableRandom random = new SplittableRandom(9);
    for (int k = 0; k < 1_000; k++) {
      double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-20, 100));
      expected = expected.add(new BigDecimal(value).pow(2));
      sum.addSquare(value);
    }
    assertThat(sum.value()).isEqualByComparingTo(expected);
  }

  @Test
  void putsPartsTogether() {
    ExactSum whole = new ExactSum();
    ExactSum left = new ExactSum();
    ExactSum right = new ExactSum();
    double[] values = nasty(500);
    for (int k = 0; k < values.length; k++) {
      whole.add(values[k]);
      (k % 3 == 0 ? left : right).add(values[k]);
    }
    left.add(right);
    assertThat(left.value()).isEqualByComparingTo(whole.value());
  }

  @Test
  void refusesWhatIsNotFinite() {
    assertThatThrownBy(() -> new ExactSum().add(Double.NaN)).hasMessage("not a finite value: NaN");
  }
}
