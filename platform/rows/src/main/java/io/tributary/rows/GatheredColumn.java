package io.tributary.rows;

import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A column whose rows have the values of another's rows, each of them any number of times. Columns
 * gathered by one array have the same value of theirs in each row.
 */
public final class GatheredColumn extends ColumnVector {
  /** In place of a row of the other column: there is no value. */
  public static final int NONE = -1;

  private final ColumnVector values;
  private final int count;
  private final int[] from;

  /**
   * @param count the rows of {@code values}
   * @param from of each row the one whose value it has, or {@link #NONE}
   */
  public GatheredColumn(ColumnVector values, int count, int[] from) {
    super(values.dataType());
    this.values = values;
    this.count = count;
    this.from = from;
  }

  public ColumnVector values() {
    return values;
  }

  /** How many rows the other column has. */
  public int count() {
    return count;
  }

  /** Not a copy. */
  public int[] from() {
    return from;
  }

  /** The other column is its owner's. */
  @Override
  public void close() {}

  /** Says so where it is not known. */
  @Override
  public boolean hasNull() {
    return true;
  }

  @Override
  public int numNulls() {
    throw new UnsupportedOperationException("rows are not counted");
  }

  @Override
  public boolean isNullAt(int row) {
    return from[row] == NONE || values.isNullAt(from[row]);
  }

  @Override
  public boolean getBoolean(int row) {
    return values.getBoolean(from[row]);
  }

  @Override
  public byte getByte(int row) {
    return values.getByte(from[row]);
  }

  @Override
  public short getShort(int row) {
    return values.getShort(from[row]);
  }

  @Override
  public int getInt(int row) {
    return values.getInt(from[row]);
  }

  @Override
  public long getLong(int row) {
    return values.getLong(from[row]);
  }

  @Override
  public float getFloat(int row) {
    return values.getFloat(from[row]);
  }

  @Override
  public double getDouble(int row) {
    return values.getDouble(from[row]);
  }

  @Override
  public ColumnarArray getArray(int row) {
    return values.getArray(from[row]);
  }

  @Override
  public ColumnarMap getMap(int row) {
    return values.getMap(from[row]);
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return isNullAt(row) ? null : values.getDecimal(from[row], precision, scale);
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return isNullAt(row) ? null : values.getUTF8String(from[row]);
  }

  @Override
  public byte[] getBinary(int row) {
    return isNullAt(row) ? null : values.getBinary(from[row]);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return new GatheredColumn(values.getChild(ordinal), count, from);
  }
}
