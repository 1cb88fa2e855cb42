package io.tributary.drift;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Predicts the statistics of each input of an interval from its weekday and from the statistics of
 * its <em>other</em> inputs, by ridge regression over intervals of training: one inverse of the
 * intervals' likeness by all inputs, from which each input takes its own part by the identity of
 * Woodbury. With 1,000 inputs and a year of days that is seconds.
 */
final class OthersRegression {
  private static final double CUT = 4;
  private static final int WEEKDAYS = 7;
  private static final int NONE = -1;

  /**
   * How much each feature counts.
   *
   * @param ridge the penalty
   * @param constant what is true of all intervals
   * @param weekday the interval's weekday
   * @param others each predicting statistic, in its standard deviations
   */
  record Weights(double ridge, double constant, double weekday, double others) {}

  private final Weights weights;
  private final int[][] ofInput;
  private final int[] feature;
  private final int width;
  private final double[][] features;
  private final double[][] coefficients;
  private final double[][] ofOwn;
  private final double[][] leftOut;
  private final double[][] reach;

  /**
   * Fits all inputs.
   *
   * @param ofInput the places of each input's statistics
   * @param predicts whether a statistic is one that others are predicted by
   * @param z standardized statistics, by interval
   * @param weekdays of the intervals, 0 to 6
   */
  OthersRegression(
      Weights weights, int[][] ofInput, boolean[] predicts, double[][] z, int[] weekdays) {
    this.weights = weights;
    this.ofInput = ofInput;
    feature = new int[predicts.length];
    int places = 1 + WEEKDAYS;
    for (int k = 0; k < predicts.length; k++) {
      feature[k] = predicts[k] ? places++ : NONE;
    }
    width = places;
    int n = z.length;
    features = new double[n][];
    Arrays.setAll(features, i -> features(z[i], weekdays[i]));
    coefficients = new double[predicts.length][n];
    ofOwn = new double[predicts.length][];
    leftOut = new double[n][predicts.length];
    reach = new double[predicts.length][n];
    RealMatrix inverse = inverse();
    IntStream.range(0, ofInput.length).parallel().forEach(input -> fit(input, inverse, z));
  }

  /** What is left of each interval that was fitted, as if it had not been among them. */
  double[][] leftOut() {
    return leftOut;
  }

  /**
   * How far the intervals that were fitted go, as if one had not been among them: of each
   * statistic, for each interval, the {@link #reach(double[], int)} of what is left of the others,
   * each left out together with it.
   */
  double[][] reach() {
    return reach;
  }

  /** The mean of the three largest sizes. */
  static double reach(double[] values) {
    return reach(values, NONE);
  }

  /** The same of all but one. */
  static double reach(double[] values, int without) {
    double first = 0;
    double second = 0;
    double third = 0;
    for (int i = 0; i < values.length; i++) {
      double size = Math.abs(values[i]);
      if (size > third && i != without) {
        if (size > second) {
          third = second;
          second = Math.min(first, size);
          first = Math.max(first, size);
        } else {
          third = size;
        }
      }
    }
    return (first + second + third) / 3;
  }

  /** What is left of the statistics of an interval that was not among those fitted. */
  double[] residuals(double[] z, int weekday) {
    double[] mine = features(z, weekday);
    double[] alike = new double[features.length];
    Arrays.setAll(alike, i -> dot(features[i], mine));
    double[] residuals = z.clone();
    for (int input = 0; input < ofInput.length; input++) {
      int[] own = ownFeatures(input);
      for (int k : ofInput[input]) {
        residuals[k] -= dot(coefficients[k], alike);
        for (int c = 0; c < own.length; c++) {
          residuals[k] += ofOwn[k][c] * mine[own[c]];
        }
      }
    }
    return residuals;
  }

  private double[] features(double[] z, int weekday) {
    double[] features = new double[width];
    features[0] = weights.constant();
    features[1 + weekday] = weights.weekday();
    for (int k = 0; k < z.length; k++) {
      if (feature[k] != NONE) {
        features[feature[k]] = weights.others() * Math.min(CUT, Math.max(-CUT, z[k]));
      }
    }
    return features;
  }

  /** The places in the features of an input's own statistics, which must not predict it. */
  private int[] ownFeatures(int input) {
    return Arrays.stream(ofInput[input]).map(k -> feature[k]).filter(c -> c != NONE).toArray();
  }

  /** (F Fᵀ + λ)⁻¹ for the features F of all inputs. */
  private RealMatrix inverse() {
    int n = features.length;
    double[][] likeness = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b <= a; b++) {
        likeness[a][b] = dot(features[a], features[b]) + (a == b ? weights.ridge() : 0);
        likeness[b][a] = likeness[a][b];
      }
    }
    return new CholeskyDecomposition(new Array2DRowRealMatrix(likeness, false))
        .getSolver()
        .getInverse();
  }

  /**
   * With G the inverse without the input's own features, the coefficients of its statistics z are a
   * = G z. What is left of interval i, as if it had not been there, is aᵢ / Gᵢᵢ; what is left of
   * interval j, as if neither had been there, (Gᵢᵢ aⱼ − Gᵢⱼ aᵢ) / (Gᵢᵢ Gⱼⱼ − Gᵢⱼ²).
   */
  private void fit(int input, RealMatrix inverse, double[][] z) {
    int[] ownFeatures = ownFeatures(input);
    double[][] g = without(ownFeatures, inverse).getData();
    int n = g.length;
    double[][] pairs = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        pairs[i][j] = i == j ? 0 : 1 / (g[i][i] * g[j][j] - g[i][j] * g[i][j]);
      }
    }
    double[] values = new double[n];
    double[] left = new double[n];
    for (int k : ofInput[input]) {
      double[] a = coefficients[k];
      for (int i = 0; i < n; i++) {
        values[i] = z[i][k];
      }
      for (int i = 0; i < n; i++) {
        a[i] = dot(g[i], values);
        leftOut[i][k] = a[i] / g[i][i];
      }
      for (int i = 0; i < n; i++) {
        double[] row = g[i];
        double[] pair = pairs[i];
        double diagonal = row[i];
        double own = a[i];
        for (int j = 0; j < n; j++) {
          left[j] = (diagonal * a[j] - row[j] * own) * pair[j];
        }
        reach[k][i] = reach(left, i);
      }
      ofOwn[k] = new double[ownFeatures.length];
      for (int c = 0; c < ownFeatures.length; c++) {
        for (int i = 0; i < n; i++) {
          ofOwn[k][c] += a[i] * features[i][ownFeatures[c]];
        }
      }
    }
  }

  private RealMatrix without(int[] own, RealMatrix inverse) {
    if (own.length == 0) {
      return inverse;
    }
    RealMatrix u = new Array2DRowRealMatrix(features.length, own.length);
    for (int i = 0; i < features.length; i++) {
      for (int c = 0; c < own.length; c++) {
        u.setEntry(i, c, features[i][own[c]]);
      }
    }
    RealMatrix moved = inverse.multiply(u);
    RealMatrix inner = u.transpose().multiply(moved).scalarMultiply(-1);
    for (int c = 0; c < own.length; c++) {
      inner.addToEntry(c, c, 1);
    }
    RealMatrix solved = new LUDecomposition(inner).getSolver().solve(moved.transpose());
    return inverse.add(moved.multiply(solved));
  }

  private static double dot(double[] a, double[] b) {
    double even = 0;
    double odd = 0;
    int k = 0;
    for (; k + 1 < a.length; k += 2) {
      even += a[k] * b[k];
      odd += a[k + 1] * b[k + 1];
    }
    return even + odd + (k < a.length ? a[k] * b[k] : 0);
  }
}
