package io.tributary.drift;

import io.tributary.drift.BreakTest.Trained;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A made-up world of days: numbers that follow a season of their own and a common weather, with
 * heavy tails; some of them missing together; two that go with each other within a day; categories
 * whose shares move by weekday.
 */
final class World {
  static final List<String> NAMES =
      List.of("plain", "tied", "noisy", "zeros", "bounded", "gappy", "gappy_too", "city", "kind");

  final int days;
  private final List<Column> columns;
  private final int[] day;
  private final int[] starts;

  World(long seed, int days, int rowsADay) {
    this.days = days;
    Random random = new Random(seed);
    int rows = days * rowsADay;
    double[][] numbers = new double[7][rows];
    int[][] codes = new int[2][rows];
    day = new int[rows];
    starts = new int[days + 1];
    double weather = 0;
    for (int d = 0; d < days; d++) {
      weather = 0.6 * weather + 0.3 * random.nextGaussian();
      double second = 0.2 * random.nextGaussian();
      int weekday = d % 7;
      starts[d + 1] = (d + 1) * rowsADay;
      double gone = 0.1 + 0.05 * random.nextDouble();
      for (int row = d * rowsADay; row < starts[d + 1]; row++) {
        day[row] = d;
        double common = random.nextGaussian();
        numbers[0][row] = 10 + weather + common;
        numbers[1][row] = 50 + 5 * (numbers[0][row] + 0.3 * random.nextGaussian());
        numbers[2][row] = 100 * Math.exp(0.5 * weather + second + random.nextGaussian());
        numbers[3][row] = random.nextDouble() < 0.4 ? 0 : Math.floor(20 * random.nextDouble());
        numbers[4][row] =
            Math.min(1, Math.max(0, 0.5 + 0.4 * random.nextGaussian() + 0.1 * weather));
        boolean missing = random.nextDouble() < gone;
        numbers[5][row] = missing ? Double.NaN : 3 + 0.2 * weekday + random.nextGaussian();
        numbers[6][row] = missing ? Double.NaN : -3 + weather + random.nextGaussian();
        codes[0][row] = Math.min(7, (int) (Math.abs(random.nextGaussian() + 0.2 * weekday) * 3));
        codes[1][row] = random.nextDouble() < 0.02 ? ValueBins.MISSING : random.nextInt(3);
      }
    }
    columns = new ArrayList<>();
    for (double[] values : numbers) {
      columns.add(new Column.Numbers(values));
    }
    columns.add(new Column.Categories(codes[0], List.of("a", "b", "c", "d", "e", "f", "g", "h")));
    columns.add(new Column.Categories(codes[1], List.of("x", "y", "z")));
  }

  /** A day's date: the first is a Monday. */
  static LocalDate date(int day) {
    return LocalDate.of(2024, 1, 1).plusDays(day);
  }

  static List<InputName> names() {
    return NAMES.stream().map(name -> new InputName(name, name.substring(0, 1))).toList();
  }

  /** The columns of some days. */
  List<Column> columns(int from, int to) {
    int[] rows = new int[starts[to] - starts[from]];
    Arrays.setAll(rows, k -> starts[from] + k);
    return DriftReference.taken(columns, rows);
  }

  int rows(int from, int to) {
    return starts[to] - starts[from];
  }

  /** The reference made of the first days. */
  DriftReference reference(int until) {
    return DriftReference.of(names(), columns, starts[until], day, ranges(until));
  }

  private List<InputReference.Range> ranges(int until) {
    return columns.stream()
        .map(column -> InputReference.Range.of(column, starts[until], day))
        .toList();
  }

  /** The statistics of the first days, each compared with the range of all others. */
  List<Trained> trained(DriftReference reference, int until) {
    Statistics statistics = new Statistics(reference);
    List<InputReference.Range> ranges = ranges(until);
    List<Trained> trained = new ArrayList<>();
    for (int d = 0; d < until; d++) {
      IntervalState state = reference.empty();
      reference.countTrained(columns(d, d + 1), rows(d, d + 1), state, ranges, d);
      trained.add(new Trained(statistics.of(state), d % 7, state.rows()));
    }
    return trained;
  }

  /** The test of the first days, which knows the noise of few rows from every second row. */
  BreakTest test(DriftReference reference, List<Trained> trained) {
    Statistics statistics = new Statistics(reference);
    List<Trained> halves = new ArrayList<>();
    for (int d = 0; d < trained.size(); d++) {
      int[] half = new int[rows(d, d + 1) / 2];
      int first = starts[d];
      Arrays.setAll(half, k -> first + 2 * k);
      IntervalState state = reference.empty();
      reference.count(DriftReference.taken(columns, half), half.length, state);
      halves.add(new Trained(statistics.of(state), d % 7, half.length));
    }
    double[] none = new double[statistics.all().size()];
    return new BreakTest(
        reference,
        trained,
        new BreakTest(reference, trained, none, 0.01).noise(trained, halves),
        0.01);
  }

  /** The profile of the first days, of which thirty are there to fill windows. */
  DriftProfile profile(int until) {
    return DriftProfile.of(
        names(),
        columns,
        Arrays.copyOf(day, starts[until]),
        IntStream.range(0, until)
            .mapToObj(
                d ->
                    new DriftProfile.TrainedInterval(
                        "day " + d, d % 7, d >= 30, starts[d + 1] - starts[d]))
            .toList());
  }

  BlindSpots blindSpots(DriftReference reference, int until) {
    return new BlindSpots(
        reference, columns, numbers(starts[until]), Arrays.copyOf(starts, until + 1));
  }

  /** 0, 1, … */
  int[] numbers(int size) {
    return IntStream.range(0, size).toArray();
  }
}
