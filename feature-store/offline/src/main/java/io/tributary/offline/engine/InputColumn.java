package io.tributary.offline.engine;

import java.math.BigInteger;
import java.nio.LongBuffer;

/**
 * The values of one input for the items of one entity, which are set in ascending order, or stay
 * where they lie.
 */
public final class InputColumn {
  private static final int FIRST_ROOM = 8;

  /** The values of the items where they lie, read when they are asked for. */
  public interface Held {
    boolean isPresent(int item);

    long longAt(int item);

    double doubleAt(int item);

    Object objectAt(int item);
  }

  private final InputType type;
  private final Arena arena;
  private final Blobs<Object> objects;

  /** The values, doubles as their bits; of objects nothing. */
  private LongBuffer values = LongBuffer.allocate(FIRST_ROOM);

  /** A bit for each item, where any is null. */
  private LongBuffer present = LongBuffer.allocate(1);

  private boolean anyNull;

  /** Null where values are set. */
  private Held held;

  InputColumn(InputType type, Arena arena) {
    this.type = type;
    this.arena = arena;
    this.objects =
        type.objects() == null
            ? null
            : new Blobs<>(arena, type.objects()::toBytes, type.objects()::fromBytes);
  }

  InputType type() {
    return type;
  }

  /** Has the values of all entities stay where they lie, in place of being set. */
  public void hold(Held values) {
    held = values;
  }

  void clear() {
    anyNull = false;
    if (objects != null) {
      objects.clear();
    }
  }

  private void mark(int item, boolean isPresent) {
    if (!anyNull) {
      if (isPresent) {
        return;
      }
      anyNull = true;
      present = arena.longs(present, (item >>> 6) + 1);
      for (int word = 0; word <= item >>> 6; word++) {
        present.put(word, -1);
      }
    }
    int word = item >>> 6;
    if (word >= present.capacity()) {
      present = arena.longs(present, word + 1);
    }
    // The first item of a word finds what an earlier entity has left there.
    long before = (item & 63) == 0 ? 0 : present.get(word);
    present.put(word, isPresent ? before | 1L << item : before & ~(1L << item));
  }

  private void set(int item, long value) {
    mark(item, true);
    if (item >= values.capacity()) {
      values = arena.longs(values, item + 1);
    }
    values.put(item, value);
  }

  public void setNull(int item) {
    mark(item, false);
  }

  public void setLong(int item, long value) {
    set(item, value);
  }

  /** All NaN become one. */
  public void setDouble(int item, double value) {
    set(item, Double.doubleToLongBits(value));
  }

  /** An unscaled {@link BigInteger} for a decimal, else an object of the input's order. */
  public void setObject(int item, Object value) {
    mark(item, true);
    objects.set(item, value);
  }

  boolean isPresent(int item) {
    return held != null ? held.isPresent(item) : isSet(item);
  }

  private boolean isSet(int item) {
    return !anyNull || (present.get(item >>> 6) & 1L << item) != 0;
  }

  long longAt(int item) {
    return held != null ? held.longAt(item) : values.get(item);
  }

  /** All NaN are one. */
  double doubleAt(int item) {
    return held != null
        ? Double.longBitsToDouble(Double.doubleToLongBits(held.doubleAt(item)))
        : Double.longBitsToDouble(values.get(item));
  }

  Object objectAt(int item) {
    return held != null ? held.objectAt(item) : objects.get(item);
  }

  BigInteger decimalAt(int item) {
    return (BigInteger) objectAt(item);
  }

  Object boxed(int item) {
    return switch (type.kind()) {
      case INTEGER -> longAt(item);
      case FLOATING -> doubleAt(item);
      default -> objectAt(item);
    };
  }

  /** A value that stands for all that are equal to it: zeros are 0.0. */
  Object key(int item) {
    return type.kind() == InputType.Kind.FLOATING ? (Object) (doubleAt(item) + 0.0) : boxed(item);
  }

  /** In the contract's order of values; both are present. */
  int compare(int a, int b) {
    return switch (type.kind()) {
      case INTEGER -> Long.compare(longAt(a), longAt(b));
      case FLOATING -> Double.compare(doubleAt(a), doubleAt(b));
      default -> type.objects().compare(objectAt(a), objectAt(b));
    };
  }

  /** As {@link #compare}, with −0.0 and 0.0 as one. */
  int compareAsOne(int a, int b) {
    if (type.kind() == InputType.Kind.FLOATING) {
      return Double.compare(doubleAt(a) + 0.0, doubleAt(b) + 0.0);
    }
    return compare(a, b);
  }
}
