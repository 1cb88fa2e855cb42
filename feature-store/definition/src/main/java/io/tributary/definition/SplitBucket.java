package io.tributary.definition;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Deals keys into {@link #BUCKETS} buckets, the same in every build, on every machine and with
 * every version of Spark. The bucket of a key is the first 12 hexadecimal digits of a SHA-256 as a
 * number, modulo 10,000. What is hashed is a sequence of <a
 * href="https://cr.yp.to/proto/netstrings.txt">netstrings</a>, {@code LENGTH:BYTES,} each: the
 * salt, then the key's values in the order of {@code by}; {@code -,} stands for null. Bytes of text
 * are UTF-8; whole numbers and decimals are written in decimal without needless zeros ({@code 12},
 * {@code -0.5}), booleans {@code true} and {@code false}, days {@code 2013-01-31}, instants as
 * microseconds since 1970 UTC; binary values are their bytes. Not safe for threads.
 */
public final class SplitBucket {
  public static final int BUCKETS = 10_000;

  private static final byte[] NULL = {'-', ','};

  private final byte[] salt;
  private final MessageDigest sha;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  public SplitBucket(String salt) {
    this.salt = salt.getBytes(StandardCharsets.UTF_8);
    try {
      this.sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    begin();
  }

  private void begin() {
    text.reset();
    append(salt);
  }

  /** Appends a key's next value. */
  public SplitBucket add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  public SplitBucket add(byte[] value) {
    append(value);
    return this;
  }

  public SplitBucket addNull() {
    text.writeBytes(NULL);
    return this;
  }

  private void append(byte[] value) {
    text.writeBytes((value.length + ":").getBytes(StandardCharsets.US_ASCII));
    text.writeBytes(value);
    text.write(',');
  }

  /** The bucket of what was appended since the last one, from 0. */
  public int bucket() {
    String digits = HexFormat.of().formatHex(sha.digest(text.toByteArray()), 0, 6);
    begin();
    return (int) (Long.parseLong(digits, 16) % BUCKETS);
  }
}
