package io.tributary.online;

import java.io.Serializable;
import java.util.Optional;

/** Writes some rows of a publication. Not for several threads. */
public interface PartitionWriter extends AutoCloseable {
  /**
   * Adds a row.
   *
   * @param key as {@link KeyCodec} encodes it; greater, bytewise, than the one before it
   * @param row as {@link RowCodec} encodes it
   */
  void add(byte[] key, byte[] row);

  /** Ends the partition; nothing where no row was added. */
  Optional<WrittenPartition> finish();

  /** Gives up what is not finished. */
  @Override
  void close();

  /** What executors open their writers with. */
  interface Factory extends Serializable {
    PartitionWriter open();
  }
}
