package io.tributary.text;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.zip.ZipException;

/** A file's bytes as text: unpacked, without byte order mark. */
public final class StoredText {
  private static final int BUFFER = 1 << 16;

  /** More characters than any honest line has. */
  public static final int LONGEST = 1 << 24;

  /** A line longer than {@link #LONGEST}. */
  public static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private StoredText() {}

  /** The text, decoded so that bytes which are none stand in it as {@link EscapingReader} says. */
  public static Reader text(String path, String source, String encoding, InputStream bytes)
      throws IOException {
    PushbackInputStream stored = new PushbackInputStream(new BufferedInputStream(bytes, BUFFER), 4);
    byte[] first = peek(stored, 2);
    boolean gzip = first.length == 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b;
    if (!gzip && path.endsWith(".gz") && first.length > 0) {
      throw new ZipException("Not in GZIP format");
    }
    PushbackInputStream plain =
        gzip ? new PushbackInputStream(new GzipMembers(stored, BUFFER), 4) : stored;
    byte[] mark = peek(plain, 3);
    if (mark.length == 3
        && (mark[0] & 0xff) == 0xef
        && (mark[1] & 0xff) == 0xbb
        && (mark[2] & 0xff) == 0xbf) {
      plain.skipNBytes(3);
    } else if (mark.length >= 2 && isUtf16(mark) && !encoding.startsWith("UTF-16")) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s of source %s: it begins with the byte order mark of UTF-16, not %s. Deliver it as UTF-8, or say encoding: UTF-16."
              .formatted(path, source, encoding));
    }
    return new EscapingReader(plain, Charset.forName(encoding));
  }

  private static boolean isUtf16(byte[] mark) {
    int pair = (mark[0] & 0xff) << 8 | mark[1] & 0xff;
    return pair == 0xfeff || pair == 0xfffe;
  }

  private static byte[] peek(PushbackInputStream in, int count) throws IOException {
    byte[] first = in.readNBytes(count);
    in.unread(first);
    return first;
  }

  /** What is wrong with a file that can't be read on behind a line. */
  public static PlatformException unreadable(
      String path, String source, long line, IOException cause) {
    String why;
    String what = "Deliver it again.";
    if (cause instanceof EOFException) {
      why = "its compressed data ends too early, after line " + line;
      what = "Deliver the whole file.";
    } else if (cause instanceof ZipException) {
      why =
          cause.getMessage().contains("Not in GZIP")
              ? "it is named .gz but not compressed by gzip"
              : "its compressed data is broken (" + cause.getMessage() + ")";
    } else if (cause instanceof TooLong) {
      why = "line " + line + " has more than " + (LONGEST >> 20) + " million characters";
      what =
          "A quote that is never closed, or a missing line end, would explain it. Deliver it corrected.";
    } else {
      why = cause.toString();
    }
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file " + path + " of source " + source + ": " + why + ". " + what,
        cause);
  }
}
