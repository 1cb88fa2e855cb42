package io.tributary.core;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A comparison as users write it, {@code auc >= 0.72}, {@code tag.stage = "first trial"}.
 *
 * @param name what is compared
 * @param value what it is compared with, without its quotes; not empty
 */
public record Condition(String name, Operator operator, String value) {
  private static final Pattern FORM =
      Pattern.compile("([a-z][a-z0-9._-]*)\\s*(<=|>=|!=|<|>|=)\\s*(\"[^\"]+\"|[^\\s\"=<>][^\"]*)");

  /** How two values are compared. */
  public enum Operator {
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">="),
    EQUAL("="),
    UNEQUAL("!=");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** The operator of these signs. */
    public static Optional<Operator> find(String text) {
      return Arrays.stream(values()).filter(o -> o.text.equals(text)).findFirst();
    }

    /** Whether it holds where a {@link java.util.Comparator} has this answer. */
    public boolean holds(int comparison) {
      return switch (this) {
        case LESS -> comparison < 0;
        case AT_MOST -> comparison <= 0;
        case GREATER -> comparison > 0;
        case AT_LEAST -> comparison >= 0;
        case EQUAL -> comparison == 0;
        case UNEQUAL -> comparison != 0;
      };
    }

    /** Whether it holds for two numbers; never where one is NaN. */
    public boolean holds(double value, double bound) {
      return !Double.isNaN(value)
          && !Double.isNaN(bound)
          && holds(value < bound ? -1 : value > bound ? 1 : 0);
    }

    /** Whether it asks which of two is greater. */
    public boolean orders() {
      return this != EQUAL && this != UNEQUAL;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The condition that a text is; empty where it has another form. */
  public static Optional<Condition> parse(String text) {
    Matcher m = FORM.matcher(text.strip());
    return m.matches()
        ? Optional.of(
            new Condition(
                m.group(1),
                Operator.find(m.group(2)).orElseThrow(),
                m.group(3).replace("\"", "").strip()))
        : Optional.empty();
  }

  /** As users write it. */
  @Override
  public String toString() {
    return name + " " + operator + " " + (value.contains(" ") ? '"' + value + '"' : value);
  }
}
