package io.tributary.quality.expectation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;

/** A value that a suite states: a number, a text or a truth value. */
public sealed interface Constant {
  record OfNumber(@JsonValue BigDecimal value) implements Constant {
    @Override
    public String toString() {
      return value.toPlainString();
    }
  }

  record OfText(@JsonValue String value) implements Constant {
    @Override
    public String toString() {
      return "\"" + value + "\"";
    }
  }

  record OfTruth(@JsonValue boolean value) implements Constant {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }
}
