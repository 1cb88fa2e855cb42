package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestInputShift {
  private static final World WORLD = new World(11, 150, 60);
  private static final int BEFORE = 90;

  private static DriftProfile profile(List<InputName> names, List<Column> columns, int days) {
    return DriftProfile.of(
        names,
        columns,
        IntStream.range(0, 60 * days).map(row -> row / 60).toArray(),
        IntStream.range(0, days)
            .mapToObj(d -> new DriftProfile.TrainedInterval("day " + d, d % 7, true, 60))
            .toList());
  }

  private static DriftProfile profile(int from, int to) {
    return profile(World.names(), WORLD.columns(from, to), to - from);
  }

  private static DriftProfile numbers(double... values) {
    return profile(
        List.of(new InputName("x", "x")), List.of(new Column.Numbers(values)), values.length / 60);
  }

  /** The rows themselves, counted in the groups of the training before. */
  private static double counted(DriftReference before, int input, int from, int to) {
    IntervalState own = before.empty();
    before.count(WORLD.columns(from, to), WORLD.rows(from, to), own);
    IntervalState first = before.empty();
    before.count(WORLD.columns(0, BEFORE), WORLD.rows(0, BEFORE), first);
    return WindowTest.beside(
        List.<long[][]>of(Groups.counts(before, own)),
        List.<long[][]>of(Groups.counts(before, first)))[input];
  }

  @Test
  void isAlmostWhatCountingTheRowsGives() {
    DriftProfile before = profile(0, BEFORE);
    DriftReference reference = WORLD.reference(BEFORE);
    List<InputShift> shifts = profile(60, 150).shiftsFrom(DriftProfile.read(before.bytes()));
    assertThat(shifts).extracting(InputShift::input).isEqualTo(World.NAMES);
    for (int i = 0; i < shifts.size(); i++) {
      double counted = counted(reference, i, 60, 150);
      boolean categorical = reference.inputs().get(i).categorical();
      assertThat(shifts.get(i).index())
          .as(shifts.get(i).input())
          .isCloseTo(counted, within(categorical ? 1e-12 : 0.002 + 0.1 * counted));
    }
  }

  @Test
  void isNothingWhereTheRowsAreEqual() {
    assertThat(profile(0, BEFORE).shiftsFrom(profile(0, BEFORE)))
        .hasSize(World.NAMES.size())
        .allSatisfy(
            shift -> {
              assertThat(shift.index()).isZero();
              assertThat(shift.missing()).isEqualTo(shift.missingBefore());
            });
  }

  @Test
  void tellsOfValuesThatMoveAndOfThoseThatAreGone() {
    double[] before = IntStream.range(0, 1_200).mapToDouble(row -> row % 100).toArray();
    double[] moved = IntStream.range(0, 1_200).mapToDouble(row -> row % 100 + 50).toArray();
    double[] gone =
        IntStream.range(0, 1_200)
            .mapToDouble(row -> row % 4 == 0 ? Double.NaN : row % 100)
            .toArray();
    InputShift shift = numbers(moved).shiftsFrom(numbers(before)).get(0);
    assertThat(shift.index()).isGreaterThan(1);
    assertThat(shift.missing()).isZero();
    InputShift missing = numbers(gone).shiftsFrom(numbers(before)).get(0);
    assertThat(missing.missing()).isEqualTo(0.25);
    assertThat(missing.missingBefore()).isZero();
    assertThat(missing.index()).isGreaterThan(0.5);
  }

  /** A value that has a bin of its own in one training and lies between others in the other. */
  @Test
  void countsAValueThatManyRowsHave() {
    double[] before = IntStream.range(0, 1_200).mapToDouble(row -> row % 10).toArray();
    double[] half =
        IntStream.range(0, 1_200).mapToDouble(row -> row % 2 == 0 ? 3 : row % 10).toArray();
    double[] exactly = new double[10];
    for (double value : half) {
      exactly[(int) value]++;
    }
    double[] even = new double[10];
    Arrays.fill(even, 120);
    // Ten values and a group for missing ones that is empty in both.
    assertThat(numbers(half).shiftsFrom(numbers(before)).get(0).index())
        .isCloseTo(
            Stability.value(
                Stability.shares(Arrays.copyOf(exactly, 11)),
                Stability.shares(Arrays.copyOf(even, 11))),
            within(1e-9));
  }

  /** Those beyond the most frequent share a bin; which these are differs by chance. */
  @ParameterizedTest
  @ValueSource(ints = {300, 1_000})
  void isAlmostNothingWhereManyCategoriesDifferByChance(int categories) {
    List<String> texts = IntStream.range(0, categories).mapToObj(k -> "c" + k).toList();
    int days = 30;
    int rows = 1_000 * days;
    List<DriftProfile> drawn = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      drawn.add(
          DriftProfile.of(
              List.of(new InputName("x", "x")),
              List.of(
                  new Column.Categories(
                      IntStream.range(0, rows).map(row -> random.nextInt(categories)).toArray(),
                      texts)),
              IntStream.range(0, rows).map(row -> row / 1_000).toArray(),
              IntStream.range(0, days)
                  .mapToObj(d -> new DriftProfile.TrainedInterval("day " + d, d % 7, true, 1_000))
                  .toList()));
    }
    assertThat(drawn.get(1).shiftsFrom(drawn.get(0)).get(0).index()).isLessThan(0.001);
  }

  @Test
  void leavesOutWhatTheOtherDoesNotHave() {
    List<InputName> both = List.of(new InputName("x", "x"), new InputName("y", "x"));
    double[] values = IntStream.range(0, 600).mapToDouble(row -> row % 7).toArray();
    Column numbers = new Column.Numbers(values);
    Column texts =
        new Column.Categories(
            IntStream.range(0, 600).map(row -> row % 2).toArray(), List.of("a", "b"));
    DriftProfile two = profile(both, List.of(numbers, texts), 10);
    DriftProfile asNumbers = profile(both, List.of(numbers, numbers), 10);
    assertThat(two.shiftsFrom(asNumbers)).extracting(InputShift::input).containsExactly("x");
    assertThat(two.shiftsFrom(DriftProfile.NONE)).isEmpty();
  }
}
