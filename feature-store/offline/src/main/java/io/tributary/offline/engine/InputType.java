package io.tributary.offline.engine;

import java.io.Serializable;
import java.util.Comparator;

/**
 * How the values of an input are held and ordered.
 *
 * @param scale of a decimal's unscaled values; else 0
 * @param order of objects, null for the other kinds; serializable where the plan is to travel
 */
public record InputType(Kind kind, int scale, Comparator<Object> order) implements Serializable {
  /** How a value is held. */
  public enum Kind {
    /** A long: integers, booleans as 0 and 1, dates, timestamps. */
    INTEGER,
    /** A double. */
    FLOATING,
    /** An unscaled {@link java.math.BigInteger}. */
    DECIMAL,
    /** Any object with an order. */
    OBJECT
  }

  public static final InputType INTEGER = new InputType(Kind.INTEGER, 0, null);
  public static final InputType FLOATING = new InputType(Kind.FLOATING, 0, null);

  public static InputType decimal(int scale) {
    return new InputType(Kind.DECIMAL, scale, null);
  }

  public static InputType object(Comparator<Object> order) {
    return new InputType(Kind.OBJECT, 0, order);
  }
}
