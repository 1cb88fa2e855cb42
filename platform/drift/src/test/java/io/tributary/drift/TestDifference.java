package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.stat.inference.TTest;
import org.junit.jupiter.api.Test;

class TestDifference {
  @Test
  void saysNothingOfAFewNights() {
    assertThat(Difference.of(new double[7])).isEmpty();
    assertThat(Difference.of(new double[8])).isPresent();
  }

  /** Of nights that do not resemble their neighbours it is what a textbook's test says. */
  @Test
  void holdsWhatATestOfPairsWouldOnIndependentNights() {
    Random random = new Random(7);
    double[] differences = random.doubles(400, -1, 1).toArray();
    Difference found = Difference.of(differences).orElseThrow();
    double mean = Arrays.stream(differences).average().orElseThrow();
    assertThat(found.mean()).isCloseTo(mean, within(1e-12));
    // The p-value at the interval's end is 5 %, but for likeness that chance makes.
    assertThat(new TTest().tTest(found.upper(), differences)).isBetween(0.01, 0.12);
    assertThat(found.upper() - mean).isCloseTo(mean - found.lower(), within(1e-12));
  }

  /** In 1,000 worlds the interval holds the truth about as often as it says. */
  @Test
  void holdsTheTruthInNineteenOfTwentyWorlds() {
    Random random = new Random(11);
    int held = 0;
    for (int world = 0; world < 1_000; world++) {
      double[] differences = random.doubles(30).map(x -> x - 0.5 + 0.02).toArray();
      Difference found = Difference.of(differences).orElseThrow();
      held += found.lower() <= 0.02 && 0.02 <= found.upper() ? 1 : 0;
    }
    assertThat(held).isBetween(890, 970);
  }
}
