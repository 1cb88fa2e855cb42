package io.tributary.definition;

import io.tributary.core.Interval;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model: which training set, how it is split, how inputs are encoded, the network, how it is
 * fitted and when it is good enough.
 *
 * @param inputs how columns of the training set become numbers, by column; {@code default} covers
 *     each feature that is not named
 * @param network the hidden layers, in order; the output layer follows from the label
 * @param metrics that a version is judged and compared by; all are measured
 * @param staleOnline whether the online store may serve it features that it saw in training as they
 *     were at the as-of itself
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
    boolean staleOnline,
    SourceLocation location) {
  public Model {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    network = List.copyOf(network);
    metrics = List.copyOf(metrics);
    slices = List.copyOf(slices);
    admit = List.copyOf(admit);
  }

  /**
   * Which rows serve for what; rows in none of the parts are not used, nor are those without as-of.
   *
   * @param by columns of the rows that ask: rows that are equal in them all are in one part, by the
   *     hash of {@link SplitBucket}; empty = by as-of alone
   * @param salt another salt deals the keys otherwise
   * @param validate empty = {@value #VALIDATE_PERCENT} percent of {@code train}; see {@link
   *     DealtSplit}
   */
  public record Split(
      List<String> by, String salt, Part train, Optional<Part> validate, Part test) {
    /** How much of {@code train} validates where nothing else is said. */
    public static final int VALIDATE_PERCENT = 15;

    public Split {
      by = List.copyOf(by);
    }

    /** By as-of alone. */
    public Split(Interval train, Interval validate, Interval test) {
      this(List.of(), "", Part.of(train), Optional.of(Part.of(validate)), Part.of(test));
    }

    /** The parts that are written, in the order train, validate, test. */
    public Map<String, Part> parts() {
      Map<String, Part> parts = new LinkedHashMap<>();
      parts.put("train", train);
      validate.ifPresent(part -> parts.put("validate", part));
      parts.put("test", test);
      return parts;
    }

    @Override
    public String toString() {
      return "Split["
          + (by.isEmpty() ? "" : "by=" + by + ", ")
          + (by.isEmpty() && salt.isEmpty() ? "" : "salt=" + salt.length() + " " + salt + ", ")
          + "train="
          + train
          + validate.map(part -> ", validate=" + part).orElse("")
          + ", test="
          + test
          + "]";
    }
  }

  /**
   * A part of a split.
   *
   * @param asOf of its rows; empty = any
   * @param share of the keys, in hundredths of a percent; empty = all
   */
  public record Part(Optional<AsOfRange> asOf, Optional<Integer> share) {
    static Part of(Interval asOf) {
      return new Part(Optional.of(AsOfRange.of(asOf)), Optional.empty());
    }

    /** A share of the keys, whatever their rows' as-of. */
    public static Part of(int share) {
      return new Part(Optional.empty(), Optional.of(share));
    }

    /** As users write it: {@code 70%}, {@code FROM/TO}, {@code 70% of FROM/TO}. */
    @Override
    public String toString() {
      String percent =
          share
              .map(s -> BigDecimal.valueOf(s, 2).stripTrailingZeros().toPlainString() + "%")
              .orElse("");
      return asOf.map(i -> percent.isEmpty() ? i.toString() : percent + " of " + i).orElse(percent);
    }
  }

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
     * Fully connected, of a width up to {@link #MOST_WIDTH}; {@code activation} is one of {@link
     * #ACTIVATIONS}.
     */
    record Dense(int width, String activation) implements Layer {
      public static final List<String> ACTIVATIONS =
          List.of("relu", "tanh", "sigmoid", "identity", "gelu");

      public static final int MOST_WIDTH = 16_384;
    }

    /** Drops a share of its inputs while training. */
    record Dropout(double share) implements Layer {}
  }

  /**
   * How the network is fitted.
   *
   * @param updater one of {@link #UPDATERS}
   * @param patience epochs without a better validation loss before it stops; the best epoch's
   *     parameters are kept
   */
  public record Fit(
      String updater, double learningRate, int batch, int epochs, int patience, long seed) {
    public static final List<String> UPDATERS =
        List.of("adam", "sgd", "nesterovs", "rmsprop", "adagrad");
  }

  /**
   * A rule that a version must meet to be promoted: {@code auc >= 0.72}, {@code log-loss <
   * baseline}, {@code leaks <= 143}, {@code leaks: allowed}.
   *
   * @param bound a number, or the better baseline's value of the same metric when empty; of {@link
   *     #LEAKS_ALLOWED} nothing
   */
  public record AdmissionRule(String metric, String operator, Optional<Double> bound) {
    /** What counts the rows whose features see what their label tells of. */
    public static final String LEAKS = "leaks";

    /** Where no rule says anything of leaks. */
    public static final AdmissionRule NO_LEAKS = new AdmissionRule(LEAKS, "<=", Optional.of(0.0));

    public static final AdmissionRule LEAKS_ALLOWED =
        new AdmissionRule(LEAKS, "allowed", Optional.empty());

    /** As users write it. */
    @Override
    public String toString() {
      return equals(LEAKS_ALLOWED)
          ? "leaks: allowed"
          : metric
              + " "
              + operator
              + " "
              + bound
                  .map(b -> metric.equals(LEAKS) ? Long.toString(b.longValue()) : b.toString())
                  .orElse("baseline");
    }
  }
}
