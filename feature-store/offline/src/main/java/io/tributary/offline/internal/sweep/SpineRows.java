package io.tributary.offline.internal.sweep;

import io.tributary.core.Iterators;
import io.tributary.core.Lazy;
import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.HotKeys;
import io.tributary.offline.internal.keys.KeyColumns;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.ColumnPacker;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PackedRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Label rows, as they travel to their entity: the hash of the key, and the row itself as bytes. A
 * row with a null in its key matches nothing; it travels by a hash of its own bytes, so that such
 * rows spread.
 */
final class SpineRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final StructType schema;
  private final Keys keys;
  private final HotKeys hot;
  private final int asOf;

  private SpineRows(StructType schema, Keys keys, HotKeys hot, int asOf) {
    this.schema = schema;
    this.keys = keys;
    this.hot = hot;
    this.asOf = asOf;
  }

  /**
   * The same in slices.
   *
   * @param hot hashes of these keys
   * @param asOf the column of the instant that decides to which slice a row goes
   */
  static Partitions of(PartitionedRows spine, Keys keys, HotKeys hot, int asOf) {
    SpineRows labels = new SpineRows(spine.schema(), keys, hot, asOf);
    return spine.rows().map((task, rows) -> labels.encode(rows));
  }

  private Iterator<InternalRow> encode(Iterator<InternalRow> rows) {
    Encoder encoder = new Encoder();
    Iterator<InternalRow> each = Iterators.map(rows, encoder::encode);
    DataType[] types = Keys.types(schema, List.of(schema.fieldNames()));
    return rows instanceof ColumnRows columns
            && ColumnPacker.canPack(types, types)
            && KeyColumns.canRead(keys)
        ? PackedRows.of(columns, each, new Packed(encoder, types)::pack)
        : each;
  }

  /** Writes rows one by one. */
  private final class Encoder {
    private final Lazy<UnsafeProjection> whole = Lazy.of(() -> UnsafeProjection.create(schema));
    private final Lazy<Keys.Writer> keyWriter = Lazy.of(keys::writer);
    private final RowBuffer out = new RowBuffer();

    UnsafeRow unsafe(InternalRow row) {
      return row instanceof UnsafeRow u ? u : whole.get().apply(row);
    }

    UnsafeRow encode(InternalRow row) {
      UnsafeRow unsafe = unsafe(row);
      UnsafeRow key = keyWriter.get().write(unsafe);
      out.begin(hash(unsafe, key.anyNull(), Bytes.hash(key.anyNull() ? unsafe : key)));
      out.row(unsafe);
      return out.end();
    }
  }

  private long hash(InternalRow row, boolean isAlone, long hash) {
    return isAlone || hot.areNone() || row.isNullAt(asOf)
        ? hash
        : hot.hashAt(hash, row.getLong(asOf));
  }

  /** Writes the rows of columns together. */
  private final class Packed {
    private final Encoder encoder;
    private final ColumnPacker packer;
    private final KeyColumns keyColumns = new KeyColumns(keys);
    private final PackedBuffer out = new PackedBuffer();

    Packed(Encoder encoder, DataType[] types) {
      this.encoder = encoder;
      this.packer = ColumnPacker.of(types);
    }

    void pack(ColumnarBatch batch, PackedRows.Room room) {
      ColumnVector[] columns = ColumnRows.of(batch);
      int n = batch.numRows();
      out.begin(n);
      keyColumns.read(columns, n);
      for (int i = 0; i < n; i++) {
        InternalRow row = batch.getRow(i);
        boolean isAlone = keyColumns.isNull(i);
        out.add(
            i, hash(row, isAlone, isAlone ? Bytes.hash(encoder.unsafe(row)) : keyColumns.hash(i)));
      }
      packer.measure(columns, out.rows(), n, out.sizes());
      out.place(room);
      packer.write(columns, out.rows(), n, room.bases(), out.ends());
    }
  }
}
