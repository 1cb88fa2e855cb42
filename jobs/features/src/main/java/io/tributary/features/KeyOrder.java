package io.tributary.features;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.TaskFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Brings rows of a store into the order of their keys: what threads add is sorted in parts, which
 * stay in memory up to a bound and lie in a file beyond it, and the parts are merged as they are
 * read. The file has no name, so that a process that ends leaves none.
 */
final class KeyOrder implements AutoCloseable {
  /** What a row costs beside its bytes. */
  private static final int OVERHEAD = 80;

  private static final int LEAST_BUFFER = 1 << 12;
  private static final int BUFFER = 1 << 16;

  private final long bytes;
  private final long bytesOfPart;
  private final Path folder;
  private final List<List<Encoded>> held = new ArrayList<>();
  private final List<Range> spilled = new ArrayList<>();
  private long heldBytes;
  private FileChannel file;
  private long end;

  /** A row of the store. */
  record Encoded(byte[] key, byte[] row) implements Comparable<Encoded> {
    private long length() {
      return 2L * Integer.BYTES + key.length + row.length;
    }

    @Override
    public int compareTo(Encoded other) {
      return Arrays.compareUnsigned(key, other.key);
    }
  }

  /** Where a part lies in the file. */
  private record Range(long from, long to) {}

  /**
   * @param bytes that rows may take of the heap
   * @param threads that add rows at once
   * @param folder where the rest goes
   */
  KeyOrder(long bytes, int threads, Path folder) {
    // What is held, and what is being added; once all is, as much again for reading.
    this.bytes = bytes / 2;
    this.bytesOfPart = bytes / 2 / threads;
    this.folder = folder;
  }

  /** Rows that one thread adds. */
  final class Part {
    private List<Encoded> rows = new ArrayList<>();
    private long size;

    void add(Encoded row) {
      rows.add(row);
      size += row.length() + OVERHEAD;
      if (size > bytesOfPart) {
        end();
      }
    }

    /** Sorts what was added. */
    void end() {
      rows.sort(null);
      keep(rows, size);
      rows = new ArrayList<>();
      size = 0;
    }
  }

  /** Begins another part. */
  Part part() {
    return new Part();
  }

  private void keep(List<Encoded> sorted, long size) {
    synchronized (this) {
      if (heldBytes + size <= bytes) {
        heldBytes += size;
        held.add(sorted);
        return;
      }
    }
    spill(sorted);
  }

  private void spill(List<Encoded> sorted) {
    long length = sorted.stream().mapToLong(Encoded::length).sum();
    try {
      Range range = reserve(length);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      long at = range.from();
      for (Encoded row : sorted) {
        if (buffer.remaining() < row.length()) {
          at = write(buffer, at);
        }
        if (buffer.remaining() < row.length()) {
          buffer = ByteBuffer.allocate(Math.toIntExact(row.length()));
        }
        buffer.putInt(row.key.length).putInt(row.row.length).put(row.key).put(row.row);
      }
      write(buffer, at);
    } catch (IOException e) {
      throw TaskFiles.noRoom(folder, e);
    }
  }

  private synchronized Range reserve(long length) throws IOException {
    if (file == null) {
      file = TaskFiles.unnamed(folder);
    }
    Range range = new Range(end, end + length);
    end += length;
    spilled.add(range);
    return range;
  }

  /** Writes what a buffer has, and gives where that ends. */
  private long write(ByteBuffer buffer, long from) throws IOException {
    long at = from;
    for (buffer.flip(); buffer.hasRemaining(); ) {
      at += file.write(buffer, at);
    }
    buffer.clear();
    return at;
  }

  /** How many parts lie in the file. */
  synchronized int spilled() {
    return spilled.size();
  }

  /** All rows, from the first each time; after all parts have ended. */
  synchronized Iterator<Encoded> sorted() {
    PriorityQueue<Head> heads = new PriorityQueue<>();
    held.forEach(part -> Head.add(heads, part.iterator()));
    int buffer =
        (int) Math.min(BUFFER, Math.max(LEAST_BUFFER, bytes / Math.max(1, spilled.size())));
    spilled.forEach(range -> Head.add(heads, read(range, buffer)));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !heads.isEmpty();
      }

      @Override
      public Encoded next() {
        Head least = heads.remove();
        Head.add(heads, least.rest);
        return least.row;
      }
    };
  }

  /** The next row of a part, and those after it. */
  private record Head(Encoded row, Iterator<Encoded> rest) implements Comparable<Head> {
    static void add(PriorityQueue<Head> heads, Iterator<Encoded> rows) {
      if (rows.hasNext()) {
        heads.add(new Head(rows.next(), rows));
      }
    }

    @Override
    public int compareTo(Head other) {
      return row.compareTo(other.row);
    }
  }

  /** What lies in a range of the file. */
  private final class RangeStream extends InputStream {
    private final long to;
    private long at;

    RangeStream(Range range) {
      this.at = range.from();
      this.to = range.to();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int most = (int) Math.min(length, to - at);
      int n = most == 0 ? -1 : file.read(ByteBuffer.wrap(into, offset, most), at);
      at += Math.max(0, n);
      return n;
    }
  }

  private Iterator<Encoded> read(Range range, int buffer) {
    DataInputStream from =
        new DataInputStream(new BufferedInputStream(new RangeStream(range), buffer));
    return new Iterator<>() {
      private long at = range.from();

      @Override
      public boolean hasNext() {
        return at < range.to();
      }

      @Override
      public Encoded next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          int key = from.readInt();
          int row = from.readInt();
          Encoded next = new Encoded(from.readNBytes(key), from.readNBytes(row));
          at += next.length();
          return next;
        } catch (IOException e) {
          throw new PlatformException(
              ErrorCode.STORAGE,
              "Cannot read rows that were kept in %s: %s. Run it again."
                  .formatted(folder, e.getMessage()),
              e);
        }
      }
    };
  }

  @Override
  public synchronized void close() {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
