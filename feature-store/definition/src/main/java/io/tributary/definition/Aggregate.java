package io.tributary.definition;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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

  /**
   * The functions of the point-in-time contract, rule 7, and a project's own. All that is known of
   * one without computing it is said here: what it takes, gives, and is.
   */
  public enum Function {
    COUNT(
        Argument.ANY_OR_ALL,
        Parameter.NONE,
        Result.COUNT,
        "events, or values that are not null; of nothing 0"),
    COUNT_DISTINCT(
        Argument.ORDERED, Parameter.NONE, Result.COUNT, "different values; of nothing 0"),
    APPROX_COUNT_DISTINCT(
        Argument.ORDERED,
        Parameter.NONE,
        Result.COUNT,
        "as `count_distinct`, exact too: here an estimate would cost more"),
    SUM(
        Argument.NUMBER_OR_BOOLEAN,
        Parameter.NONE,
        Result.SUM,
        "the sum; booleans count as 0 and 1"),
    MEAN(
        Argument.NUMBER_OR_BOOLEAN,
        Parameter.NONE,
        Result.DOUBLE,
        "the arithmetic mean; booleans count as 0 and 1"),
    MIN(Argument.ORDERED, Parameter.NONE, Result.VALUE, "the least value"),
    MAX(Argument.ORDERED, Parameter.NONE, Result.VALUE, "the greatest value"),
    FIRST(Argument.ANY, Parameter.NONE, Result.VALUE, "the oldest event's value"),
    LAST(Argument.ANY, Parameter.NONE, Result.VALUE, "the newest event's value"),
    LAST_K(Argument.ANY, Parameter.LENGTH, Result.LIST, "values of the newest, newest first"),
    FIRST_K(Argument.ANY, Parameter.LENGTH, Result.LIST, "values of the oldest, oldest first"),
    VAR_POP(Argument.NUMBER, Parameter.NONE, Result.DOUBLE, "variance of all there is"),
    VAR_SAMP(Argument.NUMBER, Parameter.NONE, Result.DOUBLE, "variance estimated by a sample"),
    STDDEV_POP(Argument.NUMBER, Parameter.NONE, Result.DOUBLE, "the root of `var_pop`"),
    STDDEV_SAMP(Argument.NUMBER, Parameter.NONE, Result.DOUBLE, "the root of `var_samp`"),
    PERCENTILE(
        Argument.NUMBER,
        Parameter.SHARE,
        Result.DOUBLE,
        "exact, linear between the two nearest values"),
    MOST_COMMON(
        Argument.ORDERED, Parameter.NONE, Result.VALUE, "the most frequent value; ties: the least"),
    HISTOGRAM(
        Argument.MAP_KEY,
        Parameter.NONE,
        Result.HISTOGRAM,
        "how often each different value is there"),
    TIME_SINCE_LAST(Argument.NONE, Parameter.NONE, Result.DOUBLE, "seconds since the newest event"),
    /** A {@link io.tributary.core.aggregate.MergeableAggregate} of the project's own. */
    CUSTOM(Argument.OWN, Parameter.OWN, Result.OWN, "what its class says");

    private static final Set<Function> IN_ORDER = EnumSet.of(FIRST, LAST, FIRST_K, LAST_K);

    private final Argument argument;
    private final Parameter parameter;
    private final Result result;
    private final String meaning;

    Function(Argument argument, Parameter parameter, Result result, String meaning) {
      this.argument = argument;
      this.parameter = parameter;
      this.result = result;
      this.meaning = meaning;
    }

    /** Those that are written by a name: all but a project's own. */
    public static List<Function> named() {
      return Stream.of(values()).filter(function -> function != CUSTOM).toList();
    }

    public Argument argument() {
      return argument;
    }

    public Parameter parameter() {
      return parameter;
    }

    public Result result() {
      return result;
    }

    /** Whether it counts, and so is 0 where there is nothing; all others are null then. */
    public boolean counts() {
      return result == Result.COUNT;
    }

    /** Whether its value depends on the order of the events that have one. */
    public boolean isInOrder() {
      return IN_ORDER.contains(this);
    }

    /** As users write it, {@code count_distinct}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** A row of the documentation's table: how it is written, what it takes, gives, and is. */
    public String row() {
      return "| `%s(%s%s)` | %s | %s | %s |"
          .formatted(text(), argument.form, parameter.form, argument.text, result.text, meaning);
    }
  }

  /** What a function takes between its brackets. */
  public enum Argument {
    NONE("", "nothing"),
    ANY("x", "a value"),
    ANY_OR_ALL("*", "a value, or all events"),
    ORDERED("x", "a value that has an order"),
    NUMBER("x", "a number"),
    NUMBER_OR_BOOLEAN("x", "a number"),
    MAP_KEY("x", "a value that can be a map's key"),
    OWN("x", "what its class takes");

    private final String form;
    private final String text;

    Argument(String form, String text) {
      this.form = form;
      this.text = text;
    }

    public boolean isNumeric() {
      return this == NUMBER || this == NUMBER_OR_BOOLEAN;
    }

    /** For messages: {@code a number}. */
    public String text() {
      return text;
    }
  }

  /** The literals behind the argument. */
  public enum Parameter {
    NONE(""),
    /** A share from 0 to 1. */
    SHARE(", p"),
    /** A whole number of values, from 1 to 1000. */
    LENGTH(", k"),
    OWN("");

    private final String form;

    Parameter(String form) {
      this.form = form;
    }
  }

  /** The type of what a function gives. */
  public enum Result {
    COUNT("`bigint`"),
    DOUBLE("`double`"),
    SUM("`bigint`, `double` or `decimal`"),
    /** The argument's type. */
    VALUE("what it takes"),
    LIST("an array of it"),
    HISTOGRAM("a map from it to `bigint`"),
    OWN("what its class gives");

    private final String text;

    Result(String text) {
      this.text = text;
    }
  }
}
