package io.tributary.rows;

import java.util.Iterator;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** {@link UnsafeRow}s for {@link Runner#byHash}, of which many can be written at once. */
public interface PackedRows extends Iterator<InternalRow> {
  /** Where a runner holds rows. */
  interface Room {
    /**
     * Room for some rows, where those before have been written.
     *
     * @param sizes their bytes, whole words
     */
    void take(int rows, long[] hashes, int[] sizes);

    /** The object in which a row of those lies; null of one that lies beside the heap. */
    Object[] bases();

    /** Where it begins there. */
    long[] offsets();
  }

  /**
   * Rows made of others, one by one or together.
   *
   * @param rows which they are made of
   * @param each the rows one by one
   * @param together makes those of columns and writes them
   */
  static PackedRows of(
      ColumnRows rows, Iterator<InternalRow> each, BiConsumer<ColumnarBatch, Room> together) {
    return new PackedRows() {
      @Override
      public boolean pack(Room room) {
        Optional<ColumnarBatch> next = rows.columns();
        next.ifPresent(
            batch -> {
              together.accept(batch, room);
              rows.pass();
            });
        return next.isPresent();
      }

      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public InternalRow next() {
        return each.next();
      }
    };
  }

  /** Writes rows that come next; false where the next one must be read by itself. */
  boolean pack(Room room);
}
