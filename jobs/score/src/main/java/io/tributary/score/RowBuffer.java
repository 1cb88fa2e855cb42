package io.tributary.score;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;

/**
 * Rows as their bytes, one after the other in one array that is used again; seen through one object
 * that moves over them. Not thread-safe.
 */
final class RowBuffer {
  private static final int FULL = 64 << 20;

  private final UnsafeProjection unsafe;
  private final UnsafeRow row;
  private final int[] ends;
  private byte[] bytes = new byte[64 << 10];
  private int rows;

  /**
   * @param most rows that it may hold; fewer where they are long
   */
  RowBuffer(StructType schema, int most) {
    unsafe = UnsafeProjection.create(schema);
    row = new UnsafeRow(schema.size());
    ends = new int[most + 1];
  }

  void clear() {
    rows = 0;
  }

  int rows() {
    return rows;
  }

  boolean full() {
    return rows == ends.length - 1 || ends[rows] >= FULL;
  }

  /** Adds a row, and gives its copy as {@link #at} does. */
  UnsafeRow add(InternalRow added) {
    UnsafeRow from = added instanceof UnsafeRow given ? given : unsafe.apply(added);
    int size = from.getSizeInBytes();
    int end = Math.addExact(ends[rows], size);
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16, 2L * end));
    }
    Platform.copyMemory(
        from.getBaseObject(),
        from.getBaseOffset(),
        bytes,
        Platform.BYTE_ARRAY_OFFSET + ends[rows],
        size);
    ends[++rows] = end;
    return at(rows - 1);
  }

  /** A row; the same object each time, valid until the next call. */
  UnsafeRow at(int number) {
    row.pointTo(bytes, Platform.BYTE_ARRAY_OFFSET + ends[number], ends[number + 1] - ends[number]);
    return row;
  }
}
