package io.tributary.source;

/**
 * Follows the bytes of a plain file, all of them in order and without byte order mark, and knows
 * where its records end. For one thread.
 */
public interface RecordScan {
  /**
   * Takes bytes up to and with one that ends a record.
   *
   * @param atLeast ends before this index do not count
   * @return the index behind it; -1 when all bytes are taken and none ends a record
   */
  int end(byte[] bytes, int from, int to, int atLeast);

  /**
   * Whether the file's first record names its columns, so that whoever reads a part needs it too.
   */
  boolean hasHeader();
}
