package io.tributary.offline.internal;

import io.tributary.core.Iterators;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that ask, as they travel to their entity: the hash of the key, and the row itself as bytes.
 * A row with a null in its key matches nothing; it travels by a hash of its own bytes, so that such
 * rows spread.
 */
final class LabelRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final StructType schema;
  private final Keys keys;

  private LabelRows(StructType schema, Keys keys) {
    this.schema = schema;
    this.keys = keys;
  }

  static JavaRDD<InternalRow> of(SourceRows asking, Keys keys) {
    LabelRows labels = new LabelRows(asking.schema(), keys);
    return asking.rows().mapPartitions(labels::encode);
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
          out.begin(Bytes.hash(key.anyNull() ? unsafe : key));
          out.row(unsafe);
          return out.end();
        });
  }
}
