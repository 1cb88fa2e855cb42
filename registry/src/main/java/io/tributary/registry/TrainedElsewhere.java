package io.tributary.registry;

import io.tributary.core.Interval;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What whoever registers a model says of it that was trained elsewhere. The platform has not seen
 * its training, and checks none of this but the files of a bundle.
 *
 * @param kind what its files are
 * @param problem what it foretells
 * @param description in words; empty if nobody said
 * @param inputs the columns that it takes, in its order; those of a bundle as its files say
 * @param label the column that it foretells; empty if nobody said
 * @param output the output of an ONNX model that has the score; empty if it has one alone
 * @param measured the as-of of the rows that its metrics are of; empty if nobody said
 * @param parameters what it was fitted with, by name
 * @param code the revision of the code that trained it; empty if nobody said
 * @param environment in which it was trained: versions by the name of what has them
 */
public record TrainedElsewhere(
    Kind kind,
    Problem problem,
    Optional<String> description,
    List<Input> inputs,
    Optional<String> label,
    Optional<String> output,
    Optional<Interval> measured,
    Map<String, String> parameters,
    Optional<String> code,
    Map<String, String> environment) {
  /** What the files of a model are. */
  public enum Kind {
    /** A bundle as training makes it: scored and monitored as any. */
    BUNDLE,
    /** One model in the Open Neural Network Exchange's format: scored. */
    ONNX,
    /** Any others: registered and described, never scored. */
    FILES;

    /** As users write it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a model foretells. */
  public enum Problem {
    /** A boolean label, by its probability of being true. */
    BINARY,
    /** One of several classes. */
    CLASSES,
    /** A number. */
    NUMBER;

    /** As users write it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A column that a model takes.
   *
   * @param type in Spark SQL's DDL
   */
  public record Input(String column, String type) {}

  public TrainedElsewhere {
    inputs = List.copyOf(inputs);
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    environment = Collections.unmodifiableMap(new TreeMap<>(environment));
  }
}
