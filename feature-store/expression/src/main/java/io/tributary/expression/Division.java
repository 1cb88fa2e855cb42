package io.tributary.expression;

/** What a division by zero gives. */
public enum Division {
  /** The row fails. */
  FAILS,
  /**
   * Null, also for {@code div}, {@code %}, {@code mod} and {@code pmod}: the rule for derived
   * features.
   */
  NULL_WHERE_ZERO
}
