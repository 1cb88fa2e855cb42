package io.tributary.ingest.csv;

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
final class CsvBytes {
  private static final int BUFFER = 1 << 16;

  private CsvBytes() {}

  static Reader text(String path, String source, CsvFormat format, InputStream bytes)
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
    } else if (mark.length >= 2 && isUtf16(mark) && !format.encoding().startsWith("UTF-16")) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file "
              + path
              + " of source "
              + source
              + ": it begins with the byte order mark of UTF-16, not "
              + format.encoding()
              + ". Deliver it as UTF-8, or say encoding: UTF-16.");
    }
    return new EscapingReader(plain, Charset.forName(format.encoding()));
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

  static PlatformException unreadable(String path, String source, long line, IOException cause) {
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
    } else if (cause instanceof CsvTokens.TooLong) {
      why = "line " + line + " has more than " + (CsvTokens.LONGEST >> 20) + " million characters";
      what = "A quote that is never closed would explain it. Deliver it corrected.";
    } else {
      why = cause.toString();
    }
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file " + path + " of source " + source + ": " + why + ". " + what,
        cause);
  }
}
