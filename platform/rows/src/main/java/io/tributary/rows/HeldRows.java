package io.tributary.rows;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * {@link UnsafeRow}s beside the heap whose bytes stay where they are until the task ends, though
 * the object is the same each time.
 */
public interface HeldRows extends Iterator<InternalRow> {}
