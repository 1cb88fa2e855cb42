package io.tributary.source;

import org.apache.spark.sql.catalyst.InternalRow;

/** The lines of one file, one after the other; for one thread. */
public interface Lines extends AutoCloseable {
  /**
   * Moves to the next line; false after the last one.
   *
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN, after the last line, when a column
   *     had values and not one of its type; UNREADABLE_FILE when the file is broken
   */
  boolean next();

  /** The line that it is at. */
  Line line();

  /** A good line's values by the contract's columns; valid until the next line. */
  default InternalRow values() {
    return line().values();
  }

  /**
   * The line as it stands in the file, without its line end; bytes that are no text as {@code
   * \xE9}.
   */
  String raw();

  /** Lets go of what it holds beside the bytes that it was given. */
  @Override
  default void close() {}

  /** How many local times did not exist or existed twice on a night when clocks changed. */
  long shiftedTimes();
}
