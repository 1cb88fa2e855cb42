package io.tributary.rows;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

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

    /** The object in which a row of those lies. */
    Object[] bases();

    /** Where it begins there. */
    long[] offsets();
  }

  /** Writes rows that come next; false where the next one must be read by itself. */
  boolean pack(Room room);
}
