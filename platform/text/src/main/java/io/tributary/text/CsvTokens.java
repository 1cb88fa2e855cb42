package io.tributary.text;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.Arrays;

/**
 * Cuts text into the records and cells of RFC 4180, and keeps what a parser for well-formed files
 * drops: whether a cell was quoted, what stands behind a closing quote, a record's own text and the
 * line it begins in. Lines end in LF or CRLF, one file may mix them; blank lines are no records.
 */
public final class CsvTokens {
  /** A quote that is opened in a line and never closed. */
  public static final class UnclosedQuote extends Exception {
    private static final long serialVersionUID = 1L;
    public final String cell;

    UnclosedQuote(String cell) {
      super(cell, null, false, false);
      this.cell = cell;
    }
  }

  private static final int EOF = -1;

  private final Reader text;
  private final char delimiter;
  private final char quote;
  private final char escape;

  private char[] buffer = new char[1 << 16];
  private int base;
  private int limit;
  private boolean ended;

  private long line = 1;
  private long number;
  private int length;
  private int cells;
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private byte[] kinds = new byte[64];

  private static final byte PLAIN = 0;
  private static final byte QUOTED = 1;
  private static final byte ESCAPED = 2;
  private static final byte BROKEN = 3;

  public CsvTokens(Reader text, char delimiter, char quote, char escape) {
    this.text = text;
    this.delimiter = delimiter;
    this.quote = quote;
    this.escape = escape;
  }

  /** Moves to the next record; false at the end. */
  public boolean next() throws IOException, UnclosedQuote {
    base += length;
    length = 0;
    cells = 0;
    skipBlankLines();
    number = line;
    if (at(0) == EOF) {
      return false;
    }
    int p = 0;
    while (true) {
      p = at(p) == quote ? quoted(p) : plain(p, p, PLAIN);
      int c = at(p);
      if (c == delimiter) {
        p++;
        continue;
      }
      if (c == '\n') {
        line++;
        p++;
      }
      length = p;
      return true;
    }
  }

  /** The line that the record begins in, from 1. */
  public long number() {
    return number;
  }

  /** How many cells the record has. */
  public int size() {
    return cells;
  }

  public boolean isQuoted(int cell) {
    return kinds[cell] != PLAIN;
  }

  /** Whether there is text behind the cell's closing quote. */
  public boolean isBroken(int cell) {
    return kinds[cell] == BROKEN;
  }

  public boolean isEmpty(int cell) {
    return starts[cell] == ends[cell];
  }

  /** A cell's text: between its quotes, escapes undone; of a broken one as it stands. */
  public String text(int cell) {
    int from = base + starts[cell];
    int to = base + ends[cell];
    if (kinds[cell] != ESCAPED) {
      return new String(buffer, from, to - from);
    }
    StringBuilder unescaped = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      char c = buffer[i];
      if (c == escape && i + 1 < to && escapes(buffer[i + 1])) {
        i++;
        c = buffer[i];
      }
      unescaped.append(c);
    }
    return unescaped.toString();
  }

  /** The record as it stands, without its line end. */
  public String raw() {
    int end = length;
    if (end > 0 && buffer[base + end - 1] == '\n') {
      end--;
    }
    if (end > 0 && buffer[base + end - 1] == '\r') {
      end--;
    }
    return new String(buffer, base, end);
  }

  /** Copies what stands behind the record. */
  public void copyRest(Writer out) throws IOException {
    out.write(buffer, base + length, limit - base - length);
    text.transferTo(out);
  }

  private void skipBlankLines() throws IOException {
    while (true) {
      int c = at(0);
      if (c == '\n') {
        base++;
      } else if (c == '\r' && (at(1) == '\n' || at(1) == EOF)) {
        base += at(1) == '\n' ? 2 : 1;
      } else {
        return;
      }
      line++;
    }
  }

  /** An unquoted cell, or what is behind a broken one's quote, up to its end. */
  private int plain(int start, int from, byte kind) throws IOException {
    int p = from;
    while (true) {
      for (int i = base + p; i < limit; i++) {
        char c = buffer[i];
        if (c == delimiter || c == '\n') {
          p = i - base;
          int end = c == '\n' && p > start && buffer[i - 1] == '\r' ? p - 1 : p;
          cell(start, end, kind);
          return p;
        }
      }
      p = limit - base;
      if (at(p) == EOF) {
        int end = p > start && buffer[base + p - 1] == '\r' ? p - 1 : p;
        cell(start, end, kind);
        return p;
      }
    }
  }

  private int quoted(int start) throws IOException, UnclosedQuote {
    byte kind = QUOTED;
    int p = start + 1;
    while (true) {
      int c = at(p);
      if (c == EOF) {
        throw new UnclosedQuote(new String(buffer, base + start, p - start));
      }
      if (c == escape && escapes(at(p + 1))) {
        kind = ESCAPED;
        if (at(p + 1) == '\n') {
          line++;
        }
        p += 2;
      } else if (c == quote) {
        int after = p + 1;
        while (at(after) == ' ') {
          after++;
        }
        int next = at(after);
        if (next == '\r' && (at(after + 1) == '\n' || at(after + 1) == EOF)) {
          after++;
          next = at(after);
        }
        if (next == delimiter || next == '\n' || next == EOF) {
          cell(start + 1, p, kind);
          return after;
        }
        return plain(start, p + 1, BROKEN);
      } else {
        if (c == '\n') {
          line++;
        }
        p++;
      }
    }
  }

  private boolean escapes(int next) {
    return next == quote || (escape != quote && next == escape);
  }

  private void cell(int start, int end, byte kind) {
    if (cells == starts.length) {
      starts = Arrays.copyOf(starts, 2 * cells);
      ends = Arrays.copyOf(ends, 2 * cells);
      kinds = Arrays.copyOf(kinds, 2 * cells);
    }
    starts[cells] = start;
    ends[cells] = end;
    kinds[cells] = kind;
    cells++;
  }

  /** The character at a place of the record. */
  private int at(int place) throws IOException {
    while (base + place >= limit) {
      if (ended) {
        return EOF;
      }
      fill();
    }
    return buffer[base + place];
  }

  private void fill() throws IOException {
    if (base > 0) {
      System.arraycopy(buffer, base, buffer, 0, limit - base);
      limit -= base;
      base = 0;
    }
    if (limit == buffer.length) {
      if (limit >= StoredText.LONGEST) {
        throw new StoredText.TooLong();
      }
      buffer = Arrays.copyOf(buffer, 2 * limit);
    }
    int n = text.read(buffer, limit, buffer.length - limit);
    if (n < 0) {
      ended = true;
    } else {
      limit += n;
    }
  }
}
