package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model: which training set, how it is split, how inputs are encoded, the network, how it is
 * fitted and when it is good enough. One that foretells a number is trained elsewhere: of it the
 * training set, the inputs and the admission rules are said, and the rest is empty.
 *
 * @param problem what it foretells
 * @param inputs how columns of the training set become numbers, by column; {@code default} covers
 *     each feature that is not named
 * @param network the hidden layers, in order; the output layer follows from the label
 * @param metrics that a version is judged and compared by; all are measured
 * @param staleOnline whether the online store may serve it features that it saw in training as they
 *     were at the as-of itself
 * @param promote what becomes of a new version that its rules admit
 * @param margin by how much a version's area may be smaller, or its log loss larger, than those of
 *     the version in force, and not matter
 * @param retrain how a breach that its monitor wants retrained is followed
 */
public record Model(
    String name,
    String description,
    Problem problem,
    String trainingSet,
    Split split,
    Map<String, Encoding> inputs,
    List<Layer> network,
    Fit fit,
    List<String> metrics,
    List<String> slices,
    List<AdmissionRule> admit,
    boolean staleOnline,
    Promotion promote,
    double margin,
    Retrain retrain,
    SourceLocation location) {
  /** What a model foretells. */
  public enum Problem {
    /** A label that is true or false, by its probability of being true. */
    BINARY,
    /** A number. */
    NUMBER
  }

  /** A model that foretells a label that is true or false. */
  public Model(
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
      Promotion promote,
      double margin,
      Retrain retrain,
      SourceLocation location) {
    this(
        name,
        description,
        Problem.BINARY,
        trainingSet,
        split,
        inputs,
        network,
        fit,
        metrics,
        slices,
        admit,
        staleOnline,
        promote,
        margin,
        retrain,
        location);
  }

  /** Whether this platform trains it. */
  public boolean isTrainedHere() {
    return problem == Problem.BINARY;
  }

  public Model {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    network = List.copyOf(network);
    metrics = List.copyOf(metrics);
    slices = List.copyOf(slices);
    admit = List.copyOf(admit);
  }

  /**
   * How a model is trained again because of a breach.
   *
   * @param atMostEvery how much newer than the last time the newest matured day must be
   */
  public record Retrain(Duration atMostEvery) {}

  /** What becomes of a new version once it is compared with the version in force. */
  public enum Promotion {
    /** It is promoted where there is none, or it is surely not worse by the margin. */
    AUTOMATIC,
    /** Somebody promotes it, or nobody. */
    BY_HAND
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
    /** Of a model that is trained elsewhere. */
    public static final Split NONE = new Split(List.of(), "", Part.ANY, Optional.empty(), Part.ANY);

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
    private static final Part ANY = new Part(Optional.empty(), Optional.empty());

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

  /**
   * How an input column becomes numbers. Null, NaN and infinite values are missing values. Bundles
   * hold it as JSON, so its names and components are a format.
   */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Encoding.Standardize.class, name = "standardize"),
    @JsonSubTypes.Type(value = Encoding.Raw.class, name = "raw"),
    @JsonSubTypes.Type(value = Encoding.OneHot.class, name = "one-hot"),
    @JsonSubTypes.Type(value = Encoding.Embedding.class, name = "embedding")
  })
  public sealed interface Encoding extends Serializable {
    /** Whether it reads its column as a category, not as a number. */
    default boolean categorical() {
      return false;
    }

    /** As users write it. */
    String text();

    /**
     * Mean 0 and variance 1 over the training rows. A missing value is the mean, and sets an
     * indicator column if the training rows had missing values too. A column that is constant in
     * training is 0 always; a boolean is 0 or 1, before it is standardized.
     */
    record Standardize() implements Encoding {
      @Override
      public String text() {
        return "standardize";
      }
    }

    /**
     * As it is. A missing value is 0, and sets an indicator column if the training rows had missing
     * values too.
     */
    record Raw() implements Encoding {
      @Override
      public String text() {
        return "raw";
      }
    }

    /**
     * One column for each value seen in training, in the order of their text, and one for missing
     * and unseen values. If no training row had a missing value, nothing was learnt for that last
     * column: then they take the training rows' shares of the values.
     */
    record OneHot() implements Encoding {
      @Override
      public boolean categorical() {
        return true;
      }

      @Override
      public String text() {
        return "one-hot";
      }
    }

    /**
     * A learnt vector for each value seen in training, and one for missing and unseen values. If no
     * training row had a missing value, that last vector is the mean of the others over the
     * training rows.
     */
    record Embedding(int width) implements Encoding {
      public static final int MAX_WIDTH = 512;

      public Embedding {
        require(width, 1, MAX_WIDTH, "embedding(" + width + ")", "width");
      }

      @Override
      public boolean categorical() {
        return true;
      }

      @Override
      public String text() {
        return "embedding(" + width + ")";
      }
    }
  }

  /**
   * A hidden layer. Bundles hold it as JSON, so its names and components are a format. A new one is
   * a record here, its text in the parser of models, and a case each where networks are built and
   * where they score.
   */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Dense.class, name = "dense"),
    @JsonSubTypes.Type(value = Layer.Dropout.class, name = "dropout")
  })
  public sealed interface Layer {
    /** As users write it. */
    String text();

    /**
     * Fully connected.
     *
     * @param width 1 to {@value #MAX_WIDTH}
     * @param activation one of {@link #ACTIVATIONS}
     */
    record Dense(int width, String activation) implements Layer {
      public static final List<String> ACTIVATIONS =
          List.of("relu", "tanh", "sigmoid", "identity", "gelu");

      public static final int MAX_WIDTH = 16_384;

      public Dense {
        require(width, 1, MAX_WIDTH, "dense(" + width + ", " + activation + ")", "width");
        if (!ACTIVATIONS.contains(activation)) {
          throw new PlatformException(
              ErrorCode.INVALID_DEFINITION,
              "Cannot use activation %s: there is none of that name. Use relu, tanh, sigmoid, identity or gelu."
                  .formatted(activation));
        }
      }

      @Override
      public String text() {
        return "dense(" + width + ", " + activation + ")";
      }
    }

    /** Drops this share of the values that it is given, while training. */
    record Dropout(double share) implements Layer {
      public Dropout {
        if (!(share >= 0 && share < 1)) {
          throw outOfRange("dropout(" + share + ")", "share from 0 to below 1");
        }
      }

      @Override
      public String text() {
        return "dropout(" + (share == 0 ? "0" : String.valueOf(share)) + ")";
      }
    }
  }

  /**
   * How the network is fitted.
   *
   * @param updater one of {@link #UPDATERS}: how gradients change the parameters
   * @param batch rows a step
   * @param patience epochs without a better validation loss before it stops; the best epoch's
   *     parameters are kept
   */
  public record Fit(
      String updater, double learningRate, int batch, int epochs, int patience, long seed) {
    public static final List<String> UPDATERS =
        List.of("adam", "sgd", "nesterovs", "rmsprop", "adagrad");
  }

  private static void require(int value, int min, int max, String what, String name) {
    if (value < min || value > max) {
      throw outOfRange(what, name + " of " + min + " to " + max);
    }
  }

  private static PlatformException outOfRange(String what, String advice) {
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot fit with " + what + ": it is out of range. Use a " + advice + ".");
  }

  /**
   * A rule that a version must meet to be promoted: {@code auc >= 0.72}, {@code log-loss <
   * baseline}, {@code auc >= production - 0.005}, {@code leaks <= 143}, {@code leaks: allowed},
   * {@code reproduced}.
   *
   * @param bound a number, or the better baseline's value of the same metric when empty; of {@link
   *     #LEAKS_ALLOWED} and {@link #REPRODUCED} nothing
   * @param besideProduction whether the bound is added to the measure of the version in force, on
   *     the same rows
   */
  public record AdmissionRule(
      String metric, String operator, Optional<Double> bound, boolean besideProduction) {
    /** What counts the rows whose features see what their label tells of. */
    public static final String LEAKS = "leaks";

    /** Where no rule says anything of leaks. */
    public static final AdmissionRule NO_LEAKS = new AdmissionRule(LEAKS, "<=", Optional.of(0.0));

    public static final AdmissionRule LEAKS_ALLOWED =
        new AdmissionRule(LEAKS, "allowed", Optional.empty());

    /** That the version was made again from what the lake keeps of it, to the bit. */
    public static final AdmissionRule REPRODUCED =
        new AdmissionRule("reproduced", "", Optional.empty());

    /** A rule with a bound of its own. */
    public AdmissionRule(String metric, String operator, Optional<Double> bound) {
      this(metric, operator, bound, false);
    }

    /** Whether it is judged by a measure on the test rows, beside which others may stand. */
    public boolean measures() {
      return !metric.equals(LEAKS) && !equals(REPRODUCED);
    }

    /** As users write it. */
    @Override
    public String toString() {
      return equals(LEAKS_ALLOWED)
          ? "leaks: allowed"
          : equals(REPRODUCED) ? metric : metric + " " + operator + " " + boundText();
    }

    private String boundText() {
      if (!besideProduction) {
        return bound
            .map(b -> metric.equals(LEAKS) ? Long.toString(b.longValue()) : b.toString())
            .orElse("baseline");
      }
      double added = bound.orElse(0.0);
      return "production" + (added == 0 ? "" : (added < 0 ? " - " : " + ") + Math.abs(added));
    }
  }
}
