package io.tributary.offline.internal.sweep;

import io.tributary.offline.internal.keys.Bytes;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/**
 * One of the {@link EventRows}, written and read in place: a word of flags for what follows, the
 * event time, known time and end where they are not the usual ones, key, what orders it among
 * others, the evaluated arguments.
 */
final class EventRow {
  private static final long KNOWN = 1;
  private static final long UNTIL = 2;
  private static final long AMBIGUOUS = 4;
  private static final long ORDER = 8;
  private static final int VIEW_SHIFT = 8;
  private static final int VIEW_MASK = 0xFFFFFF;
  private static final int KEY_SHIFT = 32;
  private static final byte[] NONE = {};

  private Object base;
  private long head;
  private long event;
  private long known;
  private long until;
  private long key;
  private int keySize;
  private long order;
  private int orderSize;
  private int tieSize;
  private long arguments;
  private int argumentsSize;

  /**
   * Writes an event behind its hash.
   *
   * @param order bytes that order it among others, of which {@code orderSize} count
   * @param tieSize how many of them are of declared tie-break columns
   */
  static void write(
      RowBuffer out,
      int view,
      UnsafeRow key,
      long event,
      long known,
      long until,
      boolean ambiguous,
      byte[] order,
      int orderSize,
      int tieSize,
      UnsafeRow arguments) {
    boolean hasKnown = known != event;
    boolean hasUntil = until != Long.MAX_VALUE;
    out.word(
        (hasKnown ? KNOWN : 0)
            | (hasUntil ? UNTIL : 0)
            | (ambiguous ? AMBIGUOUS : 0)
            | (orderSize > 0 ? ORDER : 0)
            | (long) view << VIEW_SHIFT
            | (long) key.getSizeInBytes() << KEY_SHIFT);
    out.word(event);
    if (hasKnown) {
      out.word(known);
    }
    if (hasUntil) {
      out.word(until);
    }
    out.row(key);
    if (orderSize > 0) {
      out.word((long) tieSize << 32 | orderSize);
      out.bytes(order, orderSize);
    }
    out.row(arguments);
  }

  /**
   * Writes the beginning of an event without end and order where it lies, up to its key.
   *
   * @return how many bytes
   */
  static int begin(
      Object base, long at, int view, int keySize, long event, long known, boolean hasKnown) {
    Platform.putLong(
        base, at, (hasKnown ? KNOWN : 0) | (long) view << VIEW_SHIFT | (long) keySize << KEY_SHIFT);
    Platform.putLong(base, at + 8, event);
    if (hasKnown) {
      Platform.putLong(base, at + 16, known);
    }
    return bytesBeforeKey(hasKnown);
  }

  static int bytesBeforeKey(boolean hasKnown) {
    return hasKnown ? 24 : 16;
  }

  /** Reads a row of {@link RowBuffer}; what was read before is gone. */
  void point(UnsafeRow row) {
    base = row.getBaseObject();
    long at = Bytes.offset(row, RowBuffer.BYTES);
    final long end = at + Bytes.size(row, RowBuffer.BYTES);
    head = Platform.getLong(base, at);
    event = Platform.getLong(base, at + 8);
    at += 16;
    known = event;
    if ((head & KNOWN) != 0) {
      known = Platform.getLong(base, at);
      at += 8;
    }
    until = Long.MAX_VALUE;
    if ((head & UNTIL) != 0) {
      until = Platform.getLong(base, at);
      at += 8;
    }
    key = at;
    keySize = (int) (head >>> KEY_SHIFT);
    at += keySize;
    orderSize = 0;
    tieSize = 0;
    if ((head & ORDER) != 0) {
      long sizes = Platform.getLong(base, at);
      tieSize = (int) (sizes >>> 32);
      orderSize = (int) sizes;
      order = at + 8;
      at = order + ((orderSize + 7) & ~7);
    }
    arguments = at;
    argumentsSize = (int) (end - at);
  }

  /** The number of its view among those that travel together. */
  int view() {
    return (int) (head >>> VIEW_SHIFT) & VIEW_MASK;
  }

  long event() {
    return event;
  }

  long known() {
    return known;
  }

  long until() {
    return until;
  }

  boolean isAmbiguous() {
    return (head & AMBIGUOUS) != 0;
  }

  /** Where the bytes of the key are. */
  Object base() {
    return base;
  }

  long keyOffset() {
    return key;
  }

  int keySize() {
    return keySize;
  }

  byte[] order() {
    if (orderSize == 0) {
      return NONE;
    }
    byte[] bytes = new byte[orderSize];
    Platform.copyMemory(base, order, bytes, Platform.BYTE_ARRAY_OFFSET, orderSize);
    return bytes;
  }

  int tieSize() {
    return tieSize;
  }

  /** Where the arguments are. */
  long argumentsOffset() {
    return arguments;
  }

  int argumentsSize() {
    return argumentsSize;
  }

  /** Makes {@code row} the arguments, without copying. */
  void arguments(UnsafeRow row) {
    row.pointTo(base, arguments, argumentsSize);
  }
}
