package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Layer;
import io.tributary.drift.DriftProfile;
import java.util.Arrays;
import java.util.List;

/**
 * A network that scores: raw rows in, probabilities out. Immutable; a call holds the vectors of one
 * block.
 */
public final class TrainedModel implements ScoringModel {
  /** Rows that are made into vectors at once; callers do well to bring that many. */
  public static final int BLOCK = 4_096;

  private final Vectorizer vectorizer;
  private final ForwardPass network;

  private TrainedModel(Vectorizer vectorizer, List<Layer> layers, float[] parameters) {
    this.vectorizer = vectorizer;
    network = new ForwardPass(vectorizer, layers, parameters);
  }

  /** Opens the model of a bundle. */
  public static TrainedModel open(ModelBundle bundle) {
    return new TrainedModel(bundle.vectorizer(), bundle.layers(), bundle.parameters());
  }

  /** The model that a fit gave, before it is bundled. */
  public static TrainedModel of(Vectorizer vectorizer, FittedNetwork network) {
    return new TrainedModel(vectorizer, network.layers(), network.parameters());
  }

  @Override
  public ModelSignature signature() {
    return vectorizer.signature();
  }

  public Vectorizer vectorizer() {
    return vectorizer;
  }

  /** Empty rows of the model's inputs, with room for a block. */
  public InputRows rows() {
    return vectorizer.rows(BLOCK);
  }

  @Override
  public NetworkBlock block() {
    return new NetworkBlock(this);
  }

  /** The score of each row, in order, in [0, 1]. */
  public double[] score(InputRows rows) {
    double[] scores = new double[rows.rows()];
    score(rows, new float[Math.min(BLOCK, scores.length) * vectorizer.width()], scores);
    return scores;
  }

  /**
   * The same into {@code scores}.
   *
   * @param vectors room for those of a block
   */
  void score(InputRows rows, float[] vectors, double[] scores) {
    int n = rows.rows();
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(from + BLOCK, n);
      vectorizer.encode(rows, from, to, vectors, 0);
      network.run(vectors, to - from, scores, from);
    }
    check(scores, n);
  }

  /** The score of each example, in order. */
  public double[] score(Examples examples) {
    double[] scores = new double[examples.rows()];
    examples.score(network, 0, scores.length, scores);
    check(scores, scores.length);
    return scores;
  }

  /**
   * What the mean score of rows becomes when one input has values of others of them: the first row
   * that of the first, and so on, from the beginning again where there are fewer.
   *
   * @param rows of {@code inputs}, in an order that has nothing to do with their values
   */
  public DriftProfile.MeanScore meanScore(InputRows inputs, int[] rows) {
    int width = vectorizer.width();
    float[] vectors = new float[rows.length * width];
    vectorizer.encode(inputs, rows, 0, rows.length, vectors, 0);
    InputRows one = vectorizer.rows(1);
    one.append();
    float[] missing = new float[width];
    vectorizer.encode(one, 0, 1, missing, 0);
    return (input, from) -> {
      float[] changed = vectors.clone();
      for (int row = 0; row < rows.length; row++) {
        boolean any = from.length > 0;
        vectorizer.copy(
            input,
            any ? vectors : missing,
            any ? from[row % from.length] * width : 0,
            changed,
            row * width);
      }
      double[] scores = new double[rows.length];
      network.run(changed, rows.length, scores, 0);
      check(scores, scores.length);
      return Arrays.stream(scores).average().orElseThrow();
    };
  }

  private void check(double[] scores, int rows) {
    for (int row = 0; row < rows; row++) {
      double score = scores[row];
      if (!(score >= 0 && score <= 1)) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot score with model %s: it gives %s. Look for inputs that are far from those it was trained on."
                .formatted(signature().model(), score));
      }
    }
  }
}
