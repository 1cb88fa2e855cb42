package io.tributary.online.redis;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Rows in key order, written by one writer and never changed.
 *
 * @param id in its keys
 * @param buckets hashes that its rows are in
 * @param rows also those that are withdrawn
 * @param bytes of keys and rows
 * @param sha256 of keys and rows in their order, each behind its length
 * @param firstKey the least key, in hexadecimal
 */
record Part(String id, int buckets, long rows, long bytes, Digest sha256, String firstKey) {
  /** A digest that rows are added to. */
  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new PlatformException(
          ErrorCode.BUG, "Cannot compute SHA-256, which each JVM has. Report this as a bug.", e);
    }
  }

  static void add(MessageDigest sha256, byte[] bytes) {
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    sha256.update(bytes);
  }

  static Digest digest(MessageDigest sha256) {
    return new Digest(HexFormat.of().formatHex(sha256.digest()));
  }
}
