package io.tributary.source.place;

import io.tributary.source.SourceRange;
import java.util.List;
import java.util.Optional;

/** A table that is delivered range by range. */
public interface GrowingTable {
  /** The table's name, for messages. */
  String name();

  /** Looks at the table as it is now. */
  Reading open();

  /** The table as it was at one instant. */
  interface Reading extends AutoCloseable {
    /** What lies behind the last range that was delivered; empty where nothing does. */
    Optional<SourceRange> news(Optional<SourceRange> delivered);

    /**
     * Keeps a range's rows as JSON, an object a line, packed; the same rows always as the same
     * files in the same order, none of them empty.
     */
    List<Staging.Kept> copy(SourceRange range, Staging staging);

    @Override
    void close();
  }
}
