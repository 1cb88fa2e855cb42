package io.tributary.offline.engine;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Comparator;

/**
 * How the values of an input are held and ordered.
 *
 * @param scale of a decimal's unscaled values; else 0
 * @param objects how objects are ordered and kept, null for the other kinds
 */
public record InputType(Kind kind, int scale, Objects objects) implements Serializable {
  /** The order of objects, and their way to bytes and back; serializable where a plan travels. */
  public interface Objects extends Comparator<Object>, Serializable {
    byte[] toBytes(Object value);

    Object fromBytes(byte[] bytes);
  }

  private static final Objects DECIMALS =
      new Objects() {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(Object a, Object b) {
          return ((BigInteger) a).compareTo((BigInteger) b);
        }

        @Override
        public byte[] toBytes(Object value) {
          return ((BigInteger) value).toByteArray();
        }

        @Override
        public Object fromBytes(byte[] bytes) {
          return new BigInteger(bytes);
        }
      };

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
    return new InputType(Kind.DECIMAL, scale, DECIMALS);
  }

  public static InputType object(Objects objects) {
    return new InputType(Kind.OBJECT, 0, objects);
  }
}
