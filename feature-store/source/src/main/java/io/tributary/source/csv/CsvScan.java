package io.tributary.source.csv;

import io.tributary.source.RecordScan;
import java.nio.charset.Charset;
import java.util.Optional;

/**
 * Follows a CSV file's quotes as {@link io.tributary.text.CsvTokens} does, over bytes: in an
 * encoding in which those of ASCII stand for nothing else.
 */
final class CsvScan implements RecordScan {
  private static final int CELL = 0;
  private static final int PLAIN = 1;
  private static final int QUOTED = 2;

  /** Behind a character that escapes, if what follows can be escaped. */
  private static final int ESCAPE = 3;

  /** Behind a quote that closes a cell, if nothing but blanks stands before the cell's end. */
  private static final int CLOSED = 4;

  private final byte delimiter;
  private final byte quote;
  private final byte escape;
  private final boolean header;
  private int state = CELL;

  private CsvScan(CsvFormat format) {
    this.delimiter = (byte) format.delimiter();
    this.quote = (byte) format.quote();
    this.escape = (byte) format.escape();
    this.header = format.header();
  }

  static Optional<RecordScan> of(CsvFormat format) {
    String name = Charset.forName(format.encoding()).name();
    boolean ascii =
        name.equals("UTF-8")
            || name.equals("US-ASCII")
            || name.startsWith("ISO-8859-")
            || name.startsWith("windows-125");
    boolean plain = format.delimiter() != ' ';
    for (char c : new char[] {format.delimiter(), format.quote(), format.escape()}) {
      plain &= c < 0x80;
    }
    return ascii && plain ? Optional.of(new CsvScan(format)) : Optional.empty();
  }

  @Override
  public boolean hasHeader() {
    return header;
  }

  @Override
  public int end(byte[] bytes, int from, int to, int atLeast) {
    return (state == CELL || state == PLAIN) && hasNoQuote(bytes, from, to)
        ? plainEnd(bytes, from, to, atLeast)
        : anyEnd(bytes, from, to, atLeast);
  }

  private boolean hasNoQuote(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == quote) {
        return false;
      }
    }
    return true;
  }

  /** Where no cell is quoted each line ends a record. */
  private int plainEnd(byte[] bytes, int from, int to, int atLeast) {
    for (int i = Math.max(from, atLeast - 1); i < to; i++) {
      if (bytes[i] == '\n') {
        state = CELL;
        return i + 1;
      }
    }
    if (to > from) {
      state = bytes[to - 1] == '\n' || bytes[to - 1] == delimiter ? CELL : PLAIN;
    }
    return -1;
  }

  private int anyEnd(byte[] bytes, int from, int to, int atLeast) {
    int at = state;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (at == QUOTED) {
        at = b == escape ? ESCAPE : b == quote ? CLOSED : QUOTED;
        continue;
      }
      if (at == ESCAPE) {
        if (b == quote || escape != quote) {
          at = QUOTED;
          continue;
        }
        at = CLOSED;
      }
      if (b == '\n') {
        at = CELL;
        if (i + 1 >= atLeast) {
          state = at;
          return i + 1;
        }
        continue;
      }
      if (at == CLOSED) {
        at = b == ' ' ? CLOSED : b == delimiter ? CELL : PLAIN;
      } else if (b == delimiter) {
        at = CELL;
      } else if (at == CELL) {
        at = b == quote ? QUOTED : PLAIN;
      }
    }
    state = at;
    return -1;
  }
}
