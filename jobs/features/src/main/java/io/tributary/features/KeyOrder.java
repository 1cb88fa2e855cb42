package io.tributary.features;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.TaskFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
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
 * stay in memory up to a bound and lie in files beyond it, and the parts are merged as they are
 * read. The files have no name, so that a process that ends leaves none.
 */
final class KeyOrder implements AutoCloseable {
  /** What a row costs beside its bytes. */
  private static final int OVERHEAD = 80;

  private static final int BUFFER = 1 << 16;

  private final long bytes;
  private final long bytesOfPart;
  private final Path folder;
  private final List<List<Encoded>> held = new ArrayList<>();
  private final List<FileChannel> files = new ArrayList<>();
  private long heldBytes;

  /** A row of the store. */
  record Encoded(byte[] key, byte[] row) implements Comparable<Encoded> {
    @Override
    public int compareTo(Encoded other) {
      return Arrays.compareUnsigned(key, other.key);
    }
  }

  /**
   * @param bytes that rows may take of the heap
   * @param threads that add rows at once
   * @param folder where the rest goes
   */
  KeyOrder(long bytes, int threads, Path folder) {
    // What is held, and what is being added.
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
      size += row.key.length + row.row.length + OVERHEAD;
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
    FileChannel file = written(sorted);
    synchronized (this) {
      files.add(file);
    }
  }

  private FileChannel written(List<Encoded> sorted) {
    try {
      FileChannel file = TaskFiles.unnamed(folder);
      DataOutputStream to =
          new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file), BUFFER));
      for (Encoded row : sorted) {
        to.writeInt(row.key.length);
        to.writeInt(row.row.length);
        to.write(row.key);
        to.write(row.row);
      }
      to.flush();
      return file;
    } catch (IOException e) {
      throw TaskFiles.noRoom(folder, e);
    }
  }

  /** How many parts lie in files. */
  synchronized int inFiles() {
    return files.size();
  }

  /** All rows, once; after all parts have ended. */
  synchronized Iterator<Encoded> sorted() {
    PriorityQueue<Head> heads = new PriorityQueue<>();
    held.forEach(part -> Head.add(heads, part.iterator()));
    files.forEach(file -> Head.add(heads, read(file)));
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

  private Iterator<Encoded> read(FileChannel file) {
    try {
      long end = file.position();
      file.position(0);
      DataInputStream from =
          new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), BUFFER));
      return new Iterator<>() {
        private long at;

        @Override
        public boolean hasNext() {
          return at < end;
        }

        @Override
        public Encoded next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          try {
            byte[] key = new byte[from.readInt()];
            byte[] row = new byte[from.readInt()];
            from.readFully(key);
            from.readFully(row);
            at += 2L * Integer.BYTES + key.length + row.length;
            return new Encoded(key, row);
          } catch (IOException e) {
            throw unreadable(e);
          }
        }
      };
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private PlatformException unreadable(IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read rows that were kept in %s: %s. Run it again."
            .formatted(folder, e.getMessage()),
        e);
  }

  @Override
  public synchronized void close() {
    for (FileChannel file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
