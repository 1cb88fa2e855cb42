package io.tributary.offline.internal;

import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that ask, as they travel to their entity: hash and bytes of the key, the as-of, and the row
 * itself. A row whose key has a null or whose as-of is null matches nothing; it travels by a hash
 * of its own bytes, so that such rows spread.
 */
final class LabelRows implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int KEY = 1;
  static final int AS_OF = 2;
  static final int ROW = 3;

  static final StructType SCHEMA =
      Shuffle.schema()
          .add("key", DataTypes.BinaryType, true)
          .add("as_of", DataTypes.LongType, true)
          .add("row", DataTypes.BinaryType, false);

  private final StructType schema;
  private final Keys keys;
  private final int asOf;

  private LabelRows(StructType schema, Keys keys, int asOf) {
    this.schema = schema;
    this.keys = keys;
    this.asOf = asOf;
  }

  /** Rows that ask at their as-of. */
  static JavaRDD<InternalRow> of(
      JavaRDD<InternalRow> rows, StructType schema, Keys keys, String asOf) {
    LabelRows labels = new LabelRows(schema, keys, schema.fieldIndex(asOf));
    return rows.mapPartitions(labels::encode);
  }

  /** Rows that ask whatever the time. */
  static JavaRDD<InternalRow> timeless(JavaRDD<InternalRow> rows, StructType schema, Keys keys) {
    LabelRows labels = new LabelRows(schema, keys, -1);
    return rows.mapPartitions(labels::encode);
  }

  private Iterator<InternalRow> encode(Iterator<InternalRow> rows) {
    UnsafeProjection whole = UnsafeProjection.create(schema);
    Keys.Writer keyWriter = keys.writer();
    UnsafeRowWriter writer = new UnsafeRowWriter(SCHEMA.size(), 512);
    return Iterators.map(
        rows,
        row -> {
          UnsafeRow unsafe = row instanceof UnsafeRow u ? u : whole.apply(row);
          UnsafeRow key = keyWriter.write(unsafe);
          boolean matches = (asOf < 0 || !unsafe.isNullAt(asOf)) && !key.anyNull();
          writer.reset();
          writer.zeroOutNullBytes();
          writer.write(0, Bytes.hash(matches ? key : unsafe));
          if (matches) {
            writer.write(KEY, Bytes.of(key));
            writer.write(AS_OF, asOf < 0 ? 0 : unsafe.getLong(asOf));
          } else {
            writer.setNullAt(KEY);
            writer.setNullAt(AS_OF);
          }
          writer.write(ROW, Bytes.of(unsafe));
          return writer.getRow();
        });
  }
}
