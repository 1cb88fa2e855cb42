package io.tributary.rows;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.Platform;

/**
 * Columns of {@link UnsafeRow}s of types that {@link ColumnPacker} takes: where rows lie is
 * remembered, and when all are there they are read column by column. For one thread.
 */
public final class UnpackedColumns {
  private final DataType[] types;
  private final ColumnPacker.Kind[] kinds;
  private final int[] places;
  private final int nullBytes;
  private final OnHeapColumnVector[] columns;
  private final Object[] bases;
  private final long[] offsets;
  private int rows;
  private byte[] text = new byte[64];

  /**
   * @param row the types of a row's columns
   * @param places which of them are read
   * @param most rows that there is room for
   */
  public UnpackedColumns(DataType[] row, int[] places, int most) {
    this.types = Arrays.stream(places).mapToObj(place -> row[place]).toArray(DataType[]::new);
    this.kinds = Arrays.stream(types).map(ColumnPacker::kind).toArray(ColumnPacker.Kind[]::new);
    this.places = places.clone();
    this.nullBytes = UnsafeRow.calculateBitSetWidthInBytes(row.length);
    this.columns =
        Arrays.stream(types)
            .map(type -> new OnHeapColumnVector(1, type))
            .toArray(OnHeapColumnVector[]::new);
    this.bases = new Object[most];
    this.offsets = new long[most];
  }

  /** Whether columns of these types can be read. */
  public static boolean canRead(DataType[] types) {
    return ColumnPacker.canPack(types, types);
  }

  /**
   * Adds a row.
   *
   * @param base the object in which it lies, as long as it is read; null = beside the heap
   * @param offset where it begins there
   */
  public void add(Object base, long offset) {
    bases[rows] = base;
    offsets[rows++] = offset;
  }

  public int rows() {
    return rows;
  }

  public void clear() {
    Arrays.fill(bases, 0, rows, null);
    rows = 0;
  }

  /** The columns of the rows that were added, until they are read again; to the bit. */
  public WritableColumnVector[] read() {
    return read(false);
  }

  /** The same with one NaN for all. */
  public WritableColumnVector[] readAsOneNaN() {
    return read(true);
  }

  private WritableColumnVector[] read(boolean asOneNaN) {
    for (int c = 0; c < columns.length; c++) {
      columns[c].reset();
      columns[c].reserve(rows);
      read(c, columns[c], asOneNaN);
    }
    return columns;
  }

  private boolean isNull(int row, long word, long bit) {
    return (Platform.getLong(bases[row], offsets[row] + word) & bit) != 0;
  }

  // Each loop by itself: small ones are compiled soon.

  private void read(int c, OnHeapColumnVector column, boolean asOneNaN) {
    long word = (places[c] >> 6) * 8L;
    long bit = 1L << places[c];
    long at = nullBytes + 8L * places[c];
    switch (kinds[c]) {
      case LONG -> longs(column, word, bit, at);
      case DOUBLE -> doubles(column, word, bit, at, asOneNaN);
      case TEXT, BYTES -> texts(column, word, bit, at);
      default -> {
        for (int i = 0; i < rows; i++) {
          if (isNull(i, word, bit)) {
            column.putNull(i);
          } else {
            read(c, column, i, at, asOneNaN);
          }
        }
      }
    }
  }

  private void longs(OnHeapColumnVector column, long word, long bit, long at) {
    for (int i = 0; i < rows; i++) {
      if (isNull(i, word, bit)) {
        column.putNull(i);
      } else {
        column.putLong(i, Platform.getLong(bases[i], offsets[i] + at));
      }
    }
  }

  private void doubles(OnHeapColumnVector column, long word, long bit, long at, boolean asOneNaN) {
    for (int i = 0; i < rows; i++) {
      if (isNull(i, word, bit)) {
        column.putNull(i);
      } else {
        double value = Platform.getDouble(bases[i], offsets[i] + at);
        column.putDouble(i, asOneNaN && Double.isNaN(value) ? Double.NaN : value);
      }
    }
  }

  private void texts(OnHeapColumnVector column, long word, long bit, long at) {
    for (int i = 0; i < rows; i++) {
      if (isNull(i, word, bit)) {
        column.putNull(i);
        continue;
      }
      long place = Platform.getLong(bases[i], offsets[i] + at);
      int size = (int) place;
      if (text.length < size) {
        text = new byte[Math.max(size, 2 * text.length)];
      }
      Platform.copyMemory(
          bases[i], offsets[i] + (place >>> 32), text, Platform.BYTE_ARRAY_OFFSET, size);
      column.putByteArray(i, text, 0, size);
    }
  }

  private void read(int c, OnHeapColumnVector column, int i, long at, boolean asOneNaN) {
    Object base = bases[i];
    long offset = offsets[i] + at;
    switch (kinds[c]) {
      case INT -> column.putInt(i, Platform.getInt(base, offset));
      case TRUTH -> column.putBoolean(i, Platform.getBoolean(base, offset));
      case FLOAT -> {
        float value = Platform.getFloat(base, offset);
        column.putFloat(i, asOneNaN && Float.isNaN(value) ? Float.NaN : value);
      }
      case SHORT -> column.putShort(i, Platform.getShort(base, offset));
      case BYTE -> column.putByte(i, Platform.getByte(base, offset));
      default -> {
        DecimalType type = (DecimalType) types[c];
        long unscaled = Platform.getLong(base, offset);
        column.putDecimal(
            i, Decimal.apply(unscaled, type.precision(), type.scale()), type.precision());
      }
    }
  }
}
