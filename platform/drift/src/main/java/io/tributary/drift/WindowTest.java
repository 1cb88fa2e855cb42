package io.tributary.drift;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Whether the world has moved away from training: a window of consecutive intervals against the
 * whole of it, input by input, as a distance with its uncertainty, in words. A year's training has
 * about a dozen windows, too few to set a limit by; so the limit is what a person declared, and is
 * never widened. What sets a moved input apart is whether training's own windows were as far, and
 * whether the other inputs explain it: a season moves many inputs together.
 */
final class WindowTest {
  private static final OthersRegression.Weights WEIGHTS =
      new OthersRegression.Weights(20, 3, 2, 0.3);

  /** Of fewer intervals it is not known what the others explain. */
  static final int LEAST_INTERVALS = 30;

  private static final int OF_RANKS = 3;
  private static final int MOMENTS = OF_RANKS + 1;
  private static final double LEAST_DEVIATION = 0.02;

  /**
   * Parts of training that the regression is left without when it judges them, and their margin.
   */
  private static final int PARTS = 9;

  private static final int GAP = 7;

  /** How far beyond training's farthest window an input must surely have moved by itself. */
  private static final double FARTHER = 1.25;

  /** Less doesn't matter, and what a move of each moment adds to the index, times its square. */
  private static final double[] LEAST_MOVE = {0.05, 0.05, 0.05, 0.08};

  private static final double[] INDEX_OF = {3, 5, 7, 4};

  /**
   * An input in a window.
   *
   * @param farthest the largest index among training's windows
   * @param farthestFrom the first interval of that window
   * @param own how it has moved by itself
   */
  record Verdict(
      int input,
      Standing standing,
      Stability stability,
      double smallestFound,
      double farthest,
      int farthestFrom,
      Own own) {}

  /**
   * What the other inputs don't explain of an input's move.
   *
   * @param farther by how much it surely is farther than training's farthest window, as a factor
   * @param index of a window that differs from training by this alone
   * @param upper the largest that it may be
   */
  record Own(double farther, double index, double upper) {}

  /**
   * The farthest of training's own windows.
   *
   * @param index the largest of each input
   * @param from the first interval of the window that has it
   * @param moved by input and moment, how far the input was from what the others predict
   */
  private record Farthest(double[] index, int[] from, double[][] moved) {}

  private final int inputs;
  private final List<long[][]> trained;
  private final double[][] training;
  private final Moments moments;
  private final OthersRegression all;
  private final double[][] unexplained;
  private final Map<Integer, Farthest> farthest = new ConcurrentHashMap<>();

  /**
   * Prepares the comparison.
   *
   * @param trained counts of training's intervals in order, at least {@value #LEAST_INTERVALS}, by
   *     input and group
   * @param weekdays of them
   */
  WindowTest(DriftReference reference, List<long[][]> trained, int[] weekdays) {
    inputs = reference.inputs().size();
    this.trained = trained;
    training = new double[inputs][];
    for (int i = 0; i < inputs; i++) {
      training[i] = Stability.shares(Stability.sums(counts(i, trained)));
    }
    moments = Moments.of(reference, training, trained);
    double[][] z = trained.stream().map(moments::standardized).toArray(double[][]::new);
    all = regression(z, weekdays, IntStream.range(0, z.length).toArray());
    unexplained = leftOut(z, weekdays);
  }

  /** Of windows of a length, in intervals. */
  private Farthest farthest(int length) {
    int windows = Math.max(1, trained.size() - length + 1);
    double[] index = new double[inputs];
    int[] first = new int[inputs];
    double[][] moved = new double[inputs][MOMENTS];
    IntStream.range(0, inputs)
        .parallel()
        .forEach(
            i -> {
              for (int from = 0; from < windows; from++) {
                int to = Math.min(trained.size(), from + length);
                double[] shares =
                    Stability.shares(Stability.sums(counts(i, trained.subList(from, to))));
                double value = Stability.value(shares, training[i]);
                if (value > index[i]) {
                  index[i] = value;
                  first[i] = from;
                }
              }
            });
    for (int from = 0; from < windows; from++) {
      double[] mean = mean(unexplained, from, Math.min(trained.size(), from + length));
      for (int i = 0; i < inputs; i++) {
        for (int m = 0; m < MOMENTS; m++) {
          moved[i][m] = Math.max(moved[i][m], Math.abs(mean[i * MOMENTS + m]));
        }
      }
    }
    return new Farthest(index, first, moved);
  }

  /**
   * Judges all inputs of a window. Alone is one of which that part surely is farther than in
   * training that the others don't explain, and may by itself reach the limit: a season that moves
   * it the other way hides nothing. Once one is found, what the others predict takes its place, so
   * that an input that stays where it was is not found for having been left behind.
   *
   * @param window counts of its intervals in order, by input and group
   * @param weekdays of them
   * @param limit of the index, as declared
   */
  List<Verdict> judge(List<long[][]> window, int[] weekdays, double limit) {
    Farthest most = farthest.computeIfAbsent(window.size(), this::farthest);
    double[][] z = window.stream().map(moments::standardized).toArray(double[][]::new);
    Stability[] stability = new Stability[inputs];
    Arrays.setAll(stability, i -> Stability.of(counts(i, window), training[i]));
    Own[] own = new Own[inputs];
    boolean[] alone = new boolean[inputs];
    OptionalInt next;
    do {
      double[][] left = new double[z.length][];
      Arrays.setAll(left, d -> all.residuals(z[d], weekdays[d]));
      for (int i = 0; i < inputs; i++) {
        own[i] = alone[i] ? own[i] : own(i, left, most.moved()[i]);
      }
      next =
          IntStream.range(0, inputs)
              .filter(i -> !alone[i] && own[i].farther() > 1 && own[i].upper() > limit)
              .boxed()
              .max(Comparator.comparingDouble(i -> stability[i].unbiased()))
              .map(OptionalInt::of)
              .orElse(OptionalInt.empty());
      next.ifPresent(
          i -> {
            alone[i] = true;
            for (int d = 0; d < z.length; d++) {
              for (int k = i * MOMENTS; k < (i + 1) * MOMENTS; k++) {
                z[d][k] -= left[d][k];
              }
            }
          });
    } while (next.isPresent());
    long beyond =
        IntStream.range(0, inputs).filter(i -> alone[i] || stability[i].lower() > limit).count();
    return IntStream.range(0, inputs)
        .parallel()
        .mapToObj(
            i ->
                new Verdict(
                    i,
                    alone[i]
                        ? Standing.BEYOND_ALONE
                        : standing(stability[i], limit, most.index()[i], beyond),
                    stability[i],
                    Stability.smallestFound(
                        counts(i, window), training[i], moments.order(i), limit),
                    most.index()[i],
                    most.from()[i],
                    own[i]))
        .toList();
  }

  private Own own(int input, double[][] unexplained, double[] farthest) {
    double farther = 0;
    double index = 0;
    double upper = 0;
    for (int m = 0; m < MOMENTS; m++) {
      int k = input * MOMENTS + m;
      double[] moves =
          Arrays.stream(unexplained).mapToDouble(z -> z[k] * moments.deviation()[k]).toArray();
      double mean = Math.abs(Arrays.stream(moves).average().orElseThrow());
      double margin = MeanOfIntervals.of(moves).reach(Stability.SURE);
      farther =
          Math.max(farther, (mean - margin) / (FARTHER * Math.hypot(farthest[m], LEAST_MOVE[m])));
      index += INDEX_OF[m] * mean * mean;
      upper += INDEX_OF[m] * (mean + margin) * (mean + margin);
    }
    return new Own(farther, index, upper);
  }

  private static Standing standing(
      Stability stability, double limit, double farthest, long beyond) {
    if (stability.lower() > limit) {
      return stability.value() <= farthest
          ? Standing.BEYOND_AS_TRAINING
          : beyond > 1 ? Standing.BEYOND_TOGETHER : Standing.BEYOND_UNLIKE_TRAINING;
    }
    return stability.upper() < limit ? Standing.WITHIN : Standing.CANNOT_TELL;
  }

  /**
   * The parts of a shift of the mean score: each input's shares less training's, times the mean
   * score when the input has the values of a group. They add up to about the whole shift.
   *
   * @param dependence the mean score by input and group (partial dependence: Friedman 2001)
   */
  double[] parts(List<long[][]> window, List<double[]> dependence) {
    double[] parts = new double[inputs];
    for (int i = 0; i < parts.length; i++) {
      double[] shares = Stability.shares(Stability.sums(counts(i, window)));
      for (int b = 0; b < shares.length; b++) {
        parts[i] += (shares[b] - training[i][b]) * dependence.get(i)[b];
      }
    }
    return parts;
  }

  /** The index of each input in a window against other intervals than the whole of training. */
  static double[] beside(List<long[][]> window, List<long[][]> others) {
    double[] index = new double[others.get(0).length];
    Arrays.setAll(
        index,
        i ->
            Stability.value(
                Stability.shares(Stability.sums(counts(i, window))),
                Stability.shares(Stability.sums(counts(i, others)))));
    return index;
  }

  private static double[][] counts(int input, List<long[][]> intervals) {
    return intervals.stream()
        .map(interval -> Arrays.stream(interval[input]).asDoubleStream().toArray())
        .toArray(double[][]::new);
  }

  /** In units of rank, what the other inputs don't explain of each interval of training. */
  private double[][] leftOut(double[][] z, int[] weekdays) {
    double[][] left = new double[z.length][];
    IntStream.range(0, PARTS)
        .parallel()
        .forEach(
            part -> {
              int from = part * z.length / PARTS;
              int to = (part + 1) * z.length / PARTS;
              int[] others =
                  IntStream.range(0, z.length)
                      .filter(i -> i < from - GAP || i >= to + GAP)
                      .toArray();
              OthersRegression without = regression(z, weekdays, others);
              for (int i = from; i < to; i++) {
                left[i] = without.residuals(z[i], weekdays[i]);
              }
            });
    return left;
  }

  private OthersRegression regression(double[][] z, int[] weekdays, int[] intervals) {
    int[][] ofInput = new int[inputs][MOMENTS];
    for (int i = 0; i < ofInput.length; i++) {
      int input = i;
      Arrays.setAll(ofInput[i], m -> input * MOMENTS + m);
    }
    boolean[] predicts = new boolean[ofInput.length * MOMENTS];
    Arrays.fill(predicts, true);
    return new OthersRegression(
        WEIGHTS,
        ofInput,
        predicts,
        Arrays.stream(intervals).mapToObj(i -> z[i]).toArray(double[][]::new),
        Arrays.stream(intervals).map(i -> weekdays[i]).toArray());
  }

  /** The mean over some intervals, in units of rank. */
  private double[] mean(double[][] unexplained, int from, int to) {
    double[] mean = new double[unexplained[from].length];
    for (int i = from; i < to; i++) {
      for (int k = 0; k < mean.length; k++) {
        mean[k] += unexplained[i][k] * moments.deviation()[k] / (to - from);
      }
    }
    return mean;
  }

  /**
   * Mean, spread and skew of each input's ranks in an interval, and the angle of its share of
   * missing values, which have no rank. Categories are ranked by how frequent they are in training.
   *
   * @param polynomials of ranks by input, then moment, then group
   * @param centre of training's intervals
   * @param deviation of them
   */
  private record Moments(double[][][] polynomials, double[] centre, double[] deviation) {
    static Moments of(DriftReference reference, double[][] training, List<long[][]> trained) {
      double[][][] polynomials = new double[training.length][][];
      Arrays.setAll(
          polynomials, i -> polynomials(training[i], reference.inputs().get(i).categorical()));
      double[] centre = new double[polynomials.length * MOMENTS];
      double[] deviation = new double[centre.length];
      double[][] values =
          trained.stream().map(interval -> of(polynomials, interval)).toArray(double[][]::new);
      for (int k = 0; k < centre.length; k++) {
        int column = k;
        double mean = Arrays.stream(values).mapToDouble(v -> v[column]).average().orElse(0);
        double square =
            Arrays.stream(values)
                .mapToDouble(v -> (v[column] - mean) * (v[column] - mean))
                .average()
                .orElse(0);
        centre[k] = mean;
        deviation[k] = Math.sqrt(square) + LEAST_DEVIATION;
      }
      return new Moments(polynomials, centre, deviation);
    }

    private static double[][] polynomials(double[] shares, boolean categorical) {
      int groups = shares.length - 1;
      Integer[] order = new Integer[groups];
      Arrays.setAll(order, b -> b);
      if (categorical) {
        Arrays.sort(order, Comparator.comparingDouble(b -> -shares[b]));
      }
      double[][] polynomials = new double[OF_RANKS][groups];
      double total = Arrays.stream(shares, 0, groups).sum();
      double below = 0;
      for (int b : order) {
        double rank = (2 * below + shares[b]) / total - 1;
        below += shares[b];
        for (int m = 0; m < OF_RANKS; m++) {
          polynomials[m][b] = Statistics.polynomials(rank)[m];
        }
      }
      return polynomials;
    }

    private static double[] of(double[][][] polynomials, long[][] counts) {
      double[] moments = new double[polynomials.length * MOMENTS];
      for (int i = 0; i < polynomials.length; i++) {
        int groups = counts[i].length - 1;
        double all = Math.max(1, Arrays.stream(counts[i], 0, groups).sum());
        for (int m = 0; m < OF_RANKS; m++) {
          for (int b = 0; b < groups; b++) {
            moments[i * MOMENTS + m] += counts[i][b] * polynomials[i][m][b] / all;
          }
        }
        double missing = counts[i][groups];
        moments[i * MOMENTS + OF_RANKS] =
            Statistics.angle(
                missing / Math.max(1, missing + Arrays.stream(counts[i], 0, groups).sum()));
      }
      return moments;
    }

    /** Where each group lies, −1 to 1; missing values in the middle. */
    double[] order(int input) {
      return Arrays.copyOf(polynomials[input][0], polynomials[input][0].length + 1);
    }

    double[] standardized(long[][] counts) {
      double[] z = of(polynomials, counts);
      for (int k = 0; k < z.length; k++) {
        z[k] = (z[k] - centre[k]) / deviation[k];
      }
      return z;
    }
  }
}
