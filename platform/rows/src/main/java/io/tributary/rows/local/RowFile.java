package io.tributary.rows.local;

import java.io.Closeable;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;

/** A file that rows are written to; of no use unless it was ended. */
interface RowFile extends Closeable {
  void write(InternalRow row) throws IOException;

  /** Ends the file, which is whole then. */
  void end() throws IOException;
}
