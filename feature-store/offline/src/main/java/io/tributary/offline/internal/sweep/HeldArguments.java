package io.tributary.offline.internal.sweep;

import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.InputColumn;
import io.tributary.offline.internal.values.SparkValues;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.Platform;

/**
 * Where the arguments of an entity's events lie beside the heap, to be read column by column, or of
 * those alone that are asked for. For one thread.
 */
final class HeldArguments {
  private static final int FIRST_ROOM = 8;

  private final Arena arena;
  private final UnsafeRow row;
  private final int nullBytes;
  private LongBuffer places = LongBuffer.allocate(FIRST_ROOM);
  private IntBuffer sizes = IntBuffer.allocate(FIRST_ROOM);

  /** The item that the row is of, or -1. */
  private int pointed = -1;

  HeldArguments(int columns, Arena arena) {
    this.row = new UnsafeRow(columns);
    this.nullBytes = UnsafeRow.calculateBitSetWidthInBytes(columns);
    this.arena = arena;
  }

  /** Takes in an entity's next event, the first one as item 0. */
  void add(int item, EventRow event) {
    places = arena.longs(places, item + 1);
    sizes = arena.ints(sizes, item + 1);
    places.put(item, event.argumentsOffset());
    sizes.put(item, event.argumentsSize());
    pointed = -1;
  }

  /** Where those of an item begin, beside the heap. */
  long place(int item) {
    return places.get(item);
  }

  int size(int item) {
    return sizes.get(item);
  }

  /** Sets an input of the items from one on, up to another one. */
  void set(InputColumn column, int from, int to, int argument, int filter, DataType type) {
    if (filter < 0 && type instanceof DoubleType) {
      doubles(column, from, to, argument);
    } else if (filter < 0 && (type instanceof LongType || type instanceof TimestampType)) {
      longs(column, from, to, argument);
    } else {
      for (int item = from; item < to; item++) {
        set(column, item, of(item), argument, filter, type);
      }
    }
  }

  // Each loop by itself: small ones are compiled soon.

  private void doubles(InputColumn column, int from, int to, int argument) {
    long word = (argument >> 6) * 8L;
    long value = nullBytes + 8L * argument;
    for (int item = from; item < to; item++) {
      long at = places.get(item);
      if ((Platform.getLong(null, at + word) & 1L << argument) != 0) {
        column.setNull(item);
      } else {
        column.setDouble(item, Platform.getDouble(null, at + value));
      }
    }
  }

  private void longs(InputColumn column, int from, int to, int argument) {
    long word = (argument >> 6) * 8L;
    long value = nullBytes + 8L * argument;
    for (int item = from; item < to; item++) {
      long at = places.get(item);
      if ((Platform.getLong(null, at + word) & 1L << argument) != 0) {
        column.setNull(item);
      } else {
        column.setLong(item, Platform.getLong(null, at + value));
      }
    }
  }

  /**
   * Sets an input of an event.
   *
   * @param argument -1 = the event itself
   * @param filter the argument that says whether it has the input, -1 = it has
   */
  static void set(
      InputColumn column, int item, UnsafeRow arguments, int argument, int filter, DataType type) {
    if (filter >= 0 && (arguments.isNullAt(filter) || !arguments.getBoolean(filter))) {
      column.setNull(item);
    } else if (argument < 0) {
      column.setLong(item, 1);
    } else {
      SparkValues.set(column, item, arguments, argument, type);
    }
  }

  private UnsafeRow of(int item) {
    if (item != pointed) {
      row.pointTo(null, places.get(item), sizes.get(item));
      pointed = item;
    }
    return row;
  }

  /**
   * An input.
   *
   * @param filter the argument that says whether an event has it, -1 = each has
   */
  InputColumn.Held input(int argument, int filter, DataType type) {
    return new InputColumn.Held() {
      @Override
      public boolean isPresent(int item) {
        UnsafeRow of = of(item);
        return !of.isNullAt(argument)
            && (filter < 0 || (!of.isNullAt(filter) && of.getBoolean(filter)));
      }

      @Override
      public long longAt(int item) {
        return SparkValues.longAt(of(item), argument, type);
      }

      @Override
      public double doubleAt(int item) {
        return type instanceof DoubleType
            ? of(item).getDouble(argument)
            : of(item).getFloat(argument);
      }

      @Override
      public Object objectAt(int item) {
        return SparkValues.heldAt(of(item), argument, type);
      }
    };
  }
}
