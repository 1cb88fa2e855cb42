package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Json;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TestBinaryMetrics {
  private static double countedPairs(double[] scores, boolean[] labels) {
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (labels[i] && !labels[j]) {
          pairs++;
          right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    return right / pairs;
  }

  @Test
  void aucCountsPairsAndHalfOfTheTies() {
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 200; round++) {
      int n = 2 + random.nextInt(60);
      int distinct = 1 + random.nextInt(20);
      double[] scores = new double[n];
      boolean[] labels = new boolean[n];
      for (int k = 0; k < n; k++) {
        scores[k] = random.nextInt(distinct) / 20.0;
        labels[k] = random.nextBoolean();
      }
      labels[0] = true;
      labels[1] = false;
      assertThat(BinaryMetrics.auc(scores, labels)).contains(countedPairs(scores, labels));
    }
  }

  @Test
  void aucNeedsBothLabels() {
    assertThat(BinaryMetrics.auc(new double[] {0.1, 0.2}, new boolean[] {true, true})).isEmpty();
    assertThat(BinaryMetrics.of(new double[] {0.1, 0.2}, new boolean[] {true, true}).named())
        .doesNotContainKey("auc");
  }

  @Test
  void negativeZeroTiesWithZero() {
    assertThat(BinaryMetrics.auc(new double[] {-0.0, 0.0}, new boolean[] {false, true}))
        .contains(0.5);
  }

  @Test
  void measuresByHand() {
    BinaryMetrics metrics =
        BinaryMetrics.of(
            new double[] {0.9, 0.8, 0.3, 0.25}, new boolean[] {true, false, false, true}, 0.5);
    assertThat(metrics.rows()).isEqualTo(4);
    assertThat(metrics.positives()).isEqualTo(2);
    assertThat(metrics.auc()).contains(0.5);
    assertThat(metrics.logLoss())
        .isCloseTo(
            -(Math.log(0.9) + Math.log(0.2) + Math.log(0.7) + Math.log(0.25)) / 4, within(1e-12));
    assertThat(metrics.brier()).isCloseTo((0.01 + 0.64 + 0.09 + 0.5625) / 4, within(1e-12));
    assertThat(metrics.accuracy()).isEqualTo(0.5);
    assertThat(metrics.meanScore()).isCloseTo(0.5625, within(1e-12));
    assertThat(metrics.calibration())
        .extracting(BinaryMetrics.CalibrationBin::rows)
        .containsExactly(1L, 1L, 1L, 1L);
    assertThat(metrics.calibrationError()).isCloseTo((0.1 + 0.8 + 0.3 + 0.75) / 4, within(1e-12));
  }

  @Test
  void calibratedScoresHaveASmallError() {
    SplittableRandom random = new SplittableRandom(8);
    int n = 100_000;
    double[] scores = new double[n];
    boolean[] labels = new boolean[n];
    for (int k = 0; k < n; k++) {
      scores[k] = random.nextDouble();
      labels[k] = random.nextDouble() < scores[k];
    }
    assertThat(BinaryMetrics.of(scores, labels).calibrationError()).isLessThan(0.01);
    for (int k = 0; k < n; k++) {
      scores[k] *= 0.5;
    }
    assertThat(BinaryMetrics.of(scores, labels).calibrationError()).isCloseTo(0.25, within(0.01));
  }

  @Test
  void certainAndWrongIsNotInfinite() {
    assertThat(BinaryMetrics.logLoss(new double[] {1.0}, new boolean[] {false}))
        .isCloseTo(-Math.log(1e-7), within(1e-9));
  }

  @Test
  void scoreOfOneIsInTheLastBin() {
    assertThat(BinaryMetrics.of(new double[] {1.0, 0.0}, new boolean[] {true, false}).calibration())
        .extracting(BinaryMetrics.CalibrationBin::from)
        .containsExactly(0.0, 0.9);
  }

  @Test
  void refusesWhatIsNoProbability() {
    assertThatThrownBy(() -> BinaryMetrics.of(new double[] {2.0}, new boolean[] {true}))
        .hasMessage(
            "Cannot measure scores: score 2.0 is no probability. Check the bounds of the scores.");
    assertThatThrownBy(() -> BinaryMetrics.of(new double[] {}, new boolean[] {}))
        .hasMessage(
            "Cannot measure scores: there are none. Widen the interval of the rows that are measured.");
  }

  @Test
  void survivesJson() {
    BinaryMetrics metrics = BinaryMetrics.of(new double[] {0.1, 0.9}, new boolean[] {false, true});
    assertThat(Json.read(Json.write(metrics), BinaryMetrics.class)).isEqualTo(metrics);
  }
}
