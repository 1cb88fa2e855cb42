package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.drift.WindowTest.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestWindowTest {
  private static final int TRAINING = 200;
  private static final int LENGTH = 28;
  private static final World WORLD = new World(5, TRAINING + 56, 300);
  private static final DriftReference REFERENCE = WORLD.reference(TRAINING);
  private static final WindowTest TEST =
      new WindowTest(REFERENCE, states(0, TRAINING, x -> x), weekdays(0, TRAINING));

  private static int[] weekdays(int from, int to) {
    return IntStream.range(from, to).map(day -> day % 7).toArray();
  }

  private static List<long[][]> states(int from, int to, DoubleUnaryOperator change, int... moved) {
    List<long[][]> states = new ArrayList<>();
    for (int day = from; day < to; day++) {
      List<Column> columns = new ArrayList<>(WORLD.columns(day, day + 1));
      for (int number : moved) {
        double[] values = ((Column.Numbers) columns.get(number)).values();
        columns.set(number, new Column.Numbers(Arrays.stream(values).map(change).toArray()));
      }
      IntervalState state = REFERENCE.empty();
      REFERENCE.count(columns, WORLD.rows(day, day + 1), state);
      states.add(Groups.counts(REFERENCE, state));
    }
    return states;
  }

  private static List<Verdict> judged(List<long[][]> window) {
    return TEST.judge(window, weekdays(TRAINING, TRAINING + LENGTH), 0.2);
  }

  private static List<Verdict> judged(DoubleUnaryOperator change, int... moved) {
    return judged(states(TRAINING, TRAINING + LENGTH, change, moved));
  }

  @Test
  void findsNothingWhereTheWorldStayed() {
    assertThat(judged(x -> x)).extracting(Verdict::standing).containsOnly(Standing.WITHIN);
  }

  @Test
  void saysWhichInputMovedByItself() {
    List<Verdict> verdicts = judged(x -> x + 0.8, 0);
    int plain = World.NAMES.indexOf("plain");
    assertThat(verdicts.get(plain).standing()).isEqualTo(Standing.BEYOND_ALONE);
    assertThat(verdicts.get(plain).stability().unbiased()).isGreaterThan(0.3);
    assertThat(verdicts.stream().filter(v -> v.standing() != Standing.WITHIN)).hasSize(1);
  }

  /** The weather goes up by 0.8, and all that follows it. */
  @Test
  void saysWhichInputsMovedTogether() {
    List<long[][]> window = states(TRAINING, TRAINING + LENGTH, x -> x + 0.8, 0, 6);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> x + 4, 1), 1);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> x * Math.exp(0.4), 2), 2);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> Math.min(1, x + 0.08), 4), 4);
    assertThat(judged(window))
        .extracting(Verdict::standing)
        .contains(Standing.BEYOND_TOGETHER)
        .doesNotContain(Standing.BEYOND_ALONE);
  }

  private static void take(List<long[][]> window, List<long[][]> from, int input) {
    IntStream.range(0, LENGTH).forEach(day -> window.get(day)[input] = from.get(day)[input]);
  }

  /** Where two go up, others that went with them in training have moved as little as before. */
  @Test
  void callsNothingAloneThatWasLeftBehind() {
    List<long[][]> window = states(TRAINING, TRAINING + LENGTH, x -> x + 0.8, 0);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> x + 4, 1), 1);
    assertThat(judged(window))
        .extracting(Verdict::standing)
        .startsWith(Standing.BEYOND_ALONE, Standing.BEYOND_ALONE)
        .filteredOn(standing -> standing != Standing.BEYOND_ALONE)
        .hasSize(World.NAMES.size() - 2)
        .containsOnly(Standing.WITHIN);
  }

  /** Six days far away say nothing of the others. */
  @Test
  void callsNothingAloneForAFewDays() {
    List<long[][]> window = states(TRAINING, TRAINING + LENGTH, x -> x);
    List<long[][]> moved = states(TRAINING, TRAINING + LENGTH, x -> x + 9, 0);
    for (int day = 0; day < 6; day++) {
      window.set(day, moved.get(day));
    }
    Verdict plain = judged(window).get(0);
    assertThat(plain.stability().value()).isGreaterThan(0.2);
    assertThat(plain.standing()).isEqualTo(Standing.CANNOT_TELL);
  }

  @Test
  void partsOfTheShiftOfTheMeanAddUp() {
    // The score is 0.1 for the lowest tenth of "plain", 0.2 for the next, and so on.
    List<long[][]> window = states(TRAINING, TRAINING + LENGTH, x -> x + 0.5, 0);
    double[][] dependence = new double[World.NAMES.size()][];
    for (int i = 0; i < dependence.length; i++) {
      int size = Groups.of(REFERENCE.inputs().get(i)).size();
      dependence[i] = new double[size];
      if (i == 0) {
        Arrays.setAll(dependence[i], b -> b == size - 1 ? 0 : 0.1 * (b + 1));
      }
    }
    double[] parts = TEST.parts(window, List.of(dependence));
    double before = meanScore(states(0, TRAINING, x -> x));
    assertThat(parts[0]).isCloseTo(meanScore(window) - before, within(0.01));
    assertThat(Arrays.stream(parts).skip(1)).containsOnly(0.0);
  }

  private static double meanScore(List<long[][]> states) {
    double sum = 0;
    double rows = 0;
    for (long[][] state : states) {
      long[] counts = state[0];
      for (int b = 0; b < counts.length - 1; b++) {
        sum += 0.1 * (b + 1) * counts[b];
        rows += counts[b];
      }
    }
    return sum / rows;
  }

  @Test
  void stabilityIsTheIndexOfTextbooks() {
    long[][] counts = {{10, 30, 60}, {20, 20, 60}};
    double[] training = {0.2, 0.3, 0.5};
    double value = 0;
    double[] p = {30.5 / 201.5, 50.5 / 201.5, 120.5 / 201.5};
    for (int b = 0; b < 3; b++) {
      value += (p[b] - training[b]) * Math.log(p[b] / training[b]);
    }
    Stability stability = Stability.of(counts, training);
    assertThat(stability.value()).isCloseTo(value, within(1e-12));
    assertThat(stability.unbiased()).isLessThan(value);
  }
}
