package io.tributary.offline.internal.sweep;

import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.InputColumn;
import io.tributary.offline.internal.values.SparkValues;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;

/**
 * Where the arguments of an entity's events lie beside the heap, to be read of those alone that are
 * asked for. For one thread.
 */
final class HeldArguments {
  private static final int FIRST_ROOM = 8;

  private final Arena arena;
  private final UnsafeRow row;
  private LongBuffer places = LongBuffer.allocate(FIRST_ROOM);
  private IntBuffer sizes = IntBuffer.allocate(FIRST_ROOM);

  /** The item that the row is of, or -1. */
  private int pointed = -1;

  HeldArguments(int columns, Arena arena) {
    this.row = new UnsafeRow(columns);
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
