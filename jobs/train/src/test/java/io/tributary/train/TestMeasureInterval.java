package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.model.BinaryMetrics;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ReferenceProfile.Part;
import io.tributary.model.ReferenceProfile.Range;
import java.time.ZoneId;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Intervals of a test set, beside how far its measures go when whole nights are drawn again. */
class TestMeasureInterval {
  private static final int NIGHTS = 50;
  private static final int ROWS = 60;
  private static final int DRAWS = 600;

  private final double[] scores = new double[NIGHTS * ROWS];
  private final boolean[] labels = new boolean[scores.length];
  private final int[] days = new int[scores.length];

  /** Nights differ in how many labels are true, and the scores know a part of it. */
  TestMeasureInterval() {
    Random random = new Random(7);
    for (int night = 0; night < NIGHTS; night++) {
      double mood = random.nextGaussian();
      for (int row = 0; row < ROWS; row++) {
        int k = night * ROWS + row;
        double known = random.nextGaussian();
        scores[k] = 1 / (1 + Math.exp(1 - known - 0.4 * mood));
        labels[k] = random.nextDouble() < 1 / (1 + Math.exp(1 - known - mood));
        days[k] = night;
      }
    }
  }

  @Test
  void reachAsFarAsTestSetsOfOtherNights() {
    Part some = new Part(Range.VALIDATE, days, scores, labels);
    Map<String, MeasureInterval> intervals =
        MeasureInterval.of(
            ReferenceProfile.of(
                ZoneId.of("UTC"),
                new Part(Range.TRAIN, days, scores, labels),
                some,
                new Part(Range.TEST, days, scores, labels)));

    assertThat(intervals).containsOnlyKeys("auc", "log-loss", "brier");
    Map<String, ToDoubleFunction<BinaryMetrics>> measures =
        Map.of(
            "auc",
            m -> m.auc().orElseThrow(),
            "log-loss",
            BinaryMetrics::logLoss,
            "brier",
            BinaryMetrics::brier);
    measures.forEach(
        (name, measure) -> {
          double drawn = 1.96 * deviationOfDrawnNights(measure);
          assertThat(intervals.get(name).reach()).as(name).isCloseTo(drawn, within(0.15 * drawn));
        });
  }

  private double deviationOfDrawnNights(ToDoubleFunction<BinaryMetrics> measure) {
    Random random = new Random(8);
    double sum = 0;
    double squares = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      double[] drawn = new double[scores.length];
      boolean[] came = new boolean[scores.length];
      for (int night = 0; night < NIGHTS; night++) {
        int from = random.nextInt(NIGHTS) * ROWS;
        System.arraycopy(scores, from, drawn, night * ROWS, ROWS);
        System.arraycopy(labels, from, came, night * ROWS, ROWS);
      }
      double value = measure.applyAsDouble(BinaryMetrics.of(drawn, came));
      sum += value;
      squares += value * value;
    }
    return Math.sqrt(squares / DRAWS - sum / DRAWS * sum / DRAWS);
  }
}
