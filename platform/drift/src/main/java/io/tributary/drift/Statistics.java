package io.tributary.drift;

import io.tributary.drift.IntervalState.Sum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Computes the statistics of an interval's state. */
final class Statistics {
  /** An input with fewer values in an interval has no distribution: its statistics are NaN. */
  private static final int LEAST_VALUES = 20;

  private static final double LOW = 0.05;
  private static final double HIGH = 0.95;

  private final DriftReference reference;
  private final List<Statistic> all;
  private final List<Ranks> ranks;

  Statistics(DriftReference reference) {
    this.reference = reference;
    all = new ArrayList<>();
    for (int i = 0; i < reference.inputs().size(); i++) {
      all.addAll(Statistic.of(i, reference.inputs().get(i)));
    }
    ranks = reference.inputs().stream().map(input -> Ranks.of(input.bins())).toList();
  }

  /** What is computed, in order. */
  List<Statistic> all() {
    return all;
  }

  /** The statistics of a state, in order; NaN where there are too few values. */
  double[] of(IntervalState state) {
    double[] values = new double[all.size()];
    int last = -1;
    Values input = null;
    for (int k = 0; k < values.length; k++) {
      Statistic statistic = all.get(k);
      if (statistic.input() != last) {
        last = statistic.input();
        input = new Values(reference.inputs().get(last), ranks.get(last), state, last);
      }
      values[k] = input.of(statistic);
    }
    return values;
  }

  /** Those of one input alone. */
  double[] of(int input, IntervalState state) {
    Values values = new Values(reference.inputs().get(input), ranks.get(input), state, input);
    return all.stream().filter(s -> s.input() == input).mapToDouble(values::of).toArray();
  }

  static double angle(double share) {
    return Math.asin(Math.sqrt(Math.min(1, Math.max(0, share))));
  }

  /** The first four Legendre polynomials of a rank from −1 to 1. */
  static double[] polynomials(double t) {
    return new double[] {
      t, 1.5 * t * t - 0.5, 2.5 * t * t * t - 1.5 * t, 4.375 * t * t * t * t - 3.75 * t * t + 0.375
    };
  }

  /**
   * Where the rows of a bin lie among training's.
   *
   * @param polynomials the first four Legendre polynomials of the middle rank, by bin
   * @param low bins that begin in the lowest twentieth
   * @param high bins that end in the highest
   */
  private record Ranks(double[][] polynomials, boolean[] low, boolean[] high) {
    static Ranks of(ValueBins bins) {
      double[][] polynomials = new double[4][bins.size()];
      boolean[] low = new boolean[bins.size()];
      boolean[] high = new boolean[bins.size()];
      double total = Math.max(1, bins.total());
      double below = 0;
      for (int b = 0; b < bins.size(); b++) {
        double[] at = Statistics.polynomials((2 * below + bins.count(b)) / total - 1);
        low[b] = below / total < LOW;
        below += bins.count(b);
        high[b] = below / total > HIGH;
        for (int k = 0; k < at.length; k++) {
          polynomials[k][b] = at[k];
        }
      }
      return new Ranks(polynomials, low, high);
    }
  }

  /** The statistics of one input in one interval. */
  private record Values(InputReference reference, Ranks ranks, IntervalState state, int input) {
    double of(Statistic statistic) {
      double rows = Math.max(1, state.rows());
      return switch (statistic.kind()) {
        case MISSING -> angle(sum(Sum.MISSING) / rows);
        case ALONE -> angle(sum(Sum.ALONE) / rows);
        case FIRST_PARTNER -> sum(Sum.FIRST_PARTNER) / rows / IntervalState.UNIT;
        case SECOND_PARTNER -> sum(Sum.SECOND_PARTNER) / rows / IntervalState.UNIT;
        default -> values() < LEAST_VALUES ? Double.NaN : ofValues(statistic);
      };
    }

    private double ofValues(Statistic statistic) {
      long[] counts = state.counts(input);
      double values = values();
      return switch (statistic.kind()) {
        case UNSEEN -> angle(sum(Sum.UNSEEN) / values);
        case OUTSIDE -> angle(sum(Sum.OUTSIDE) / values);
        case BEYOND_BOUND -> angle(sum(Sum.BEYOND_BOUND) / values);
        case LOCATION -> mean(counts, ranks.polynomials()[0]);
        case DISPERSION -> mean(counts, ranks.polynomials()[1]);
        case SKEWNESS -> mean(counts, ranks.polynomials()[2]);
        case TAILS -> mean(counts, ranks.polynomials()[3]);
        case LOW -> angle(share(counts, ranks.low()));
        case HIGH -> angle(share(counts, ranks.high()));
        case FULLEST -> angle(fullest(counts) / values);
        case COLLISION -> -Math.log(pairs(counts) / (values * (values - 1)) + 0.01);
        case MEAN -> sum(Sum.VALUES) / values / IntervalState.UNIT;
        case DEVIATION -> deviation(values);
        case CATEGORY -> angle(counts[statistic.bin().getAsInt()] / values);
        default -> throw new IllegalArgumentException(statistic.toString());
      };
    }

    private double sum(Sum sum) {
      return state.sum(input, sum);
    }

    private double values() {
      return state.rows() - state.sum(input, Sum.MISSING);
    }

    private double mean(long[] counts, double[] of) {
      double sum = 0;
      for (int b = 0; b < counts.length; b++) {
        sum += counts[b] * of[b];
      }
      return sum / values();
    }

    private double share(long[] counts, boolean[] which) {
      long sum = 0;
      for (int b = 0; b < counts.length; b++) {
        sum += which[b] ? counts[b] : 0;
      }
      return sum / values();
    }

    private double fullest(long[] counts) {
      return Math.max(sum(Sum.UNSEEN), Arrays.stream(counts).max().orElse(0));
    }

    private double pairs(long[] counts) {
      double pairs = sum(Sum.UNSEEN) * Math.max(0, sum(Sum.UNSEEN) - 1);
      for (long count : counts) {
        pairs += (double) count * (count - 1);
      }
      return pairs;
    }

    private double deviation(double values) {
      double mean = sum(Sum.VALUES) / values / IntervalState.UNIT;
      double square = sum(Sum.SQUARES) / values / IntervalState.UNIT;
      return Math.log(Math.sqrt(Math.max(0, square - mean * mean)) + 0.05);
    }
  }
}
