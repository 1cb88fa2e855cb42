package io.tributary.drift;

import io.tributary.core.Json;
import io.tributary.drift.BreakTest.Trained;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Made-up worlds whose statistics have heavy tails, common factors and weekdays, and in which
 * nothing ever breaks: the rate of alarms must be the one that the test states.
 *
 * @param rates of alarms, by world
 * @param judged intervals of each
 */
record ExchangeableWorlds(double[] rates, int judged) {
  private static final int CALIBRATED = 241;
  private static final int FACTORS = 5;

  /** Statistics of exchangeable intervals. */
  private static final class Intervals {
    private final SplittableRandom random;
    private final double[][] loadings;
    private final double[][] weekdays;
    private int next;

    Intervals(long seed, int statistics) {
      random = new SplittableRandom(seed);
      Random normal = new Random(seed);
      loadings = new double[statistics][FACTORS];
      weekdays = new double[statistics][7];
      for (int k = 0; k < statistics; k++) {
        Arrays.setAll(loadings[k], f -> 0.5 * normal.nextGaussian());
        Arrays.setAll(weekdays[k], w -> 0.4 * normal.nextGaussian());
      }
    }

    /** Student's t with four degrees of freedom, by Bailey's polar method. */
    private double heavy() {
      while (true) {
        double x = 2 * random.nextDouble() - 1;
        double y = 2 * random.nextDouble() - 1;
        double square = x * x + y * y;
        if (square <= 1 && square > 0) {
          return x * Math.sqrt(4 * (1 / Math.sqrt(square) - 1) / square);
        }
      }
    }

    Trained next() {
      int weekday = next++ % 7;
      double[] factors = new double[FACTORS];
      Arrays.setAll(factors, f -> heavy());
      double unrest = 0.7 + 0.6 * random.nextDouble();
      double[] values = new double[loadings.length];
      for (int k = 0; k < values.length; k++) {
        values[k] = weekdays[k][weekday] + unrest * heavy();
        for (int f = 0; f < FACTORS; f++) {
          values[k] += loadings[k][f] * factors[f];
        }
      }
      return new Trained(values, weekday, 1_000);
    }
  }

  private static DriftReference reference(int inputs) {
    double[] values = {1, 2, 3};
    Column column = new Column.Numbers(values);
    int[] days = {0, 1, 2};
    return DriftReference.of(
        IntStream.range(0, inputs).mapToObj(i -> new InputName("i" + i, "view")).toList(),
        Collections.nCopies(inputs, column),
        values.length,
        days,
        Collections.nCopies(inputs, InputReference.Range.of(column, values.length, days)));
  }

  static ExchangeableWorlds of(int worlds, int inputs, int judged) {
    DriftReference reference = reference(inputs);
    int statistics = new Statistics(reference).all().size();
    double[] rates =
        IntStream.range(0, worlds)
            .parallel()
            .mapToDouble(
                world -> {
                  Intervals intervals = new Intervals(world, statistics);
                  List<Trained> trained = new ArrayList<>();
                  for (int i = 0; i < CALIBRATED; i++) {
                    trained.add(intervals.next());
                  }
                  BreakTest test = new BreakTest(reference, trained, new double[statistics], 0.01);
                  int alarms = 0;
                  for (int i = 0; i < judged; i++) {
                    Trained next = intervals.next();
                    alarms +=
                        test.expected(next.statistics(), next.weekday(), 1_000).alarms() ? 1 : 0;
                  }
                  return (double) alarms / judged;
                })
            .toArray();
    return new ExchangeableWorlds(rates, judged);
  }

  /** The mean rate of all worlds. */
  double mean() {
    return Arrays.stream(rates).average().orElseThrow();
  }

  /** The rate that the test states. */
  static double stated() {
    return 2.0 / (CALIBRATED + 1);
  }

  /**
   * The standard error of the mean. Each limit has a rate of its own, drawn from Beta(2, 240), and
   * each world's alarms are a draw from that.
   */
  double error() {
    double rate = stated();
    double ofLimits = rate * (1 - rate) / (CALIBRATED + 2);
    return Math.sqrt((ofLimits + rate * (1 - rate) / judged) / rates.length);
  }

  /** What {@code bench/run monitoring} reads. */
  record Summary(double mean, double stated, double error, double[] rates) {}

  /** Usage: {@code ExchangeableWorlds OUT WORLDS INPUTS JUDGED}. */
  public static void main(String[] arguments) throws IOException {
    int[] numbers = Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
    ExchangeableWorlds worlds = of(numbers[0], numbers[1], numbers[2]);
    Files.writeString(
        Path.of(arguments[0]),
        Json.write(new Summary(worlds.mean(), stated(), worlds.error(), worlds.rates())));
  }
}
