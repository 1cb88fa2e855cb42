package io.tributary.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Text decoded from bytes, in which each byte that is no text stands as the lone surrogate {@code
 * U+DC00 + byte}, so that it spoils only its own cell and can be told again.
 */
public final class EscapingReader extends Reader {
  private static final char FIRST = '\udc00';

  private final InputStream in;
  private final CharsetDecoder decoder;
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
  private boolean ended;
  private int second = -1;

  EscapingReader(InputStream in, Charset charset) {
    this.in = in;
    this.decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    bytes.flip();
  }

  /** The first byte that is no text; -1 where all is. */
  public static int firstEscaped(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isHighSurrogate(c)) {
          i++;
        } else {
          return c - FIRST;
        }
      }
    }
    return -1;
  }

  /** The text with such bytes as {@code \xE9}. */
  public static String printable(String text) {
    if (firstEscaped(text) < 0) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)) {
        printable.append(c).append(text.charAt(++i));
      } else if (Character.isLowSurrogate(c)) {
        printable.append("\\x%02X".formatted(c - FIRST));
      } else {
        printable.append(c);
      }
    }
    return printable.toString();
  }

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (second >= 0) {
      buffer[offset] = (char) second;
      second = -1;
      return 1;
    }
    CharBuffer chars = CharBuffer.wrap(buffer, offset, length);
    while (true) {
      CoderResult result = decoder.decode(bytes, chars, ended);
      if (result.isError()) {
        int bad = result.length();
        if (chars.remaining() < bad) {
          return chars.position() - offset == 0 ? one(buffer, offset) : chars.position() - offset;
        }
        for (int i = 0; i < bad; i++) {
          chars.put((char) (FIRST + (bytes.get() & 0xff)));
        }
        continue;
      }
      if (chars.position() > offset) {
        return chars.position() - offset;
      }
      if (result.isOverflow()) {
        return half(buffer, offset);
      }
      if (ended) {
        return -1;
      }
      bytes.compact();
      int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
      if (n < 0) {
        ended = true;
      } else {
        bytes.position(bytes.position() + n);
      }
      bytes.flip();
    }
  }

  /** The first half of a pair that the buffer is too short for. */
  private int half(char[] buffer, int offset) {
    CharBuffer pair = CharBuffer.allocate(2);
    decoder.decode(bytes, pair, ended);
    buffer[offset] = pair.get(0);
    second = pair.get(1);
    return 1;
  }

  /** One byte of a broken sequence that the buffer is too short for; the rest is broken again. */
  private int one(char[] buffer, int offset) {
    buffer[offset] = (char) (FIRST + (bytes.get() & 0xff));
    return 1;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
