package io.tributary.source;

import java.io.InputStream;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/** A way to read files of one format as lines of a source's columns. Travels to executors. */
public interface SourceReader extends Serializable {
  /** The contract's columns, all nullable: what {@link Line#values()} has. */
  StructType columns();

  /**
   * Opens a file and checks that it has the columns of the contract.
   *
   * @param path the file's name, for messages
   * @param bytes the file as it is stored; read to its end, and not closed
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when the columns are not those of
   *     the contract, UNREADABLE_FILE when the file is empty or broken
   */
  Lines open(String path, InputStream bytes);

  /** Its files where they say their columns' types themselves; empty for a format of text. */
  default Optional<TypedFiles> typed() {
    return Optional.empty();
  }

  /** What knows the ends of a plain file's records; empty for a format that is read as a whole. */
  default Optional<RecordScan> scan() {
    return Optional.empty();
  }
}
