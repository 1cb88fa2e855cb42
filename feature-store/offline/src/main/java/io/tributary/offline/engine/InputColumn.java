package io.tributary.offline.engine;

import java.math.BigInteger;
import java.util.Arrays;

/** The values of one input for the items of one entity. */
public final class InputColumn {
  private final InputType type;
  private long[] longs;
  private double[] doubles;
  private Object[] objects;
  private boolean[] present = new boolean[8];
  private int used;

  InputColumn(InputType type) {
    this.type = type;
    switch (type.kind()) {
      case INTEGER -> longs = new long[8];
      case FLOATING -> doubles = new double[8];
      default -> objects = new Object[8];
    }
  }

  InputType type() {
    return type;
  }

  void clear() {
    if (objects != null) {
      Arrays.fill(objects, 0, used, null);
    }
    used = 0;
  }

  private void room(int item) {
    used = item + 1;
    if (item >= present.length) {
      int length = Math.max(item + 1, 2 * present.length);
      present = Arrays.copyOf(present, length);
      longs = longs == null ? null : Arrays.copyOf(longs, length);
      doubles = doubles == null ? null : Arrays.copyOf(doubles, length);
      objects = objects == null ? null : Arrays.copyOf(objects, length);
    }
  }

  public void setNull(int item) {
    room(item);
    present[item] = false;
  }

  public void setLong(int item, long value) {
    room(item);
    present[item] = true;
    longs[item] = value;
  }

  /** All NaN become one. */
  public void setDouble(int item, double value) {
    room(item);
    present[item] = true;
    doubles[item] = Double.isNaN(value) ? Double.NaN : value;
  }

  /** An unscaled {@link BigInteger} for a decimal, else an object of the input's order. */
  public void setObject(int item, Object value) {
    room(item);
    present[item] = true;
    objects[item] = value;
  }

  boolean isPresent(int item) {
    return present[item];
  }

  long longAt(int item) {
    return longs[item];
  }

  double doubleAt(int item) {
    return doubles[item];
  }

  Object objectAt(int item) {
    return objects[item];
  }

  BigInteger decimalAt(int item) {
    return (BigInteger) objects[item];
  }

  Object boxed(int item) {
    return switch (type.kind()) {
      case INTEGER -> longs[item];
      case FLOATING -> doubles[item];
      default -> objects[item];
    };
  }

  /** In the contract's order of values; both are present. */
  int compare(int a, int b) {
    return switch (type.kind()) {
      case INTEGER -> Long.compare(longs[a], longs[b]);
      case FLOATING -> Double.compare(doubles[a], doubles[b]);
      case DECIMAL -> decimalAt(a).compareTo(decimalAt(b));
      case OBJECT -> type.order().compare(objects[a], objects[b]);
    };
  }

  /** As {@link #compare}, with −0.0 and 0.0 as one. */
  int compareAsOne(int a, int b) {
    if (type.kind() == InputType.Kind.FLOATING) {
      return Double.compare(doubles[a] + 0.0, doubles[b] + 0.0);
    }
    return compare(a, b);
  }
}
