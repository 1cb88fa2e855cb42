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
  private final boolean[] predicts;
  private final double[][] features;
  private final double[][] coefficients;
  private final double[][] leftOut;

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
    this.predicts = predicts;
    int n = z.length;
    features = new double[n][];
    Arrays.setAll(features, i -> features(z[i], weekdays[i]));
    coefficients = new double[predicts.length][n];
    leftOut = new double[n][predicts.length];
    RealMatrix inverse = inverse();
    IntStream.range(0, ofInput.length).parallel().forEach(input -> fit(input, inverse, z));
  }

  /** What is left of each interval that was fitted, as if it had not been among them. */
  double[][] leftOut() {
    return leftOut;
  }

  /** What is left of the statistics of an interval that was not among those fitted. */
  double[] residuals(double[] z, int weekday) {
    double[] mine = features(z, weekday);
    double[] alike = new double[features.length];
    Arrays.setAll(alike, i -> dot(features[i], mine));
    double[] residuals = z.clone();
    for (int input = 0; input < ofInput.length; input++) {
      int[] own = ownFeatures(input);
      for (int i = 0; i < alike.length; i++) {
        double likeness = alike[i];
        for (int c : own) {
          likeness -= features[i][c] * mine[c];
        }
        for (int k : ofInput[input]) {
          residuals[k] -= likeness * coefficients[k][i];
        }
      }
    }
    return residuals;
  }

  private double[] features(double[] z, int weekday) {
    double[] features = new double[1 + WEEKDAYS + z.length];
    features[0] = weights.constant();
    features[1 + weekday] = weights.weekday();
    for (int k = 0; k < z.length; k++) {
      if (predicts[k]) {
        features[1 + WEEKDAYS + k] = weights.others() * Math.min(CUT, Math.max(-CUT, z[k]));
      }
    }
    return features;
  }

  /** The places in the features of an input's own statistics, which must not predict it. */
  private int[] ownFeatures(int input) {
    return Arrays.stream(ofInput[input])
        .filter(k -> predicts[k])
        .map(k -> 1 + WEEKDAYS + k)
        .toArray();
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
   * With G the inverse without the input's own features, the coefficients of its statistics z are G
   * z, and what is left of interval i, as if it had not been there, is (G z)ᵢ / Gᵢᵢ.
   */
  private void fit(int input, RealMatrix inverse, double[][] z) {
    double[][] g = without(ownFeatures(input), inverse).getData();
    for (int k : ofInput[input]) {
      for (int i = 0; i < g.length; i++) {
        double sum = 0;
        for (int j = 0; j < g.length; j++) {
          sum += g[i][j] * z[j][k];
        }
        coefficients[k][i] = sum;
        leftOut[i][k] = sum / g[i][i];
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
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }
}
