package io.tributary.source;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/**
 * A way to read files of one format as lines of a source's columns: a {@link ByteReader}, or by
 * what {@link #typed} says. Travels to executors.
 */
public interface SourceReader extends Serializable {
  /** The contract's columns, all nullable: what {@link Line#values()} has. */
  StructType columns();

  /** Its files where they say their columns' types themselves; empty for a format of text. */
  default Optional<TypedFiles> typed() {
    return Optional.empty();
  }

  /** What knows the ends of a plain file's records; empty for a format that is read as a whole. */
  default Optional<RecordScan> scan() {
    return Optional.empty();
  }
}
