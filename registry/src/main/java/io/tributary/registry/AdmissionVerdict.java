package io.tributary.registry;

import io.tributary.core.Condition.Operator;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Optional;

/**
 * The result of one admission rule when the version was evaluated.
 *
 * @param rule as the model's definition states it: {@code auc >= 0.72}, {@code log-loss < baseline}
 * @param metric the measure that it names
 * @param value the version's value on the test rows; empty if it has none
 * @param bound what the value was compared with
 */
public record AdmissionVerdict(
    String rule, String metric, Optional<Double> value, double bound, boolean passed) {
  /**
   * Judges a value; a missing value or NaN passes no rule.
   *
   * @param operator {@code <}, {@code <=}, {@code >} or {@code >=}
   */
  public static AdmissionVerdict judge(
      String rule, String metric, String operator, double bound, Optional<Double> value) {
    Operator judged =
        Operator.find(operator)
            .filter(Operator::orders)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.INVALID_DEFINITION,
                        "Cannot judge admission rule \"%s\": no operator \"%s\". Use <, <=, > or >=."
                            .formatted(rule, operator)));
    boolean passed = value.isPresent() && judged.holds(value.get(), bound);
    return new AdmissionVerdict(rule, metric, value, bound, passed);
  }

  /** A verdict that passes with any value. */
  public static AdmissionVerdict allowed(String rule, String metric, double value) {
    return new AdmissionVerdict(rule, metric, Optional.of(value), value, true);
  }

  @Override
  public String toString() {
    return "\"%s\" %s: %s is %s%s"
        .formatted(
            rule,
            passed ? "holds" : "does not hold",
            metric,
            value.map(AdmissionVerdict::plain).orElse("missing"),
            rule.endsWith("baseline") ? ", the baseline's is " + plain(bound) : "");
  }

  /** Prints a whole number without a fraction. */
  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
