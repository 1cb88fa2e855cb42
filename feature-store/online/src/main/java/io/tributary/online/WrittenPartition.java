package io.tributary.online;

import java.util.Optional;

/**
 * Rows that were written and are not published yet.
 *
 * @param rows that were added
 * @param written those that had to be written, and those that say that a former one is withdrawn
 * @param bytes that they take
 * @param firstKey the least key that was added, in hexadecimal
 * @param lastKey the greatest key that was added, in hexadecimal
 * @param receipt by which the store that wrote them finds them; none where nothing had to be
 *     written
 */
public record WrittenPartition(
    long rows,
    long written,
    long bytes,
    String firstKey,
    String lastKey,
    Optional<String> receipt) {
  /** The same where each row only says that a former one is withdrawn. */
  WrittenPartition ofWithdrawn() {
    return new WrittenPartition(0, written, bytes, firstKey, lastKey, receipt);
  }
}
