package io.tributary.model;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a model's inputs and predictions looked like when it was made: what monitoring compares a
 * night with.
 *
 * <p>A single night is never like a year. It has one weekday, one weather, a few hundred rows; its
 * distribution is narrower than the year's, and its index against the year is large although
 * nothing is wrong. So the profile also holds how far the single nights that the model was made
 * from were from the whole, and how well it did on the single nights of the test range: a night is
 * out of the ordinary only when it lies beyond them.
 *
 * @param inputs in the signature's order
 * @param predictions scores on the validation rows, which the fit did not see
 * @param predictionPsi how far the scores of single nights of the training and validation ranges
 *     were from them
 * @param nights every night of the training, validation and test ranges, in order
 */
public record ReferenceProfile(
    List<InputProfile> inputs, Bins predictions, Spread predictionPsi, List<Night> nights) {
  /** Nights with fewer rows say too little to count in a spread. */
  public static final int LEAST_ROWS_OF_A_NIGHT = 50;

  private static final int SCORE_QUANTILES = 20;

  public ReferenceProfile {
    inputs = List.copyOf(inputs);
    nights = List.copyOf(nights);
  }

  /**
   * One input over the training rows.
   *
   * @param missing the share of missing values
   * @param psi how far single nights of the training and validation ranges were from it
   * @param missingRise by how much the share of missing values of such a night was above it
   */
  public record InputProfile(
      String column, Bins bins, double missing, Spread psi, Spread missingRise) {}

  /**
   * How large a measure was on single nights.
   *
   * @param largest over all of them
   * @param p99 a value that at most one in a hundred of them is above
   * @param nights how many there were
   */
  public record Spread(double largest, double p99, int nights) {
    static Spread of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      return n == 0
          ? new Spread(0, 0, 0)
          : new Spread(sorted[n - 1], sorted[(int) Math.ceil(0.99 * n) - 1], n);
    }
  }

  /** The part of the split that a night belongs to. */
  public enum Range {
    TRAIN,
    VALIDATE,
    TEST
  }

  /**
   * One night: the rows whose as-of lies in one day of the project's zone.
   *
   * @param share of true labels
   * @param auc empty if all labels are equal
   * @param scores its scores' quantiles 0, 1/20, … 1, to four places: the share of a decision on
   *     such a night can be read from them
   */
  public record Night(
      LocalDate day,
      Range range,
      int rows,
      double meanScore,
      double share,
      Optional<Double> auc,
      double logLoss,
      List<Double> scores) {
    public Night {
      scores = List.copyOf(scores);
    }
  }

  /**
   * The rows of one part of the split, in the order of their as-of.
   *
   * @param order their numbers in the input rows
   * @param days the day of each, in the same order, as days since 1970-01-01
   * @param scores of each, in the same order
   * @param labels of each, in the same order
   */
  public record Part(Range range, int[] order, int[] days, double[] scores, boolean[] labels) {}

  /**
   * Profiles the rows that a model was made from: the parts for training, validation and test, in
   * this order.
   */
  public static ReferenceProfile of(
      ModelSignature signature, InputRows rows, Part train, Part validate, Part test) {
    List<Night> nights = new ArrayList<>();
    for (Part part : List.of(train, validate, test)) {
      for (int[] span : nightsOf(part)) {
        nights.add(night(part, span[0], span[1]));
      }
    }
    Bins predictions = Bins.ofNumbers(validate.scores());
    List<Double> predictionPsi = new ArrayList<>();
    for (Part part : List.of(train, validate)) {
      for (int[] span : fullNightsOf(part)) {
        long[] counts = new long[predictions.counts().size()];
        for (int k = span[0]; k < span[1]; k++) {
          counts[predictions.bin(part.scores()[k])]++;
        }
        predictionPsi.add(predictions.psi(counts));
      }
    }
    List<InputProfile> inputs =
        IntStream.range(0, signature.inputs().size())
            .parallel()
            .mapToObj(i -> profile(signature.inputs().get(i).column(), i, rows, train, validate))
            .toList();
    return new ReferenceProfile(inputs, predictions, Spread.of(doubles(predictionPsi)), nights);
  }

  private static InputProfile profile(
      String column, int input, InputRows rows, Part train, Part validate) {
    Bins bins;
    long missing = 0;
    for (int row : train.order()) {
      missing += rows.isMissing(input, row) ? 1 : 0;
    }
    if (rows.categorical(input)) {
      long[] seen = new long[rows.texts(input).size()];
      for (int row : train.order()) {
        if (!rows.isMissing(input, row)) {
          seen[rows.codes(input)[row]]++;
        }
      }
      bins = Bins.ofCategories(rows.texts(input), seen);
    } else {
      bins =
          Bins.ofNumbers(
              Arrays.stream(train.order()).mapToDouble(row -> rows.numberAt(input, row)).toArray());
    }
    double share = train.order().length == 0 ? 0 : (double) missing / train.order().length;
    List<Double> psi = new ArrayList<>();
    List<Double> rises = new ArrayList<>();
    for (Part part : List.of(train, validate)) {
      for (int[] span : fullNightsOf(part)) {
        long[] counts = bins.count(rows, input, part.order(), span[0], span[1]);
        psi.add(bins.psi(counts));
        rises.add(1 - (double) Arrays.stream(counts).sum() / (span[1] - span[0]) - share);
      }
    }
    return new InputProfile(
        column, bins, share, Spread.of(doubles(psi)), Spread.of(doubles(rises)));
  }

  private static Night night(Part part, int from, int to) {
    double[] scores = Arrays.copyOfRange(part.scores(), from, to);
    boolean[] labels = Arrays.copyOfRange(part.labels(), from, to);
    BinaryMetrics metrics = BinaryMetrics.of(scores, labels);
    Arrays.sort(scores);
    List<Double> quantiles = new ArrayList<>();
    for (int q = 0; q <= SCORE_QUANTILES; q++) {
      quantiles.add(
          Math.round(scores[(int) ((long) (scores.length - 1) * q / SCORE_QUANTILES)] * 1e4) / 1e4);
    }
    return new Night(
        LocalDate.ofEpochDay(part.days()[from]),
        part.range(),
        to - from,
        metrics.meanScore(),
        (double) metrics.positives() / metrics.rows(),
        metrics.auc(),
        metrics.logLoss(),
        quantiles);
  }

  private static List<int[]> fullNightsOf(Part part) {
    return nightsOf(part).stream()
        .filter(span -> span[1] - span[0] >= LEAST_ROWS_OF_A_NIGHT)
        .toList();
  }

  private static List<int[]> nightsOf(Part part) {
    List<int[]> spans = new ArrayList<>();
    int[] days = part.days();
    int from = 0;
    for (int k = 1; k <= days.length; k++) {
      if (k == days.length || days[k] != days[from]) {
        spans.add(new int[] {from, k});
        from = k;
      }
    }
    return spans;
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
