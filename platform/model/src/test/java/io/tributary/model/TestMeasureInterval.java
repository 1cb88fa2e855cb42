package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.drift.MeasureInterval;
import io.tributary.model.ReferenceProfile.Part;
import io.tributary.model.ReferenceProfile.Range;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intervals of test sets of a world, beside what all of its nights together come to. */
class TestMeasureInterval {
  private static final int ROWS = 60;
  private static final int WORLDS = 400;

  private final Random random = new Random(7);

  /** Nights differ in how many labels are true, and the scores know a part of it. */
  private Part nights(Range range, int nights) {
    double[] scores = new double[nights * ROWS];
    boolean[] labels = new boolean[scores.length];
    int[] days = new int[scores.length];
    for (int night = 0; night < nights; night++) {
      double mood = random.nextGaussian();
      for (int row = 0; row < ROWS; row++) {
        int k = night * ROWS + row;
        double known = random.nextGaussian();
        scores[k] = 1 / (1 + Math.exp(1 - known - 0.4 * mood));
        labels[k] = random.nextDouble() < 1 / (1 + Math.exp(1 - known - mood));
        days[k] = night;
      }
    }
    return new Part(range, days, scores, labels);
  }

  private static BinaryMetrics metrics(Part part) {
    return BinaryMetrics.of(part.scores(), part.labels());
  }

  private Map<String, MeasureInterval> intervals(Part test) {
    return ReferenceProfile.of(
            ZoneId.of("UTC"), nights(Range.TRAIN, 1), nights(Range.VALIDATE, 1), test)
        .intervals(metrics(test));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 40})
  void holdTheTruthIn95Of100TestSets(int nights) {
    Map<String, Double> truth = metrics(nights(Range.TEST, 20_000)).named();
    Map<String, Double> held = new TreeMap<>();
    for (int world = 0; world < WORLDS; world++) {
      intervals(nights(Range.TEST, nights))
          .forEach(
              (name, interval) ->
                  held.merge(
                      name,
                      interval.lower() <= truth.get(name) && truth.get(name) <= interval.upper()
                          ? 1.0 / WORLDS
                          : 0,
                      Double::sum));
    }
    assertThat(held).containsOnlyKeys("auc", "log-loss", "brier");
    assertThat(held.values()).allSatisfy(share -> assertThat(share).isBetween(0.92, 0.98));
  }

  @Test
  void areOfNoFewNightsAndStayWhereTheMeasureCanBe() {
    assertThat(intervals(nights(Range.TEST, 7))).isEmpty();
    Part sure = nights(Range.TEST, 8);
    for (int row = 0; row < sure.scores().length; row++) {
      sure.labels()[row] = sure.scores()[row] > 0.3 || row % ROWS == 0;
    }
    assertThat(intervals(sure).get("auc").upper()).isEqualTo(1);
  }

  @Test
  void ofRowsThatWereNoPartOfASplitAreTheSame() {
    Part validate = nights(Range.VALIDATE, 1);
    Part test = nights(Range.TEST, 12);
    ReferenceProfile profile =
        ReferenceProfile.of(ZoneId.of("UTC"), nights(Range.TRAIN, 1), validate, test);
    assertThat(
            ReferenceProfile.intervals(Optional.of(profile.scores().edges()), test, metrics(test)))
        .isEqualTo(profile.intervals(metrics(test)));
    assertThat(ReferenceProfile.intervals(Optional.empty(), test, metrics(test)))
        .containsOnlyKeys("auc", "log-loss", "brier");
  }

  /** Without that night all labels are equal, and no area can be told. */
  @Test
  void haveNoAreaWhereOneNightAloneHasLabelsOfAKind() {
    Part test = nights(Range.TEST, 8);
    for (int row = 0; row < test.labels().length; row++) {
      test.labels()[row] = row >= ROWS || row % 2 == 0;
    }
    assertThat(intervals(test)).containsOnlyKeys("log-loss", "brier");
  }
}
