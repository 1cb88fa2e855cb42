package io.tributary.offline.internal.keys;

import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;

/** Binary columns of rows, read in place. */
public final class Bytes {
  static final long SEED = 42;

  private Bytes() {}

  /** A row's bytes; perhaps the row's own, which change when a projection writes the next one. */
  public static byte[] of(UnsafeRow row) {
    return row.getBytes();
  }

  /** A row's bytes, to be kept. */
  public static byte[] copy(UnsafeRow row) {
    return row.copy().getBytes();
  }

  public static long hash(UnsafeRow row) {
    return XXH64.hashUnsafeBytes(
        row.getBaseObject(), row.getBaseOffset(), row.getSizeInBytes(), SEED);
  }

  public static int size(UnsafeRow row, int column) {
    return (int) row.getLong(column);
  }

  public static long offset(UnsafeRow row, int column) {
    return row.getBaseOffset() + (int) (row.getLong(column) >> 32);
  }

  public static UnsafeRow row(byte[] bytes, int fields) {
    UnsafeRow row = new UnsafeRow(fields);
    row.pointTo(bytes, bytes.length);
    return row;
  }
}
