package io.tributary.expression;

import java.util.List;

/**
 * All that is wrong with one expression, in plain words; nothing where only a column that it uses
 * is wrong.
 */
public final class InvalidExpression extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> reasons;

  public InvalidExpression(List<String> reasons) {
    super(String.join(" ", reasons), null, false, false);
    this.reasons = List.copyOf(reasons);
  }

  public List<String> reasons() {
    return reasons;
  }
}
