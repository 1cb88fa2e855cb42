package io.tributary.registry;

import io.tributary.core.Condition;
import io.tributary.core.Condition.Operator;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Optional;

/**
 * The result of one admission rule when the version was evaluated. A rule that can be judged only
 * when the version is to be promoted has none yet.
 *
 * @param rule as the model's definition states it: {@code auc >= 0.72}, {@code log-loss < baseline}
 * @param metric the measure that it names
 * @param value the version's value on the test rows; empty if it has none
 * @param bound what the value was compared with
 * @param atPromotion the operator of a rule that is judged when the version is to be promoted: the
 *     bound is then what is added to the measure of the version in force. Empty of any other rule
 */
public record AdmissionVerdict(
    String rule,
    String metric,
    Optional<Double> value,
    double bound,
    boolean passed,
    Optional<String> atPromotion) {
  /** The rule that a version must have been made again, to the bit. */
  static final String REPRODUCED = "reproduced";

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
    return new AdmissionVerdict(rule, metric, value, bound, passed, Optional.empty());
  }

  /** A verdict that passes with any value. */
  public static AdmissionVerdict allowed(String rule, String metric, double value) {
    return new AdmissionVerdict(rule, metric, Optional.of(value), value, true, Optional.empty());
  }

  /**
   * A rule that is judged when the version is to be promoted. It counts as not passed for builds
   * that don't know such rules.
   */
  public static AdmissionVerdict atPromotion(
      String rule, String metric, String operator, double bound) {
    return new AdmissionVerdict(
        rule, metric, Optional.empty(), bound, false, Optional.of(operator));
  }

  /** Whether it was judged, and does not hold. */
  public boolean failed() {
    return !passed && atPromotion.isEmpty();
  }

  /**
   * A rule beside the version in force, judged on the rows of a comparison with it; empty where
   * there are none.
   */
  Optional<AdmissionVerdict> beside(Comparison comparison) {
    return comparison
        .sameRows()
        .filter(rows -> rows.champion().containsKey(metric))
        .map(
            rows ->
                judge(
                    rule,
                    metric,
                    atPromotion.orElseThrow(),
                    rows.champion().get(metric) + bound,
                    Optional.ofNullable(rows.metrics().get(metric))));
  }

  @Override
  public String toString() {
    if (atPromotion.isPresent()) {
      return "\"%s\" is judged when it is to be promoted".formatted(rule);
    }
    Optional<Operator> beside =
        Condition.parse(rule)
            .filter(c -> c.value().startsWith(Alias.PRODUCTION))
            .map(Condition::operator);
    return "\"%s\" %s: %s is %s%s%s"
        .formatted(
            rule,
            passed ? "holds" : "does not hold",
            metric,
            value.map(AdmissionVerdict::plain).orElse("missing"),
            rule.endsWith("baseline") ? ", the baseline's is " + plain(bound) : "",
            beside
                .map(o -> ", and on the same rows it has to be %s %s".formatted(o, plain(bound)))
                .orElse(""));
  }

  /** Prints a whole number without a fraction. */
  private static String plain(double value) {
    if (Double.isNaN(value)) {
      return "unknown";
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
