package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestActuals {
  private final Random random = new Random(1);

  private static double pairs(double[] scores, boolean[] labels) {
    double right = 0;
    double pairs = 0;
    for (int a = 0; a < scores.length; a++) {
      for (int b = 0; b < scores.length; b++) {
        if (labels[a] && !labels[b]) {
          pairs++;
          right += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0;
        }
      }
    }
    return right / pairs;
  }

  private boolean[] drawn(double[] scores) {
    boolean[] labels = new boolean[scores.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextDouble() < scores[i];
    }
    return labels;
  }

  @Test
  void promisesWhatHonestScoresKeep() {
    double[] scores = random.doubles(400).map(x -> 0.05 + 0.6 * x * x).toArray();
    double mean = 0;
    for (int draw = 0; draw < 2_000; draw++) {
      mean += pairs(scores, drawn(scores)) / 2_000;
    }
    assertThat(Actuals.promised(scores).orElseThrow()).isCloseTo(mean, within(0.002));
  }

  @Test
  void saysHowManyIntervalsADropTakes() {
    assertThat(Actuals.needed(0.056, 0.05, 57)).hasValue(31);
    assertThat(Actuals.needed(0.096, 0.05, 57)).isEmpty();
  }

  @Test
  void findsTheDropInThatManyAndNoneWhereThereIsNone() {
    double[] promise = random.doubles(57).toArray();
    int found = 0;
    int wrong = 0;
    for (int draw = 0; draw < 2_000; draw++) {
      Arrays.setAll(promise, i -> 0.056 * random.nextGaussian());
      double[] same = new double[31];
      Arrays.setAll(same, i -> 0.056 * random.nextGaussian());
      wrong += Actuals.fall(promise, same).isReal() ? 1 : 0;
      Arrays.setAll(same, i -> same[i] - 0.05);
      found += Actuals.fall(promise, same).isReal() ? 1 : 0;
    }
    assertThat(found).isGreaterThan(1_880);
    assertThat(wrong).isLessThan(35);
  }
}
