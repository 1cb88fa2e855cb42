package io.tributary.expression;

/** An expression that could not be computed for a row: which, and why in plain words. */
public final class ExpressionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String expression;
  private final String reason;

  public ExpressionFailure(String expression, String reason) {
    super(expression + ": " + reason, null, false, false);
    this.expression = expression;
    this.reason = reason;
  }

  /** The failing expression's name. */
  public String expression() {
    return expression;
  }

  /** Without name, stack or SQL text; no full stop at its end. */
  public String reason() {
    return reason;
  }
}
