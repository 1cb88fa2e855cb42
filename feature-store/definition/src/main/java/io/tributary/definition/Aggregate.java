package io.tributary.definition;

import java.util.List;
import java.util.Optional;

/**
 * An aggregate function and its parameters.
 *
 * @param function the function
 * @param parameters literals after the argument: {@code percentile(x, 0.9)} has 0.9, {@code
 *     last_k(x, 3)} has 3
 * @param implementation the class of one that the project brings itself
 */
public record Aggregate(
    Function function, List<Double> parameters, Optional<String> implementation) {
  public Aggregate {
    parameters = List.copyOf(parameters);
  }

  /** One of the contract's. */
  public Aggregate(Function function, List<Double> parameters) {
    this(function, parameters, Optional.empty());
  }

  /** As messages name it: {@code mean}, or the name of the class. */
  public String text() {
    return implementation.orElseGet(function::text);
  }

  /** The functions of the point-in-time contract, rule 7, and a project's own. */
  public enum Function {
    COUNT,
    COUNT_DISTINCT,
    /** Computed exactly, as {@link #COUNT_DISTINCT}. */
    APPROX_COUNT_DISTINCT,
    SUM,
    MEAN,
    MIN,
    MAX,
    FIRST,
    LAST,
    LAST_K,
    FIRST_K,
    VAR_POP,
    VAR_SAMP,
    STDDEV_POP,
    STDDEV_SAMP,
    PERCENTILE,
    MOST_COMMON,
    HISTOGRAM,
    TIME_SINCE_LAST,
    /** A {@link io.tributary.core.aggregate.MergeableAggregate} of the project's own. */
    CUSTOM;

    /** Whether it counts, and so is 0 where there is nothing. */
    public boolean counts() {
      return this == COUNT || this == COUNT_DISTINCT || this == APPROX_COUNT_DISTINCT;
    }

    /** As users write it, {@code count_distinct}. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
