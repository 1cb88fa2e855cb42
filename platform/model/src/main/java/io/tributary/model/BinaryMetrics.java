package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.drift.OutcomeSums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How well scores, taken as probabilities, foretell a boolean label on some rows.
 *
 * @param rows how many rows
 * @param positives how many of them have a true label
 * @param auc the share of (true, false) pairs of rows that the scores put in the right order, ties
 *     counted half; empty if all labels are equal
 * @param logLoss the mean negative logarithm of the probability given to the label that came,
 *     probabilities taken as at least {@value #LEAST_PROBABILITY}
 * @param brier the mean squared difference of score and label
 * @param meanScore the mean score
 * @param calibration scores in ten bins of equal width, with what came of them
 * @param calibrationError the mean distance between a bin's mean score and its share of true
 *     labels, weighted by its rows
 * @param threshold above it a score foretells true
 * @param accuracy the share of labels that are foretold so
 */
public record BinaryMetrics(
    long rows,
    long positives,
    Optional<Double> auc,
    double logLoss,
    double brier,
    double meanScore,
    List<CalibrationBin> calibration,
    double calibrationError,
    double threshold,
    double accuracy) {
  /**
   * A probability nearer to 0 than this would make one row's loss outweigh all others; 32-bit
   * scores can't tell it from 0 or 1.
   */
  public static final double LEAST_PROBABILITY = OutcomeSums.LEAST_PROBABILITY;

  private static final int BINS = 10;

  public BinaryMetrics {
    calibration = List.copyOf(calibration);
  }

  /** The rows whose score is in {@code [from, to)}, the last bin with its upper end. */
  public record CalibrationBin(double from, double to, long rows, double meanScore, double share) {}

  /** Measures scores against labels, with decisions at 0.5. */
  public static BinaryMetrics of(double[] scores, boolean[] labels) {
    return of(scores, labels, 0.5);
  }

  /**
   * Measures scores against labels.
   *
   * @throws PlatformException {@code INVALID_VALUE} if there are no rows, or a score is no
   *     probability
   */
  public static BinaryMetrics of(double[] scores, boolean[] labels, double threshold) {
    if (scores.length != labels.length) {
      throw new IllegalArgumentException(
          scores.length + " scores for " + labels.length + " labels");
    }
    if (scores.length == 0) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot measure scores: there are none. Widen the interval of the rows that are measured.");
    }
    long[] rows = new long[BINS];
    double[] sums = new double[BINS];
    long[] hits = new long[BINS];
    long positives = 0;
    long right = 0;
    double brier = 0;
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      double score = scores[k];
      if (!(score >= 0 && score <= 1)) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot measure scores: score %s is no probability. Check the bounds of the scores."
                .formatted(score));
      }
      double label = labels[k] ? 1 : 0;
      int bin = Math.min(BINS - 1, (int) (score * BINS));
      rows[bin]++;
      sums[bin] += score;
      hits[bin] += labels[k] ? 1 : 0;
      positives += labels[k] ? 1 : 0;
      right += score > threshold == labels[k] ? 1 : 0;
      brier += (score - label) * (score - label);
      sum += score;
    }
    List<CalibrationBin> bins = new ArrayList<>();
    double error = 0;
    for (int b = 0; b < BINS; b++) {
      if (rows[b] > 0) {
        bins.add(
            new CalibrationBin(
                (double) b / BINS,
                (b + 1.0) / BINS,
                rows[b],
                sums[b] / rows[b],
                (double) hits[b] / rows[b]));
        error += Math.abs(sums[b] - hits[b]);
      }
    }
    int n = scores.length;
    return new BinaryMetrics(
        n,
        positives,
        auc(scores, labels),
        logLoss(scores, labels),
        brier / n,
        sum / n,
        bins,
        error / n,
        threshold,
        (double) right / n);
  }

  /**
   * The measures under the names by which admission rules call them; {@code calibration} is the
   * calibration error.
   */
  public Map<String, Double> named() {
    Map<String, Double> named = new TreeMap<>();
    auc.ifPresent(value -> named.put("auc", value));
    named.put("log-loss", logLoss);
    named.put("brier", brier);
    named.put("calibration", calibrationError);
    named.put("accuracy", accuracy);
    return named;
  }

  /**
   * Whether a larger value of a measure is the better one; the others are better the smaller they
   * are.
   */
  public static boolean largerIsBetter(String metric) {
    return metric.equals("auc") || metric.equals("accuracy");
  }

  /**
   * The area under the receiver operating characteristic, exact, by the ranks of the scores (Mann
   * and Whitney).
   */
  public static Optional<Double> auc(double[] scores, boolean[] labels) {
    int n = scores.length;
    long positives = 0;
    for (boolean label : labels) {
      positives += label ? 1 : 0;
    }
    long negatives = n - positives;
    if (positives == 0 || negatives == 0) {
      return Optional.empty();
    }
    double[] hits = new double[(int) positives];
    double[] misses = new double[(int) negatives];
    int h = 0;
    int m = 0;
    for (int k = 0; k < n; k++) {
      if (labels[k]) {
        hits[h++] = scores[k] + 0.0;
      } else {
        misses[m++] = scores[k] + 0.0;
      }
    }
    Arrays.sort(hits);
    Arrays.sort(misses);
    long twice = 0;
    int below = 0;
    int upTo = 0;
    for (double hit : hits) {
      while (below < misses.length && misses[below] < hit) {
        below++;
      }
      while (upTo < misses.length && misses[upTo] <= hit) {
        upTo++;
      }
      twice += (long) below + upTo;
    }
    return Optional.of(twice / 2.0 / ((double) positives * negatives));
  }

  /** The mean negative logarithm of the probability given to the label that came. */
  public static double logLoss(double[] scores, boolean[] labels) {
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      double p = labels[k] ? scores[k] : 1 - scores[k];
      sum -= Math.log(Math.max(LEAST_PROBABILITY, Math.min(1 - LEAST_PROBABILITY, p)));
    }
    return sum / scores.length;
  }
}
