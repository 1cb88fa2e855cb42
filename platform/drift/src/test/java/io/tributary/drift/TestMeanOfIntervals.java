package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestMeanOfIntervals {
  private static final int WORLDS = 10_000;

  /** Nights of which each has a part of the one before; their true mean is 0. */
  private static double[] nights(Random random, int n, double likeness) {
    double[] nights = new double[n];
    double last = random.nextGaussian() / Math.sqrt(1 - likeness * likeness);
    for (int i = 0; i < n; i++) {
      last = likeness * last + random.nextGaussian();
      nights[i] = last;
    }
    return nights;
  }

  @ParameterizedTest
  @CsvSource({"8, 0", "8, 0.3", "14, 0", "14, 0.3", "28, 0", "28, 0.3", "60, 0", "60, 0.3"})
  void holdsTheTruthIn95Of100Worlds(int n, double likeness) {
    Random random = new Random(n);
    double held = 0;
    double below = 0;
    for (int world = 0; world < WORLDS; world++) {
      MeanOfIntervals mean = MeanOfIntervals.of(nights(random, n, likeness));
      held += mean.lower() <= 0 && 0 <= mean.upper() ? 1.0 / WORLDS : 0;
      below += mean.mean() + mean.reach(0.95) < 0 ? 1.0 / WORLDS : 0;
    }
    assertThat(held).isBetween(0.93, 0.97);
    assertThat(below).isBetween(0.03, 0.07);
  }

  /** On average it is what a textbook says of independent values. */
  @Test
  void isTheVarianceOfATextbook() {
    Random random = new Random(7);
    double ratio = 0;
    for (int world = 0; world < WORLDS; world++) {
      double[] nights = nights(random, 28, 0);
      double error = MeanOfIntervals.of(nights).error();
      ratio += error * error / (StatUtils.variance(nights) / 28) / WORLDS;
    }
    assertThat(ratio).isCloseTo(1, within(0.03));
  }

  /** A rhythm of whole weeks moves no mean of whole weeks. */
  @Test
  void isAsSureWhereWeekendsDiffer() {
    double[] nights = nights(new Random(3), 28, 0);
    double[] weekly = nights.clone();
    Arrays.setAll(weekly, i -> weekly[i] + (i % 7 > 4 ? 5 : -2));
    MeanOfIntervals plain = MeanOfIntervals.of(nights);
    assertThat(MeanOfIntervals.of(weekly).mean()).isCloseTo(plain.mean(), within(1e-12));
    assertThat(MeanOfIntervals.of(weekly).error()).isCloseTo(plain.error(), within(1e-12));
  }
}
