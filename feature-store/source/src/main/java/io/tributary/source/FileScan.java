package io.tributary.source;

import io.tributary.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * What one pass over a file's bytes shows: its digest, and parts of about equal size that begin and
 * end with a record.
 *
 * @param parts none of a file that is read by one task
 */
public record FileScan(Digest digest, List<FilePart> parts) {
  /** Bytes that a part has at least: some seconds of work for a core. */
  static final int PART = 32 << 20;

  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final int LONGEST_HEAD = 1 << 20;

  /**
   * Reads a file to its end.
   *
   * @param bytes about how many it has
   * @param records what knows the ends of its records; empty = it is read by one task
   */
  public static FileScan of(InputStream in, long bytes, Supplier<Optional<RecordScan>> records)
      throws IOException {
    return of(in, bytes < 2L * PART ? Optional.empty() : records.get(), PART);
  }

  static FileScan of(InputStream in, Optional<RecordScan> records, int partBytes)
      throws IOException {
    MessageDigest digest = Digest.sha256();
    byte[] buffer = new byte[1 << 18];
    int n = in.readNBytes(buffer, 0, buffer.length);
    boolean gzip = n > 1 && (buffer[0] & 0xff) == 0x1f && (buffer[1] & 0xff) == 0x8b;
    Divided divided = records.filter(r -> !gzip).map(r -> new Divided(r, partBytes)).orElse(null);
    while (n > 0) {
      digest.update(buffer, 0, n);
      if (divided != null) {
        divided.take(buffer, n);
      }
      n = in.readNBytes(buffer, 0, buffer.length);
    }
    return new FileScan(
        new Digest(HexFormat.of().formatHex(digest.digest())),
        divided == null ? List.of() : divided.parts());
  }

  /** Cuts a file behind the first record that ends once a part is large enough. */
  private static final class Divided {
    private final RecordScan records;
    private final int partBytes;
    private final List<FilePart> parts = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();
    private byte[] head;
    private long headLines;
    private boolean headEnded;
    private boolean headHasText;
    private boolean headTooLong;
    private long begin;
    private long at;
    private long lines;
    private long linesBefore;

    Divided(RecordScan records, int partBytes) {
      this.records = records;
      this.partBytes = partBytes;
      this.headEnded = !records.hasHeader();
      // A mark of its own, so that what a part begins with is never taken for one.
      this.head = headEnded ? MARK.clone() : new byte[0];
    }

    void take(byte[] bytes, int n) {
      int from = at == 0 ? afterMark(bytes, n) : 0;
      if (from > 0) {
        head = MARK.clone();
        checksum.update(bytes, 0, from);
        at += from;
      }
      while (from < n) {
        long wanted = headEnded ? begin + partBytes - at : 0;
        int end = records.end(bytes, from, n, (int) Math.min(n + 1L, from + Math.max(0, wanted)));
        int to = end < 0 ? n : end;
        checksum.update(bytes, from, to - from);
        for (int i = from; i < to; i++) {
          lines += bytes[i] == '\n' ? 1 : 0;
        }
        at += to - from;
        if (!headEnded) {
          extendHead(bytes, from, to - from, end >= 0);
        }
        from = to;
        if (end >= 0 && headEnded && at - begin >= partBytes) {
          cut();
        }
      }
    }

    private static int afterMark(byte[] bytes, int n) {
      return n >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length)
          ? MARK.length
          : 0;
    }

    /** The head ends with the first record that is no blank line. */
    private void extendHead(byte[] bytes, int from, int taken, boolean ends) {
      if (head.length + taken > LONGEST_HEAD) {
        headTooLong = true;
        headEnded = true;
        return;
      }
      int before = head.length;
      head = Arrays.copyOf(head, before + taken);
      System.arraycopy(bytes, from, head, before, taken);
      for (int i = from; i < from + taken; i++) {
        headHasText |= bytes[i] != '\r' && bytes[i] != '\n';
      }
      headEnded = ends && headHasText;
      headLines = lines;
    }

    private void cut() {
      boolean first = parts.isEmpty();
      parts.add(
          new FilePart(
              begin,
              at - begin,
              first ? new byte[0] : head,
              first ? 0 : linesBefore - headLines,
              checksum.getValue()));
      checksum.reset();
      begin = at;
      linesBefore = lines;
    }

    List<FilePart> parts() {
      if (at > begin) {
        cut();
      }
      return parts.size() < 2 || headTooLong ? List.of() : List.copyOf(parts);
    }
  }
}
