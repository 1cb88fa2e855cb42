package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestPromise {
  private final Random random = new Random(2);

  /**
   * A day whose rows are more or less alike, of which the model misjudges some: the area alone
   * differs by far more from day to day than the area less what scores promise.
   *
   * @param redrawn the share of labels that have nothing to do with the scores
   */
  private Outcomes day(int rows, double redrawn) {
    double level = -1.5 + random.nextGaussian();
    double spread = 0.3 + 1.5 * random.nextDouble();
    double slope = 1 + 0.35 * random.nextGaussian();
    double[] scores = new double[rows];
    boolean[] labels = new boolean[rows];
    double mean = 0;
    for (int i = 0; i < rows; i++) {
      double odds = spread * random.nextGaussian();
      scores[i] = 1 / (1 + Math.exp(-level - odds));
      mean += scores[i] / rows;
      labels[i] = random.nextDouble() < 1 / (1 + Math.exp(-level - slope * odds));
    }
    for (int i = 0; i < rows; i++) {
      if (random.nextDouble() < redrawn) {
        labels[i] = random.nextDouble() < mean;
      }
    }
    return OutcomeSums.of(scores, labels).outcomes();
  }

  private List<Outcomes> days(int days, int rows, double redrawn) {
    return IntStream.range(0, days).mapToObj(day -> day(rows, redrawn)).toList();
  }

  private List<Outcomes> some(List<Outcomes> days, int n) {
    return random.ints(n, 0, days.size()).mapToObj(days::get).toList();
  }

  private record Tried(double beyond, double within) {}

  /** Windows of days that are drawn from some, beside promises of days drawn from honest ones. */
  private Tried tried(int n, List<Outcomes> days, List<Outcomes> honest) {
    int worlds = 1_000;
    double beyond = 0;
    double within = 0;
    for (int world = 0; world < worlds; world++) {
      Standing standing =
          Promise.of(Measure.AUC, some(honest, 60))
              .orElseThrow()
              .beside(Measure.AUC, some(days, n), 0.08, Promise.FALSE_ALARMS)
              .orElseThrow()
              .standing();
      beyond += standing == Standing.BEYOND ? 1.0 / worlds : 0;
      within += standing == Standing.WITHIN ? 1.0 / worlds : 0;
    }
    return new Tried(beyond, within);
  }

  /** Half of the labels redrawn cost 0.08 of the area on average. */
  @Test
  void findsTheFallAndIsSeldomWrongWhateverTheWindow() {
    List<Outcomes> honest = days(1_500, 200, 0);
    assertThat(tried(28, days(500, 200, 0.5), honest).beyond()).isGreaterThan(0.95);
    Tried same = tried(28, honest, honest);
    assertThat(same.beyond()).isBetween(0.002, 0.02);
    assertThat(same.within()).isGreaterThan(0.9);
    assertThat(tried(1, honest, honest).beyond()).isLessThan(0.025);
    assertThat(tried(4, honest, honest).beyond()).isLessThan(0.025);
    Tried smaller = tried(28, days(500, 20, 0), honest);
    assertThat(smaller.beyond()).isLessThan(0.02);
    assertThat(smaller.within()).isLessThan(0.9);
  }

  @Test
  void needsMoreDaysForASmallerFallAndNeverEnoughForAnUnsurePromise() {
    Promise promise = new Promise(57, 0, 0.056 * 0.056, 0.056 / Math.sqrt(57), 57, 8);
    assertThat(promise.needed(0.05)).hasValue(37);
    assertThat(promise.needed(0.04)).hasValue(102);
    assertThat(new Promise(57, 0, 0.01, 0.096 / Math.sqrt(57), 57, 8).needed(0.05)).isEmpty();
  }

  @Test
  void readsThePromiseOfAnOlderBundle() {
    Promise older =
        Json.read(
            "{\"intervals\":57,\"mean\":-0.01,\"between\":0.003,\"error\":0.007,\"effective\":50}",
            Promise.class);
    assertThat(older).isEqualTo(new Promise(57, -0.01, 0.003, 0.007, 50, 49));
  }

  @Test
  void promisesNothingByFewDaysOrByLabelsThatAreAllAlike() {
    assertThat(Promise.of(Measure.AUC, days(7, 200, 0))).isEmpty();
    List<Outcomes> alike =
        IntStream.range(0, 30)
            .mapToObj(day -> OutcomeSums.of(new double[] {0.2, 0.3}, new boolean[2]).outcomes())
            .toList();
    assertThat(Promise.of(Measure.AUC, alike)).isEmpty();
    assertThat(Promise.of(Measure.BRIER, alike)).isPresent();
    Promise promise = Promise.of(Measure.AUC, days(30, 200, 0)).orElseThrow();
    assertThat(promise.beside(Measure.AUC, alike, 0.05, 0.01)).isEmpty();
    List<Outcomes> mixed = new ArrayList<>(alike);
    mixed.addAll(days(3, 200, 0));
    assertThat(promise.beside(Measure.AUC, mixed, 0.05, 0.01).orElseThrow().intervals())
        .isEqualTo(3);
  }

  @Test
  void judgesScoresThatLeaveNoDoubt() {
    double[] scores = {0, 0, 1, 0, 1};
    boolean[] kept = {false, false, true, false, true};
    boolean[] broken = {true, false, true, false, true};
    List<Outcomes> sure =
        IntStream.range(0, 20).mapToObj(day -> OutcomeSums.of(scores, kept).outcomes()).toList();
    List<Outcomes> wrong =
        IntStream.range(0, 5).mapToObj(day -> OutcomeSums.of(scores, broken).outcomes()).toList();
    for (Measure measure : Measure.values()) {
      Promise promise = Promise.of(measure, sure).orElseThrow();
      assertThat(promise.beside(measure, sure, 0.05, 0.01).orElseThrow().standing())
          .as(measure.text())
          .isEqualTo(Standing.WITHIN);
      assertThat(promise.beside(measure, wrong, 0.05, 0.01).orElseThrow().standing())
          .as(measure.text())
          .isEqualTo(Standing.BEYOND);
    }
  }

  /** Over-confident scores order rows as before; their losses and shares tell. */
  @Test
  void findsLossesThatRiseAndSharesThatMove() {
    List<Outcomes> honest = new ArrayList<>();
    List<Outcomes> shifted = new ArrayList<>();
    for (int day = 0; day < 40; day++) {
      double[] scores = random.doubles(300).map(x -> 0.1 + 0.6 * x).toArray();
      boolean[] labels = new boolean[300];
      for (int i = 0; i < 300; i++) {
        labels[i] = random.nextDouble() < scores[i];
      }
      honest.add(OutcomeSums.of(scores, labels).outcomes());
      double[] lower = java.util.Arrays.stream(scores).map(x -> x / 3).toArray();
      shifted.add(OutcomeSums.of(lower, labels).outcomes());
    }
    for (Measure measure : List.of(Measure.LOG_LOSS, Measure.BRIER, Measure.CALIBRATION)) {
      Promise promise = Promise.of(measure, honest).orElseThrow();
      assertThat(promise.beside(measure, shifted, 0.05, 0.01).orElseThrow().standing())
          .as(measure.text())
          .isEqualTo(Standing.BEYOND);
      assertThat(promise.beside(measure, honest, 0.05, 0.01).orElseThrow().standing())
          .as(measure.text())
          .isEqualTo(Standing.WITHIN);
    }
  }
}
