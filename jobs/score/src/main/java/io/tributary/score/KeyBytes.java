package io.tributary.score;

import io.tributary.core.Digest;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Bytes that are put together for a SHA-256, row after row in one array. Not thread-safe. */
final class KeyBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest sha = Digest.sha256();
  private final byte[] digest = new byte[32];
  private byte[] bytes = new byte[1_024];
  private int length;

  /** Begins anew. */
  KeyBytes clear() {
    length = 0;
    return this;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), 2 * bytes.length));
    }
  }

  KeyBytes write(int one) {
    room(1);
    bytes[length++] = (byte) one;
    return this;
  }

  KeyBytes write(byte[] all) {
    return write(all, 0, all.length);
  }

  private KeyBytes write(byte[] from, int at, int count) {
    room(count);
    System.arraycopy(from, at, bytes, length, count);
    length += count;
    return this;
  }

  /** 8 bytes, the highest first. */
  KeyBytes write(long value) {
    room(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** The digits of a whole number. */
  private KeyBytes digits(long value) {
    if (value < 0) {
      return write(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
    int count = 1;
    for (long rest = value; rest > 9; rest /= 10) {
      count++;
    }
    room(count);
    long rest = value;
    for (int i = length + count - 1; i >= length; i--, rest /= 10) {
      bytes[i] = (byte) ('0' + rest % 10);
    }
    length += count;
    return this;
  }

  /** A text, or a binary, as {@code LENGTH:BYTES,}. */
  KeyBytes text(byte[] utf8) {
    return text(utf8, 0, utf8.length);
  }

  KeyBytes text(String value) {
    return text(value.getBytes(StandardCharsets.UTF_8));
  }

  /** The same of a text in Spark's form, byte by byte, whether they are UTF-8 or not. */
  KeyBytes text(UTF8String value) {
    if (!(value.getBaseObject() instanceof byte[] base)) {
      return text(value.getBytes());
    }
    return text(
        base,
        Math.toIntExact(value.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET),
        value.numBytes());
  }

  private KeyBytes text(byte[] from, int at, int count) {
    return digits(count).write(':').write(from, at, count).write(',');
  }

  /** A whole number in decimal notation as {@code LENGTH:NUMBER,}. */
  KeyBytes number(long value) {
    int count = value < 0 ? 1 : 0;
    long rest = value;
    do {
      count++;
      rest /= 10;
    } while (rest != 0);
    return digits(count).write(':').digits(value).write(',');
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** The 32 bytes of the SHA-256; the same array each time. */
  byte[] digest() {
    try {
      sha.update(bytes, 0, length);
      sha.digest(digest, 0, digest.length);
      return digest;
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the first bytes in hexadecimal to {@code to} from {@code at} on. */
  static void hex(byte[] from, int count, byte[] to, int at) {
    for (int i = 0; i < count; i++) {
      to[at + 2 * i] = HEX[from[i] >> 4 & 15];
      to[at + 2 * i + 1] = HEX[from[i] & 15];
    }
  }
}
