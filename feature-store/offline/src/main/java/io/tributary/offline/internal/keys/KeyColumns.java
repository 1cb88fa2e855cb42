package io.tributary.offline.internal.keys;

import io.tributary.rows.ColumnPacker;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/**
 * The keys of rows that lie in columns, byte for byte as {@link Keys.Writer} has them. For one
 * thread.
 */
public final class KeyColumns {
  private final Keys keys;
  private final ColumnPacker packer;
  private byte[] bytes = {};
  private Object[] bases = {};
  private long[] offsets = {};
  private int[] sizes = {};
  private int[] rows = {};
  private ColumnVector[] columns = {};

  public KeyColumns(Keys keys) {
    this.keys = keys;
    this.packer = ColumnPacker.of(keys.from(), keys.types());
  }

  /** Whether keys of their types can be read so. */
  public static boolean canRead(Keys keys) {
    return ColumnPacker.canPack(keys.from(), keys.types());
  }

  /** Reads the first rows of columns; those of {@link Keys#columns()} are looked at. */
  public void read(ColumnVector[] all, int n) {
    columns = Arrays.stream(keys.columns()).mapToObj(c -> all[c]).toArray(ColumnVector[]::new);
    if (sizes.length < n) {
      sizes = new int[n];
      offsets = new long[n];
      bases = new Object[n];
      rows = new int[n];
      Arrays.setAll(rows, i -> i);
    }
    Arrays.fill(sizes, 0, n, 0);
    packer.measure(columns, rows, n, sizes);
    int end = 0;
    for (int i = 0; i < n; i++) {
      offsets[i] = Platform.BYTE_ARRAY_OFFSET + (long) end;
      end += sizes[i];
    }
    if (bytes.length < end) {
      bytes = new byte[end];
    }
    Arrays.fill(bases, 0, n, bytes);
    packer.write(columns, rows, n, bases, offsets);
  }

  /** Whether the key of a row matches nothing. */
  public boolean isNull(int row) {
    for (ColumnVector column : columns) {
      if (column.isNullAt(row)) {
        return true;
      }
    }
    return false;
  }

  public long hash(int row) {
    return XXH64.hashUnsafeBytes(bytes, offsets[row], sizes[row], Bytes.SEED);
  }

  /** Bytes of a key, as an {@link UnsafeRow}. */
  public int size(int row) {
    return sizes[row];
  }

  public void write(int row, Object base, long offset) {
    long from = offsets[row];
    for (int word = 0; word < sizes[row]; word += 8) {
      Platform.putLong(base, offset + word, Platform.getLong(bytes, from + word));
    }
  }
}
