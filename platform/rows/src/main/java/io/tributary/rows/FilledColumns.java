package io.tributary.rows;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.execution.RowToColumnConverter;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Columns filled row by row. For one thread. */
public final class FilledColumns {
  /** Rows that there is room for at first. */
  private static final int FIRST = 64;

  private final DataType[] types;
  private final ColumnPacker.Kind[] kinds;
  private final OnHeapColumnVector[] columns;

  /** Of columns of types that are of several values. */
  private final RowToColumnConverter[] others;

  private final GenericInternalRow other = new GenericInternalRow(1);
  private int room = FIRST;
  private int rows;

  public FilledColumns(DataType[] types) {
    this.types = types;
    this.kinds = Arrays.stream(types).map(ColumnPacker::kind).toArray(ColumnPacker.Kind[]::new);
    this.columns =
        Arrays.stream(types)
            .map(type -> new OnHeapColumnVector(FIRST, type))
            .toArray(OnHeapColumnVector[]::new);
    this.others = new RowToColumnConverter[types.length];
    for (int c = 0; c < types.length; c++) {
      others[c] =
          kinds[c] == null
              ? new RowToColumnConverter(new StructType().add("value", types[c]))
              : null;
    }
  }

  /** The columns, which change as they are filled. */
  public WritableColumnVector[] columns() {
    return columns;
  }

  public int rows() {
    return rows;
  }

  public void clear() {
    for (OnHeapColumnVector column : columns) {
      column.reset();
    }
    rows = 0;
  }

  /**
   * Adds a row, and gives about how many bytes it takes.
   *
   * @param places of the columns' values
   */
  public long add(SpecializedGetters row, int[] places) {
    if (rows == room) {
      room *= 2;
      for (OnHeapColumnVector column : columns) {
        column.reserve(room);
      }
    }
    long bytes = 8L * kinds.length;
    for (int c = 0; c < kinds.length; c++) {
      int place = places[c];
      OnHeapColumnVector column = columns[c];
      if (kinds[c] == null) {
        Object value = row.isNullAt(place) ? null : row.get(place, types[c]);
        other.update(0, value);
        bytes += size(value, types[c]);
        others[c].convert(other, new WritableColumnVector[] {column});
        continue;
      }
      if (row.isNullAt(place)) {
        column.putNull(rows);
        continue;
      }
      switch (kinds[c]) {
        case DOUBLE -> column.putDouble(rows, row.getDouble(place));
        case LONG -> column.putLong(rows, row.getLong(place));
        case INT -> column.putInt(rows, row.getInt(place));
        case TRUTH -> column.putBoolean(rows, row.getBoolean(place));
        case FLOAT -> column.putFloat(rows, row.getFloat(place));
        case SHORT -> column.putShort(rows, row.getShort(place));
        case BYTE -> column.putByte(rows, row.getByte(place));
        case TEXT -> bytes += put(column, row.getUTF8String(place));
        case BYTES -> bytes += put(column, UTF8String.fromBytes(row.getBinary(place)));
        case DECIMAL -> {
          DecimalType type = (DecimalType) types[c];
          column.putDecimal(
              rows, row.getDecimal(place, type.precision(), type.scale()), type.precision());
        }
      }
    }
    rows++;
    return bytes;
  }

  /** About how many bytes a value of several values takes. */
  private static long size(Object value, DataType type) {
    if (value instanceof UTF8String text) {
      return 8L + text.numBytes();
    }
    if (value instanceof ArrayData array) {
      DataType element = ((ArrayType) type).elementType();
      long bytes = 8L;
      for (int i = 0; i < array.numElements(); i++) {
        bytes += array.isNullAt(i) ? 8 : size(array.get(i, element), element);
      }
      return bytes;
    }
    if (value instanceof MapData map && type instanceof MapType of) {
      return size(map.keyArray(), new ArrayType(of.keyType(), false))
          + size(map.valueArray(), new ArrayType(of.valueType(), true));
    }
    if (value instanceof InternalRow struct && type instanceof StructType of) {
      long bytes = 8L;
      for (int i = 0; i < of.size(); i++) {
        DataType field = of.fields()[i].dataType();
        bytes += struct.isNullAt(i) ? 8 : size(struct.get(i, field), field);
      }
      return bytes;
    }
    return value instanceof byte[] bytes ? 8L + bytes.length : 16;
  }

  private int put(OnHeapColumnVector column, UTF8String text) {
    byte[] bytes = text.getBytes();
    column.putByteArray(rows, bytes, 0, bytes.length);
    return bytes.length;
  }
}
