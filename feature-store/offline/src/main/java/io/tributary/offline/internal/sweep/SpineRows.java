package io.tributary.offline.internal.sweep;

import io.tributary.core.Iterators;
import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.HotKeys;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

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
    UnsafeProjection whole = UnsafeProjection.create(schema);
    Keys.Writer keyWriter = keys.writer();
    RowBuffer out = new RowBuffer();
    return Iterators.map(
        rows,
        row -> {
          UnsafeRow unsafe = row instanceof UnsafeRow u ? u : whole.apply(row);
          UnsafeRow key = keyWriter.write(unsafe);
          boolean asks = !key.anyNull();
          long hash = Bytes.hash(asks ? key : unsafe);
          boolean cut = asks && !hot.areNone() && !unsafe.isNullAt(asOf);
          out.begin(cut ? hot.hashAt(hash, unsafe.getLong(asOf)) : hash);
          out.row(unsafe);
          return out.end();
        });
  }
}
