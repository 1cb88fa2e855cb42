package io.tributary.model;

import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Rows whose label's probability is known, cut into 60 % training, 20 % validation and 20 % test.
 */
record Synthetic(
    ModelSignature signature, InputRows rows, boolean[] labels, double[] probabilities) {
  /** A row's true log-odds. */
  interface Odds {
    double of(double x1, double x2, int category);
  }

  /** Two standard normal inputs, one often missing, and a category of {@code categories}. */
  static Synthetic of(int n, int categories, Encoding category, long seed, Odds odds) {
    ModelSignature signature =
        new ModelSignature(
            "synthetic",
            List.of(
                new Input("x1", "double", new Encoding.Standardize()),
                new Input("x2", "double", new Encoding.Standardize()),
                new Input("c", "string", category)),
            "label");
    InputRows rows = new InputRows(signature.inputs(), n);
    boolean[] labels = new boolean[n];
    double[] probabilities = new double[n];
    SplittableRandom random = new SplittableRandom(seed);
    for (int k = 0; k < n; k++) {
      double x1 = random.nextGaussian();
      double x2 = random.nextGaussian();
      int c = random.nextInt(categories);
      rows.append();
      rows.number(0, 40 * x1 + 1_000);
      rows.number(1, x2);
      rows.text(2, "c" + c);
      probabilities[k] = 1 / (1 + Math.exp(-odds.of(x1, x2, c)));
      labels[k] = random.nextDouble() < probabilities[k];
    }
    return new Synthetic(signature, rows, labels, probabilities);
  }

  private int cut(double share) {
    return (int) (labels.length * share);
  }

  int[] order() {
    return IntStream.range(0, labels.length).toArray();
  }

  Vectorizer vectorizer() {
    return Vectorizer.fitting(signature).add(rows, order(), 0, cut(0.6)).fitted();
  }

  Examples train() {
    return Examples.of(vectorizer(), rows, labels, order(), 0, cut(0.6));
  }

  Examples validate() {
    return Examples.of(vectorizer(), rows, labels, order(), cut(0.6), cut(0.8));
  }

  Examples test() {
    return Examples.of(vectorizer(), rows, labels, order(), cut(0.8), labels.length);
  }

  /** What the best possible model reaches on the test rows. */
  BinaryMetrics possible() {
    return BinaryMetrics.of(
        Arrays.copyOfRange(probabilities, cut(0.8), labels.length),
        Arrays.copyOfRange(labels, cut(0.8), labels.length));
  }

  FittedNetwork fit(FitPlan plan) {
    return NetworkFit.fit(vectorizer(), plan, train(), validate(), epoch -> {});
  }

  static FitPlan plan(int epochs, int replicas, Layer... layers) {
    return new FitPlan(List.of(layers), new Fit("adam", 0.005, 256, epochs, 3, 42), replicas);
  }
}
