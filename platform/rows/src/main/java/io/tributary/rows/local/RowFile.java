package io.tributary.rows.local;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** A file that rows are written to; of no use unless it was ended. */
interface RowFile extends Closeable {
  void write(InternalRow row) throws IOException;

  /** Writes rows that lie in columns. */
  default void write(ColumnarBatch batch) throws IOException {
    for (Iterator<InternalRow> rows = batch.rowIterator(); rows.hasNext(); ) {
      write(rows.next());
    }
  }

  /** Ends the file, which is whole then. */
  void end() throws IOException;
}
