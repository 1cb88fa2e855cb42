package io.tributary.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * Whether something broke in one interval. Each statistic is taken less what the interval's weekday
 * and its other inputs predict of it, by a ridge regression over the intervals of training; divided
 * by how far training's own intervals go; and by how unlike training the interval is as a whole,
 * for a break is local and a storm is not. One limit over all statistics together is the quantile
 * of what training's intervals reach, each judged as if it had not been there (conformal: Vovk,
 * Gammerman, Shafer 2005; Barber et al. 2021).
 *
 * <p>A verdict depends on training and on the interval alone: judged again, in any order, it is the
 * same.
 */
final class BreakTest {
  /** Fewer intervals can set no limit. */
  static final int LEAST_INTERVALS = 30;

  private static final OthersRegression.Weights WEIGHTS =
      new OthersRegression.Weights(60, 3, 3, 0.3);
  private static final double UNREST_QUANTILE = 0.75;

  /** Of fewer inputs it can't be told whether a break is of one or of all. */
  private static final int LEAST_INPUTS = 8;

  /**
   * Statistics of an interval of training, or of some of its rows.
   *
   * @param weekday 0 to 6
   */
  record Trained(double[] statistics, int weekday, long rows) {}

  /**
   * How far a statistic is from what training leads one to expect.
   *
   * @param statistic its place in {@link Statistics#all()}
   * @param score alarming above the limit
   */
  record Finding(int statistic, double score) {}

  /**
   * The judgement of an interval.
   *
   * @param findings of all statistics, the largest first
   * @param whole how unlike training the interval is as a whole, on the same scale
   */
  record Judgement(List<Finding> findings, double whole, double limit) {
    double score() {
      return Math.max(whole, findings.isEmpty() ? 0 : findings.get(0).score());
    }

    boolean alarms() {
      return score() > limit;
    }

    /**
     * What goes farthest of each input, the input to look at first leading: a tie between two
     * inputs breaks for both of them, so those that are odd in themselves come before those of
     * which only a tie is.
     */
    List<Finding> inputs(List<Statistic> statistics) {
      Map<Integer, Finding> own = new LinkedHashMap<>();
      Map<Integer, Finding> all = new LinkedHashMap<>();
      for (Finding finding : findings) {
        Statistic of = statistics.get(finding.statistic());
        all.putIfAbsent(of.input(), finding);
        if (!of.kind().isTie() && finding.score() > limit) {
          own.putIfAbsent(of.input(), finding);
        }
      }
      all.keySet().removeAll(own.keySet());
      return Stream.of(own, all).flatMap(found -> found.values().stream()).toList();
    }
  }

  private final List<Statistic> statistics;
  private final int inputs;
  private final int[][] ofInput;
  private final int[][] shapesOfInput;
  private final int n;
  private final double[] centre;
  private final double[] scale;
  private final OthersRegression others;
  private final double[] tail;
  private final double[] noise;
  private final double usualRows;
  private final double calm;
  private final double wholeTail;
  private final double[] scores;
  private final OptionalInt[] farthest;
  private final int place;
  private final double limit;

  /**
   * Fits the test.
   *
   * @param reference whose statistics they are
   * @param trained at least {@value #LEAST_INTERVALS} intervals of training
   * @param noise the variance that a single row adds to what is left of each statistic
   * @param rate of false alarms that is wanted
   */
  BreakTest(DriftReference reference, List<Trained> trained, double[] noise, double rate) {
    statistics = new Statistics(reference).all();
    inputs = reference.inputs().size();
    n = trained.size();
    if (n < LEAST_INTERVALS) {
      throw new IllegalArgumentException(n + " intervals, not " + LEAST_INTERVALS);
    }
    int count = statistics.size();
    ofInput = new int[inputs][];
    shapesOfInput = new int[inputs][];
    for (int i = 0; i < inputs; i++) {
      int input = i;
      ofInput[i] =
          IntStream.range(0, count).filter(k -> statistics.get(k).input() == input).toArray();
      shapesOfInput[i] =
          Arrays.stream(ofInput[i]).filter(k -> statistics.get(k).kind().isShape()).toArray();
    }
    boolean[] predicts = new boolean[count];
    double[] floor = new double[count];
    for (int k = 0; k < count; k++) {
      InputReference of = reference.inputs().get(statistics.get(k).input());
      predicts[k] = statistics.get(k).predicts(of);
      floor[k] = statistics.get(k).floor(of);
    }
    double[][] values = trained.stream().map(Trained::statistics).toArray(double[][]::new);
    centre = new double[count];
    scale = new double[count];
    for (int k = 0; k < count; k++) {
      double[] present = present(values, k);
      centre[k] = median(present);
      scale[k] = deviation(present) + floor[k] / 5;
    }
    double[][] z = Arrays.stream(values).map(this::standardized).toArray(double[][]::new);
    int[] weekdays = trained.stream().mapToInt(Trained::weekday).toArray();
    others = new OthersRegression(WEIGHTS, ofInput, predicts, z, weekdays);
    double[][] residuals = others.leftOut();

    double[] relative = new double[count];
    double[][] own = new double[n][count];
    tail = new double[count];
    for (int k = 0; k < count; k++) {
      relative[k] = floor[k] / scale[k];
      tail[k] = Math.hypot(OthersRegression.reach(column(residuals, k)), relative[k]);
      for (int i = 0; i < n; i++) {
        own[i][k] = Math.abs(residuals[i][k]) / Math.hypot(others.reach()[k][i], relative[k]);
      }
    }
    usualRows = median(trained.stream().mapToDouble(Trained::rows).toArray());
    this.noise = noise;

    double[] unrest = Arrays.stream(own).mapToDouble(u -> unrest(u, 1)).toArray();
    calm = Math.max(median(unrest), 1e-9);
    double[] whole = Arrays.stream(unrest).map(d -> d / calm).toArray();
    wholeTail = Math.max(OthersRegression.reach(whole), 1e-9);
    scores = new double[n];
    farthest = new OptionalInt[n];
    for (int i = 0; i < n; i++) {
      int largest = largest(own[i]);
      double ofOne = own[i][largest] / Math.max(1, whole[i]);
      double ofAll = whole[i] / Math.max(OthersRegression.reach(whole, i), 1e-9);
      scores[i] = Math.max(ofOne, ofAll);
      farthest[i] = ofAll > ofOne ? OptionalInt.empty() : OptionalInt.of(largest);
    }
    place = Math.min(n, (int) Math.ceil((n + 1) * (1 - rate)));
    limit = Arrays.stream(scores).sorted().toArray()[place - 1];
  }

  /** What an interval must exceed to alarm. */
  double limit() {
    return limit;
  }

  /** The rate of false alarms of the limit: its own is a draw from Beta(n + 1 − k, k). */
  FalseAlarms rate() {
    double above = n + 1.0 - place;
    return new FalseAlarms(
        above / (n + 1),
        new BetaDistribution(null, above, place).inverseCumulativeProbability(.95));
  }

  /** How far each of training's intervals goes, in their order; those beyond the limit set it. */
  double[] scores() {
    return scores.clone();
  }

  /**
   * The statistic by which an interval of training goes farthest; none where it does as a whole.
   */
  OptionalInt farthest(int interval) {
    return farthest[interval];
  }

  /**
   * Judges an interval.
   *
   * @param values its statistics
   * @param rows how many it has
   */
  Judgement judge(double[] values, int weekday, long rows) {
    return expected(values, weekday, rows).judge();
  }

  /** An interval beside what training leads one to expect of it. */
  Expected expected(double[] values, int weekday, long rows) {
    double[] z = standardized(values);
    double fewer = 9 * Math.max(0, 1 / Math.max(1.0, rows) - 1 / usualRows);
    double[] reach = new double[z.length];
    Arrays.setAll(reach, k -> Math.sqrt(tail[k] * tail[k] + fewer * noise[k]));
    return new Expected(z, others.residuals(z, weekday), reach);
  }

  /** An interval's statistics, of which those of one input may be replaced. */
  final class Expected {
    private final double[] z;
    private final double[] residuals;
    private final double[] reach;
    private final double unrest;

    private Expected(double[] z, double[] residuals, double[] reach) {
      this.z = z;
      this.residuals = residuals;
      this.reach = reach;
      unrest = unrest(scores(), calm);
    }

    private double[] scores() {
      double[] u = new double[residuals.length];
      Arrays.setAll(u, k -> Math.abs(residuals[k]) / reach[k]);
      return u;
    }

    /** Whether the interval alarms, without what it goes farthest in. */
    boolean alarms() {
      double[] u = scores();
      return Math.max(u[largest(u)] / Math.max(1, unrest), unrest / wholeTail) > limit;
    }

    private Judgement judge() {
      double[] u = scores();
      List<Finding> findings = new ArrayList<>();
      for (int k = 0; k < u.length; k++) {
        findings.add(new Finding(k, u[k] / Math.max(1, unrest)));
      }
      findings.sort(Comparator.comparingDouble(finding -> -finding.score()));
      return new Judgement(findings, unrest / wholeTail, limit);
    }

    /** Whether one input alone would alarm if its statistics were these. */
    boolean alarms(int input, double[] statisticsOfInput) {
      int[] places = ofInput[input];
      for (int at = 0; at < places.length; at++) {
        int k = places[at];
        double value = statisticsOfInput[at];
        double changed = Double.isNaN(value) ? 0 : (value - centre[k]) / scale[k];
        double u = Math.abs(residuals[k] - z[k] + changed) / reach[k];
        if (u / Math.max(1, unrest) > limit) {
          return true;
        }
      }
      return false;
    }
  }

  private double[] standardized(double[] values) {
    double[] z = new double[values.length];
    for (int k = 0; k < z.length; k++) {
      z[k] = Double.isNaN(values[k]) ? 0 : (values[k] - centre[k]) / scale[k];
    }
    return z;
  }

  /**
   * The variance that a single row adds to what is left of each statistic.
   *
   * @param trained intervals
   * @param halves some of the rows of each
   */
  double[] noise(List<Trained> trained, List<Trained> halves) {
    double[] sums = new double[statistics.size()];
    int intervals = 0;
    for (int i = 0; i < trained.size(); i++) {
      Trained whole = trained.get(i);
      Trained half = halves.get(i);
      double fewer = 1.0 / half.rows() - 1.0 / whole.rows();
      if (half.rows() == 0 || fewer <= 0) {
        continue;
      }
      double[] left = others.residuals(standardized(whole.statistics()), whole.weekday());
      double[] ofHalf = others.residuals(standardized(half.statistics()), half.weekday());
      for (int k = 0; k < sums.length; k++) {
        sums[k] += (ofHalf[k] - left[k]) * (ofHalf[k] - left[k]) / fewer;
      }
      intervals++;
    }
    int counted = Math.max(1, intervals);
    return Arrays.stream(sums).map(sum -> sum / counted).toArray();
  }

  /**
   * The upper quarter of the inputs by how far their distributions are from expectation; 0 of few
   * inputs, which are then judged each by itself.
   */
  private double unrest(double[] u, double usual) {
    if (inputs < LEAST_INPUTS) {
      return 0;
    }
    double[] largest = new double[inputs];
    for (int input = 0; input < inputs; input++) {
      for (int k : shapesOfInput[input]) {
        largest[input] = Math.max(largest[input], u[k]);
      }
    }
    Arrays.sort(largest);
    double at = UNREST_QUANTILE * (inputs - 1);
    int low = (int) at;
    int high = Math.min(low + 1, inputs - 1);
    return (largest[low] + (at - low) * (largest[high] - largest[low])) / usual;
  }

  static int largest(double[] values) {
    int at = 0;
    for (int k = 1; k < values.length; k++) {
      at = values[k] > values[at] ? k : at;
    }
    return at;
  }

  private static double[] column(double[][] rows, int k) {
    return Arrays.stream(rows).mapToDouble(row -> row[k]).toArray();
  }

  private static double[] present(double[][] rows, int k) {
    return Arrays.stream(rows)
        .mapToDouble(row -> row[k])
        .filter(x -> !Double.isNaN(x))
        .sorted()
        .toArray();
  }

  static double median(double[] values) {
    if (values.length == 0) {
      return 0;
    }
    double[] sorted = Arrays.stream(values).sorted().toArray();
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    return Math.sqrt(Arrays.stream(values).map(x -> (x - mean) * (x - mean)).average().orElse(0));
  }
}
