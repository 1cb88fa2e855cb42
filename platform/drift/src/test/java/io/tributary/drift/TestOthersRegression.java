package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.drift.OthersRegression.Weights;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.junit.jupiter.api.Test;

class TestOthersRegression {
  private static final Weights WEIGHTS = new Weights(20, 3, 2, 0.3);
  private static final int[][] OF_INPUT = {{0, 1, 2}, {3}, {4, 5}};
  private static final boolean[] PREDICTS = {true, true, false, true, false, true};

  private final Random random = new Random(1);
  private final int n = 40;
  private final double[][] z = new double[n][6];
  private final int[] weekdays = IntStream.range(0, n).map(i -> i % 7).toArray();

  TestOthersRegression() {
    for (double[] row : z) {
      Arrays.setAll(row, k -> 3 * random.nextGaussian());
      row[1] = row[3] + 0.1 * random.nextGaussian();
    }
  }

  /** The features of one input's regression, as the equations of a textbook want them. */
  private static double[] features(double[] z, int weekday, int input) {
    double[] features = new double[8 + z.length];
    features[0] = 3;
    features[1 + weekday] = 2;
    for (int k = 0; k < z.length; k++) {
      boolean own = false;
      for (int o : OF_INPUT[input]) {
        own |= o == k;
      }
      features[8 + k] = own || !PREDICTS[k] ? 0 : 0.3 * Math.max(-4, Math.min(4, z[k]));
    }
    return features;
  }

  /** (Fᵀ F + λ) β = Fᵀ z, solved for all intervals but some. */
  private double residual(
      int input, int statistic, Set<Integer> without, double[] of, int weekday) {
    int[] fitted = IntStream.range(0, n).filter(i -> !without.contains(i)).toArray();
    double[][] rows =
        Arrays.stream(fitted)
            .mapToObj(i -> features(z[i], weekdays[i], input))
            .toArray(double[][]::new);
    double[] values = Arrays.stream(fitted).mapToDouble(i -> z[i][statistic]).toArray();
    RealMatrix f = new Array2DRowRealMatrix(rows);
    RealMatrix normal =
        f.transpose()
            .multiply(f)
            .add(MatrixUtils.createRealIdentityMatrix(rows[0].length).scalarMultiply(20));
    RealVector beta =
        new LUDecomposition(normal)
            .getSolver()
            .solve(f.transpose().operate(new ArrayRealVector(values)));
    return of[statistic] - beta.dotProduct(new ArrayRealVector(features(of, weekday, input)));
  }

  @Test
  void leavesWhatATextbooksRegressionLeaves() {
    OthersRegression regression = new OthersRegression(WEIGHTS, OF_INPUT, PREDICTS, z, weekdays);
    double[] later = random.doubles(6, -10, 10).toArray();
    double[] residuals = regression.residuals(later, 3);
    for (int input = 0; input < OF_INPUT.length; input++) {
      for (int k : OF_INPUT[input]) {
        assertThat(residuals[k]).isCloseTo(residual(input, k, Set.of(), later, 3), within(1e-9));
      }
    }
  }

  @Test
  void leavesOutAnIntervalAsIfItHadNotBeenThere() {
    OthersRegression regression = new OthersRegression(WEIGHTS, OF_INPUT, PREDICTS, z, weekdays);
    for (int i = 0; i < n; i += 7) {
      for (int input = 0; input < OF_INPUT.length; input++) {
        for (int k : OF_INPUT[input]) {
          assertThat(regression.leftOut()[i][k])
              .isCloseTo(residual(input, k, Set.of(i), z[i], weekdays[i]), within(1e-9));
        }
      }
    }
  }

  @Test
  void reachesAsFarAsTheOthersDoWithoutAnInterval() {
    OthersRegression regression = new OthersRegression(WEIGHTS, OF_INPUT, PREDICTS, z, weekdays);
    for (int i = 0; i < n; i += 13) {
      int without = i;
      for (int input = 0; input < OF_INPUT.length; input++) {
        int of = input;
        int k = OF_INPUT[input][0];
        double[] largest =
            IntStream.range(0, n)
                .filter(j -> j != without)
                .mapToDouble(j -> -Math.abs(residual(of, k, Set.of(without, j), z[j], weekdays[j])))
                .sorted()
                .limit(3)
                .toArray();
        assertThat(regression.reach()[k][i])
            .isCloseTo(-Arrays.stream(largest).average().orElseThrow(), within(1e-9));
      }
    }
  }
}
