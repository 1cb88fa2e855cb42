package io.tributary.offline.internal.sweep;

import io.tributary.rows.Runner;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;

/**
 * Writes rows of two columns, a hash and bytes, where Spark's exchange and sorter read them; the
 * same row each time. The bytes are words of eight bytes. Not safe for threads.
 */
final class RowBuffer {
  static final StructType SCHEMA = Runner.schema().add("bytes", DataTypes.BinaryType, false);

  /** The column of the bytes. */
  static final int BYTES = 1;

  private static final int NULLS = Platform.BYTE_ARRAY_OFFSET;
  private static final int HASH = NULLS + 8;
  private static final int PLACE = HASH + 8;
  private static final int FIRST = PLACE + 8;

  /** Bytes before those that are written. */
  static final int HEAD = FIRST - NULLS;

  private final UnsafeRow row = new UnsafeRow(SCHEMA.size());
  private byte[] buffer = new byte[256];
  private int size;

  /** Writes all but the bytes of a row, where it lies. */
  static void head(Object base, long at, long hash, int size) {
    Platform.putLong(base, at, 0);
    Platform.putLong(base, at + HASH - NULLS, hash);
    Platform.putLong(base, at + PLACE - NULLS, (long) HEAD << 32 | (size - HEAD));
  }

  /** Begins a row. */
  void begin(long hash) {
    Platform.putLong(buffer, HASH, hash);
    size = HEAD;
  }

  /** Has the row that was begun go elsewhere. */
  void redirect(long hash) {
    Platform.putLong(buffer, HASH, hash);
  }

  void word(long value) {
    room(8);
    Platform.putLong(buffer, (long) NULLS + size, value);
    size += 8;
  }

  /** A row whose size is a multiple of eight, as all that Spark makes. */
  void row(UnsafeRow other) {
    int length = other.getSizeInBytes();
    room(length);
    Platform.copyMemory(
        other.getBaseObject(), other.getBaseOffset(), buffer, (long) NULLS + size, length);
    size += length;
  }

  /** The first bytes of an array, and zeros up to a whole word. */
  void bytes(byte[] bytes, int length) {
    int words = (length + 7) >>> 3;
    room(8 * words);
    if (words > 0) {
      Platform.putLong(buffer, (long) NULLS + size + 8L * (words - 1), 0);
    }
    System.arraycopy(bytes, 0, buffer, size, length);
    size += 8 * words;
  }

  private void room(int more) {
    if (size + more > buffer.length) {
      buffer = java.util.Arrays.copyOf(buffer, Math.max(size + more, 2 * buffer.length));
    }
  }

  /** The row that was begun. */
  UnsafeRow end() {
    Platform.putLong(buffer, PLACE, (long) HEAD << 32 | (size - HEAD));
    row.pointTo(buffer, size);
    return row;
  }
}
