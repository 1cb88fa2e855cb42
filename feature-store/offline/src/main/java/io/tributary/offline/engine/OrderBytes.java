package io.tributary.offline.engine;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Writes values as bytes whose unsigned lexicographic order is the contract's order of values: null
 * lowest, NaN highest, −0.0 below 0.0, text by code point, arrays and structs element by element.
 * Each value delimits itself, so that rows of values compare column by column. Reused from row to
 * row; not safe for threads.
 */
public final class OrderBytes {
  private static final int DECIMAL_BYTES = 17;

  private byte[] bytes = new byte[256];
  private int length;

  public void clear() {
    length = 0;
  }

  public int length() {
    return length;
  }

  /** The bytes themselves, of which {@link #length} count; until the next change. */
  public byte[] array() {
    return bytes;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  public void putNull() {
    put(0);
  }

  public void putBoolean(boolean value) {
    put(1);
    put(value ? 1 : 0);
  }

  public void putLong(long value) {
    put(1);
    big(value ^ Long.MIN_VALUE);
  }

  public void putDouble(double value) {
    put(1);
    long bits = Double.doubleToLongBits(value);
    big(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE);
  }

  /** A decimal's unscaled value; all values of one column have one scale. */
  public void putDecimal(BigInteger unscaled) {
    put(1);
    byte[] magnitude = unscaled.toByteArray();
    ensure(DECIMAL_BYTES);
    byte fill = (byte) (unscaled.signum() < 0 ? 0xff : 0);
    int at = length;
    Arrays.fill(bytes, at, at + DECIMAL_BYTES - magnitude.length, fill);
    System.arraycopy(magnitude, 0, bytes, at + DECIMAL_BYTES - magnitude.length, magnitude.length);
    bytes[at] ^= (byte) 0x80;
    length += DECIMAL_BYTES;
  }

  /** Text as UTF-8, whose unsigned order is that of code points, or binary. */
  public void putBytes(byte[] value) {
    put(1);
    ensure(2 * value.length + 2);
    for (byte b : value) {
      bytes[length++] = b;
      if (b == 0) {
        bytes[length++] = (byte) 0xff;
      }
    }
    bytes[length++] = 0;
    bytes[length++] = 0;
  }

  /**
   * Begins an array or a struct; then {@link #element()} before each element and {@link #end()}.
   */
  public void begin() {
    put(1);
  }

  public void element() {
    put(1);
  }

  public void end() {
    put(0);
  }

  private void big(long value) {
    ensure(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void put(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
