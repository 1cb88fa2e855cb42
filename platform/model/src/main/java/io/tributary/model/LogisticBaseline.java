package io.tributary.model;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A ridge-regularised logistic regression on a vectorizer's vectors, categories one-hot: what a
 * network must beat to be worth its trouble. It is fitted to convergence by L-BFGS (Nocedal and
 * Wright, Numerical Optimization, algorithm 7.5), preconditioned by the curvature at a sample of
 * the rows; the loss is the sum of log losses plus half the squared weights, the intercept apart.
 *
 * <p>Rows are added in fixed chunks, so the number of threads changes no bit.
 */
public final class LogisticBaseline {
  private static final int MOST_ITERATIONS = 200;
  private static final int MEMORY = 10;
  private static final int SAMPLE_ROWS = 16_384;
  private static final int CHUNK_ROWS = 8_192;
  private static final double RIDGE = 1;
  private static final double CONVERGED = 1e-6;

  private final int numbers;
  private final int[] tableOffsets;
  private final int width;
  private final double[] weights;
  private int iterations;
  private double steepest;

  // Weights: one for each number, then one for each row of each embedding's table, then the
  // intercept.
  private LogisticBaseline(Vectorizer vectorizer) {
    numbers = vectorizer.denseWidth();
    width = vectorizer.width();
    tableOffsets = new int[vectorizer.embeddings().size()];
    int at = numbers;
    for (int t = 0; t < tableOffsets.length; t++) {
      tableOffsets[t] = at;
      at += vectorizer.embeddings().get(t).rows();
    }
    weights = new double[at + 1];
  }

  /** Fits it to examples of the vectorizer. */
  public static LogisticBaseline fit(Vectorizer vectorizer, Examples train) {
    LogisticBaseline baseline = new LogisticBaseline(vectorizer);
    double share = Math.min(1 - 1e-9, Math.max(1e-9, train.share()));
    baseline.weights[baseline.weights.length - 1] = Math.log(share / (1 - share));
    baseline.minimize(train);
    return baseline;
  }

  /** The score of each example, in order. */
  public double[] score(Examples examples) {
    return IntStream.range(0, examples.rows())
        .mapToDouble(
            row -> 1 / (1 + Math.exp(-margin(weights, examples.chunk(row), examples.start(row)))))
        .toArray();
  }

  /** How many steps the fit took. */
  public int iterations() {
    return iterations;
  }

  /** The largest derivative of the mean loss by any weight where the fit ended. */
  public double steepest() {
    return steepest;
  }

  private void minimize(Examples train) {
    int n = weights.length;
    Curvature curvature = new Curvature(train);
    double[] gradient = new double[n];
    double loss = evaluate(weights, train, gradient);
    double[][] steps = new double[MEMORY][];
    double[][] changes = new double[MEMORY][];
    double[] rho = new double[MEMORY];
    steepest = largest(gradient) / train.rows();
    int stored = 0;
    while (iterations < MOST_ITERATIONS && steepest > CONVERGED) {
      double[] direction = direction(gradient, curvature, steps, changes, rho, stored);
      double slope = dot(direction, gradient);
      double[] next = new double[n];
      double[] nextGradient = new double[n];
      double nextLoss = Double.POSITIVE_INFINITY;
      for (double length = 1; length > 1e-10; length /= 2) {
        for (int k = 0; k < n; k++) {
          next[k] = weights[k] + length * direction[k];
        }
        Arrays.fill(nextGradient, 0);
        nextLoss = evaluate(next, train, nextGradient);
        if (nextLoss <= loss + 1e-4 * length * slope) {
          break;
        }
      }
      if (!(nextLoss < loss)) {
        return;
      }
      double[] step = new double[n];
      double[] change = new double[n];
      for (int k = 0; k < n; k++) {
        step[k] = next[k] - weights[k];
        change[k] = nextGradient[k] - gradient[k];
      }
      double curve = dot(step, change);
      if (curve > 0) {
        int slot = stored++ % MEMORY;
        steps[slot] = step;
        changes[slot] = change;
        rho[slot] = 1 / curve;
      }
      System.arraycopy(next, 0, weights, 0, n);
      gradient = nextGradient;
      loss = nextLoss;
      steepest = largest(gradient) / train.rows();
      iterations++;
    }
  }

  private static double[] direction(
      double[] gradient,
      Curvature curvature,
      double[][] steps,
      double[][] changes,
      double[] rho,
      int stored) {
    double[] q = gradient.clone();
    int first = Math.max(0, stored - MEMORY);
    double[] alpha = new double[MEMORY];
    for (int k = stored - 1; k >= first; k--) {
      int slot = k % MEMORY;
      alpha[slot] = rho[slot] * dot(steps[slot], q);
      add(q, -alpha[slot], changes[slot]);
    }
    curvature.solve(q);
    for (int k = first; k < stored; k++) {
      int slot = k % MEMORY;
      add(q, alpha[slot] - rho[slot] * dot(changes[slot], q), steps[slot]);
    }
    for (int k = 0; k < q.length; k++) {
      q[k] = -q[k];
    }
    return q;
  }

  /** The loss at {@code w}; its gradient is written to {@code gradient}. */
  private double evaluate(double[] w, Examples train, double[] gradient) {
    int n = w.length;
    int chunks = (train.rows() + CHUNK_ROWS - 1) / CHUNK_ROWS;
    double[][] parts = new double[chunks][];
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            c -> {
              double[] part = new double[n + 1];
              int end = Math.min(train.rows(), (c + 1) * CHUNK_ROWS);
              for (int row = c * CHUNK_ROWS; row < end; row++) {
                float[] x = train.chunk(row);
                int at = train.start(row);
                double z = margin(w, x, at);
                boolean label = train.label(row);
                double signed = label ? -z : z;
                part[n] +=
                    signed > 0
                        ? signed + Math.log1p(Math.exp(-signed))
                        : Math.log1p(Math.exp(signed));
                double error = 1 / (1 + Math.exp(-z)) - (label ? 1 : 0);
                for (int j = 0; j < numbers; j++) {
                  part[j] += error * x[at + j];
                }
                for (int t = 0; t < tableOffsets.length; t++) {
                  part[tableOffsets[t] + (int) x[at + numbers + t]] += error;
                }
                part[n - 1] += error;
              }
              parts[c] = part;
            });
    double loss = 0;
    for (double[] part : parts) {
      for (int j = 0; j < n; j++) {
        gradient[j] += part[j];
      }
      loss += part[n];
    }
    for (int j = 0; j < n - 1; j++) {
      gradient[j] += RIDGE * w[j];
      loss += RIDGE / 2 * w[j] * w[j];
    }
    return loss;
  }

  private double margin(double[] w, float[] x, int at) {
    double even = w[w.length - 1];
    double odd = 0;
    int j = 0;
    for (; j + 1 < numbers; j += 2) {
      even += w[j] * x[at + j];
      odd += w[j + 1] * x[at + j + 1];
    }
    if (j < numbers) {
      even += w[j] * x[at + j];
    }
    for (int t = 0; t < width - numbers; t++) {
      odd += w[tableOffsets[t] + (int) x[at + numbers + t]];
    }
    return even + odd;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] what) {
    for (int k = 0; k < to.length; k++) {
      to[k] += factor * what[k];
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * The second derivatives of the loss at the first weights, from evenly spaced rows: whole among
   * the numbers and the intercept, the diagonal alone for the rows of tables.
   */
  private final class Curvature {
    private final double[][] lower;
    private final double[] diagonal;

    Curvature(Examples train) {
      int block = numbers + 1;
      lower = new double[block][block];
      diagonal = new double[weights.length];
      int sample = Math.min(train.rows(), SAMPLE_ROWS);
      double weight = train.share() * (1 - train.share()) * train.rows() / sample;
      double[] row = new double[block];
      row[numbers] = 1;
      for (int k = 0; k < sample; k++) {
        int number = (int) ((long) k * train.rows() / sample);
        float[] x = train.chunk(number);
        int at = train.start(number);
        for (int j = 0; j < numbers; j++) {
          row[j] = x[at + j];
        }
        for (int i = 0; i < block; i++) {
          if (row[i] != 0) {
            double scaled = weight * row[i];
            double[] line = lower[i];
            for (int j = 0; j <= i; j++) {
              line[j] += scaled * row[j];
            }
          }
        }
        for (int t = 0; t < tableOffsets.length; t++) {
          diagonal[tableOffsets[t] + (int) x[at + numbers + t]] += weight;
        }
      }
      // Cholesky factor in place; the ridge, and a little more for the intercept, keep it positive
      // definite.
      for (int i = 0; i < block; i++) {
        lower[i][i] += RIDGE;
        for (int j = 0; j <= i; j++) {
          double sum = lower[i][j];
          for (int k = 0; k < j; k++) {
            sum -= lower[i][k] * lower[j][k];
          }
          lower[i][j] = i == j ? Math.sqrt(Math.max(sum, RIDGE * 1e-3)) : sum / lower[j][j];
        }
      }
    }

    /** Divides by it, in place. */
    void solve(double[] q) {
      int last = q.length - 1;
      int block = numbers + 1;
      double[] y = new double[block];
      for (int i = 0; i < block; i++) {
        double sum = i == numbers ? q[last] : q[i];
        for (int k = 0; k < i; k++) {
          sum -= lower[i][k] * y[k];
        }
        y[i] = sum / lower[i][i];
      }
      for (int i = block - 1; i >= 0; i--) {
        double sum = y[i];
        for (int k = i + 1; k < block; k++) {
          sum -= lower[k][i] * y[k];
        }
        y[i] = sum / lower[i][i];
      }
      for (int j = 0; j < numbers; j++) {
        q[j] = y[j];
      }
      q[last] = y[numbers];
      for (int j = numbers; j < last; j++) {
        q[j] /= diagonal[j] + RIDGE;
      }
    }
  }
}
