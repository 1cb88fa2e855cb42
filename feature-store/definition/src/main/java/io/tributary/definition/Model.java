package io.tributary.definition;

import io.tributary.core.Interval;
import java.util.List;
import java.util.Map;

/**
 * A model: which training set, how it is split, how inputs are encoded, the network, how it is
 * fitted and when it is good enough.
 *
 * @param inputs how columns of the training set become numbers, by column; {@code default} covers
 *     each feature that is not named
 * @param network the hidden layers, in order; the output layer follows from the label
 */
public record Model(
    String name,
    String description,
    String trainingSet,
    Split split,
    Map<String, Encoding> inputs,
    List<Layer> network,
    Fit fit,
    List<String> metrics,
    List<String> slices,
    List<AdmissionRule> admit,
    Mark mark) {
  public Model {
    inputs = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(inputs));
    network = List.copyOf(network);
    metrics = List.copyOf(metrics);
    slices = List.copyOf(slices);
    admit = List.copyOf(admit);
  }

  /** By as-of; rows in none of them are not used. */
  public record Split(Interval train, Interval validate, Interval test) {}

  /** How a column becomes numbers. */
  public sealed interface Encoding {
    /** Mean 0, variance 1 over the training rows; missing = the mean, and an indicator column. */
    record Standardize() implements Encoding {}

    /** As it is; missing = 0, and an indicator column. */
    record Raw() implements Encoding {}

    /** One column for each value seen in training, and one for all others. */
    record OneHot() implements Encoding {}

    /** A learnt vector for each value seen in training, and one for all others. */
    record Embedding(int width) implements Encoding {}
  }

  /** A hidden layer. */
  public sealed interface Layer {
    /**
     * Fully connected; {@code activation} is {@code relu}, {@code tanh}, {@code sigmoid}, {@code
     * identity} or {@code gelu}.
     */
    record Dense(int width, String activation) implements Layer {}

    /** Drops a share of its inputs while training. */
    record Dropout(double share) implements Layer {}
  }

  /**
   * How the network is fitted.
   *
   * @param patience epochs without a better validation loss before it stops; the best epoch's
   *     parameters are kept
   */
  public record Fit(
      String updater, double learningRate, int batch, int epochs, int patience, long seed) {}

  /**
   * A rule that a version must meet to be promoted: {@code auc >= 0.72}, {@code log-loss <
   * baseline}.
   *
   * @param bound a number, or the better baseline's value of the same metric when empty
   */
  public record AdmissionRule(String metric, String operator, java.util.Optional<Double> bound) {
    @Override
    public String toString() {
      return metric + " " + operator + " " + bound.map(String::valueOf).orElse("baseline");
    }
  }
}
