package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.drift.WindowTest.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestWindowTest {
  private static final int TRAINING = 200;
  private static final int LENGTH = 28;
  private static final World WORLD = new World(5, TRAINING + 56, 300);
  private static final DriftReference REFERENCE = WORLD.reference(TRAINING);
  private static final List<long[][]> TRAINED = states(0, TRAINING, x -> x);
  private static final WindowTest TEST = new WindowTest(REFERENCE, TRAINED, weekdays(0, TRAINING));

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

  /** The weather goes up by 1, and all that follows it. */
  @Test
  void saysWhichInputsMovedTogether() {
    List<long[][]> window = states(TRAINING, TRAINING + LENGTH, x -> x + 1, 0, 6);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> x + 5, 1), 1);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> x * Math.exp(0.5), 2), 2);
    take(window, states(TRAINING, TRAINING + LENGTH, x -> Math.min(1, x + 0.1), 4), 4);
    assertThat(judged(window))
        .extracting(Verdict::standing)
        .contains(Standing.BEYOND_TOGETHER)
        .doesNotContain(Standing.BEYOND_ALONE);
  }

  private static void take(List<long[][]> window, List<long[][]> from, int input) {
    IntStream.range(0, LENGTH).forEach(day -> window.get(day)[input] = from.get(day)[input]);
  }

  /** Its values are those of training, where it has any: its share of missing ones tells. */
  @Test
  void saysWhichInputWentMissing() {
    List<Verdict> verdicts = judged(gone(x -> Double.NaN));
    assertThat(verdicts.get(2).standing()).isEqualTo(Standing.BEYOND_ALONE);
    assertThat(verdicts.stream().filter(v -> v.standing() != Standing.WITHIN)).hasSize(1);
    Random random = new Random(4);
    assertThat(judged(gone(x -> random.nextInt(5) < 3 ? Double.NaN : x)).get(2).standing())
        .isEqualTo(Standing.BEYOND_ALONE);
  }

  private static List<long[][]> gone(DoubleUnaryOperator change) {
    return states(TRAINING, TRAINING + LENGTH, change, World.NAMES.indexOf("noisy"));
  }

  /** Of other windows of the world, moved by as much as is stated, nine of ten are found. */
  @Test
  void findsTheSmallestShiftThatItStates() {
    double stated = judged(x -> x).get(0).smallestFound();
    assertThat(stated).isBetween(0.2, 1.5);
    List<double[][]> windows =
        IntStream.range(0, 60).mapToObj(seed -> plain(new World(seed, LENGTH, 300))).toList();
    double low = 0;
    double high = 2;
    for (int half = 0; half < 12; half++) {
      double shift = (low + high) / 2;
      double index =
          windows.stream().mapToDouble(w -> moved(w, shift).unbiased()).average().orElseThrow();
      low = index < stated ? shift : low;
      high = index < stated ? high : shift;
    }
    double shift = high;
    assertThat(windows.stream().filter(w -> moved(w, shift).lower() > 0.2).count())
        .isBetween(54L, 60L);
    assertThat(windows.stream().filter(w -> moved(w, 0.8 * shift).lower() > 0.2).count())
        .isLessThan(54L);
  }

  private static double[][] plain(World world) {
    double[][] days = new double[LENGTH][];
    Arrays.setAll(days, d -> ((Column.Numbers) world.columns(d, d + 1).get(0)).values());
    return days;
  }

  private static Stability moved(double[][] window, double shift) {
    InputReference plain = REFERENCE.inputs().get(0);
    Groups groups = Groups.of(plain);
    double[][] counts = new double[window.length][groups.size()];
    for (int day = 0; day < window.length; day++) {
      for (double x : window[day]) {
        counts[day][groups.group(plain.bins().bin(x + shift))]++;
      }
    }
    double[] training = new double[groups.size()];
    TRAINED.forEach(day -> Arrays.setAll(training, b -> training[b] + day[0][b]));
    return Stability.of(counts, Stability.shares(training));
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
    double[][] counts = {{10, 30, 60}, {20, 20, 60}};
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
