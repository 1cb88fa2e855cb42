package io.tributary.train;

import io.tributary.definition.Model.AdmissionRule;
import io.tributary.model.ModelMetrics;
import java.util.List;

/**
 * What became of one admission rule.
 *
 * @param rule as it is written, {@code auc >= 0.72}
 * @param value the version's, on the test rows
 * @param bound what it was compared with
 */
public record Verdict(String rule, double value, double bound, boolean held) {
  /**
   * Judges a version by a rule.
   *
   * @param bound a number, or empty for the better baseline's value
   */
  static Verdict of(ModelMetrics metrics, AdmissionRule rule) {
    double value = metrics.test().named().getOrDefault(rule.metric(), Double.NaN);
    double bound = rule.bound().orElseGet(() -> metrics.baseline(rule.metric()));
    boolean held =
        switch (rule.operator()) {
          case ">=" -> value >= bound;
          case ">" -> value > bound;
          case "<=" -> value <= bound;
          case "<" -> value < bound;
          default -> throw new IllegalArgumentException("operator " + rule.operator());
        };
    return new Verdict(rule.toString(), value, bound, held);
  }

  /** Judges a version by all rules, in order. */
  static List<Verdict> of(ModelMetrics metrics, List<AdmissionRule> rules) {
    return rules.stream().map(rule -> of(metrics, rule)).toList();
  }
}
