package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.TrainedInterval;
import io.tributary.drift.InputName;
import io.tributary.drift.IntervalState;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Tonight;
import io.tributary.drift.ValueBins;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/**
 * Consecutive nights of rows: those that a model is trained on, and those that come later.
 *
 * @param columns of the inputs; rows are ordered by night
 * @param starts where each night begins, and where the last ends
 * @param warmUp nights until all features are as they will be
 * @param model what gives the scores
 * @param scores of the rows
 * @param labels of the rows
 * @param parts how the nights are used
 */
record History(
    String name,
    List<InputName> inputs,
    List<Column> columns,
    LocalDate first,
    int[] starts,
    int warmUp,
    Model model,
    double[] scores,
    boolean[] labels,
    Parts parts) {

  /** What scores rows. */
  interface Model {
    /** The scores of the first rows. */
    double[] score(List<Column> columns, int rows);
  }

  /**
   * How nights are used, by number.
   *
   * @param trained the first night that does not train
   * @param tested the first night of the test rows; validation lies between
   * @param untested the first night after them
   * @param ended the first night after those that are judged
   */
  record Parts(int trained, int tested, int untested, int ended) {}

  private static final int SOME_ROWS = 4_000;

  int rows(int night) {
    return starts[night + 1] - starts[night];
  }

  LocalDate day(int night) {
    return first.plusDays(night);
  }

  /** Monday is 0. */
  int weekday(int night) {
    return day(night).getDayOfWeek().getValue() - 1;
  }

  /** The nights that training's are compared by: features are full, and so is the night. */
  int[] full() {
    double[] usual = new double[7];
    for (int weekday = 0; weekday < usual.length; weekday++) {
      int of = weekday;
      int[] sizes =
          IntStream.range(0, parts.trained())
              .filter(night -> weekday(night) == of)
              .map(this::rows)
              .sorted()
              .toArray();
      usual[of] = sizes[sizes.length / 2];
    }
    return IntStream.range(warmUp, parts.trained())
        .filter(night -> rows(night) >= DriftProfile.FULL * usual[weekday(night)])
        .toArray();
  }

  /** The nights after training that are judged. */
  int[] later() {
    return IntStream.range(parts.trained(), parts.ended()).toArray();
  }

  /** The columns of a night. */
  List<Column> columns(int night) {
    return taken(IntStream.range(starts[night], starts[night + 1]).toArray());
  }

  List<Column> taken(int[] rows) {
    return columns.stream().map(column -> column.taken(rows)).toList();
  }

  /** The rows of some nights. */
  int[] rowsOf(int[] nights) {
    return Arrays.stream(nights)
        .flatMap(night -> IntStream.range(starts[night], starts[night + 1]))
        .toArray();
  }

  /** The profile of all nights that train, which knows by what the score moves. */
  DriftProfile profile() {
    int[] nights = IntStream.range(0, parts.trained()).toArray();
    List<Integer> rows = new ArrayList<>(Arrays.stream(rowsOf(nights)).boxed().toList());
    Collections.shuffle(rows, new Random(1));
    int[] some = rows.stream().limit(SOME_ROWS).mapToInt(Integer::intValue).toArray();
    List<Column> columns = taken(some);
    return profile(nights, population -> population)
        .with(columns, some.length, (input, from) -> meanScore(columns, some.length, input, from));
  }

  /**
   * The profile of some nights.
   *
   * @param population of a night that has so many rows
   */
  DriftProfile profile(int[] nights, LongUnaryOperator population) {
    int[] rows = rowsOf(nights);
    int[] nightOf =
        IntStream.range(0, nights.length)
            .flatMap(k -> IntStream.generate(() -> k).limit(rows(nights[k])))
            .toArray();
    return DriftProfile.of(
        inputs,
        taken(rows),
        nightOf,
        Arrays.stream(nights)
            .mapToObj(
                night ->
                    new TrainedInterval(
                        day(night).toString(),
                        weekday(night),
                        night >= warmUp,
                        population.applyAsLong(rows(night))))
            .toList());
  }

  private double meanScore(List<Column> columns, int rows, int input, int[] from) {
    List<Column> changed = new ArrayList<>(columns);
    changed.set(
        input,
        from.length == 0
            ? missing(columns.get(input), rows)
            : columns
                .get(input)
                .taken(IntStream.range(0, rows).map(row -> from[row % from.length]).toArray()));
    return Arrays.stream(model.score(changed, rows)).average().orElseThrow();
  }

  /** As many rows without a value. */
  static Column missing(Column column, int rows) {
    if (column instanceof Column.Categories categories) {
      int[] codes = new int[rows];
      Arrays.fill(codes, ValueBins.MISSING);
      return new Column.Categories(codes, categories.texts());
    }
    double[] values = new double[rows];
    Arrays.fill(values, Double.NaN);
    return new Column.Numbers(values);
  }

  /** A night's rows, counted; its columns may have been changed. */
  static IntervalState counted(DriftProfile profile, List<Column> columns, int rows) {
    IntervalState state = profile.empty();
    profile.count(columns, rows, state);
    return state;
  }

  /** What a profile says of a night. */
  Tonight judged(DriftProfile profile, int night) {
    return profile.tonight(counted(profile, columns(night), rows(night)), weekday(night));
  }

  /** The mean score of some nights. */
  double meanScore(int[] nights) {
    return Arrays.stream(rowsOf(nights)).mapToDouble(row -> scores[row]).average().orElseThrow();
  }

  /** What became of a night's rows, had they had these scores and labels. */
  Outcomes outcomes(int night, double[] ofScores, boolean[] ofLabels) {
    return OutcomeSums.of(
            Arrays.copyOfRange(ofScores, starts[night], starts[night + 1]),
            Arrays.copyOfRange(ofLabels, starts[night], starts[night + 1]))
        .outcomes();
  }
}
