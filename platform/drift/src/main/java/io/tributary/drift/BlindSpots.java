package io.tributary.drift;

import io.tributary.drift.BreakTest.Trained;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How often each break of each input would be found in the interval in which it happens: measured
 * by planting it in intervals of training that are left out of the limit that judges them. What
 * would not be found is said when the model is made, and not discovered later.
 */
final class BlindSpots {
  private static final int FOLDS = 10;

  private final DriftReference reference;
  private final List<Column> columns;
  private final int[] order;
  private final int[] starts;

  /**
   * Prepares.
   *
   * @param columns of training's rows
   * @param order the numbers of rows, interval by interval
   * @param starts where each interval begins in {@code order}, and where the last ends
   */
  BlindSpots(DriftReference reference, List<Column> columns, int[] order, int[] starts) {
    this.reference = reference;
    this.columns = columns;
    this.order = order;
    this.starts = starts;
  }

  /**
   * The share of intervals in which a breakage of an input is found, by input.
   *
   * @param trained of the calibrating intervals
   * @param intervals their numbers
   * @param noise of single rows
   * @param most intervals to plant a breakage in
   */
  List<Map<Breakage, Double>> found(
      List<Trained> trained, int[] intervals, double[] noise, double rate, int most) {
    Statistics statistics = new Statistics(reference);
    int step = (trained.size() + most - 1) / most;
    List<Map<Breakage, double[]>> counts = new ArrayList<>();
    for (InputReference input : reference.inputs()) {
      Map<Breakage, double[]> of = new EnumMap<>(Breakage.class);
      Breakage.of(input.bins()).forEach(breakage -> of.put(breakage, new double[2]));
      counts.add(of);
    }
    for (int fold = 0; fold < FOLDS; fold++) {
      int of = fold;
      BreakTest test = new BreakTest(reference, without(trained, fold), noise, rate);
      IntStream.iterate(0, at -> at < trained.size(), at -> at + step)
          .filter(at -> fold(at, trained.size()) == of)
          .forEach(at -> plant(intervals[at], trained.get(at), test, statistics, counts));
    }
    List<Map<Breakage, Double>> found = new ArrayList<>();
    for (Map<Breakage, double[]> of : counts) {
      Map<Breakage, Double> shares = new EnumMap<>(Breakage.class);
      of.forEach((breakage, pair) -> shares.put(breakage, pair[0] / pair[1]));
      found.add(shares);
    }
    return found;
  }

  private static List<Trained> without(List<Trained> trained, int fold) {
    return IntStream.range(0, trained.size())
        .filter(i -> fold(i, trained.size()) != fold)
        .mapToObj(trained::get)
        .toList();
  }

  /**
   * The stretch of time that is left out with an interval: later intervals are of no stretch that
   * training knows, either.
   */
  private static int fold(int interval, int intervals) {
    return interval * FOLDS / intervals;
  }

  private void plant(
      int interval,
      Trained trained,
      BreakTest test,
      Statistics statistics,
      List<Map<Breakage, double[]>> counts) {
    BreakTest.Expected expected =
        test.expected(trained.statistics(), trained.weekday(), trained.rows());
    int[] numbers = Arrays.copyOfRange(order, starts[interval], starts[interval + 1]);
    List<Column> rows = DriftReference.taken(columns, numbers);
    int[][] bins = reference.bins(rows, numbers.length);
    IntStream.range(0, counts.size())
        .parallel()
        .forEach(
            input -> {
              int[][] changed = bins.clone();
              counts
                  .get(input)
                  .forEach(
                      (breakage, pair) -> {
                        InputReference of = reference.inputs().get(input);
                        Column broken =
                            breakage.broken(
                                rows.get(input), of, new Random(31L * interval + input));
                        changed[input] = broken.in(of.bins(), numbers.length);
                        IntervalState state = new IntervalState(reference, i -> i == input);
                        state.addRows(numbers.length);
                        reference.count(input, broken, numbers.length, changed, state, of.limits());
                        pair[0] += expected.alarms(input, statistics.of(input, state)) ? 1 : 0;
                        pair[1]++;
                      });
            });
  }
}
