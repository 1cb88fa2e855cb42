package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;

/** A value that came from an environment variable and is never printed; prints as its variable. */
public final class Secret {
  private final String variable;
  private final String value;

  public Secret(String variable, String value) {
    this.variable = Objects.requireNonNull(variable, "variable");
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The secret itself: for the call that needs it, for no message and no table. */
  public String reveal() {
    return value;
  }

  /** The environment variable's name. */
  public String variable() {
    return variable;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret o && o.variable.equals(variable) && o.value.equals(value);
  }

  @Override
  public int hashCode() {
    return variable.hashCode();
  }

  @JsonValue
  @Override
  public String toString() {
    return "${" + variable + "}";
  }
}
