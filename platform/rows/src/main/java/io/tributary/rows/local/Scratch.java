package io.tributary.rows.local;

import io.netty.util.internal.PlatformDependent;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.TaskFiles;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.storage.StorageUtils;

/** Where rows lie between steps: so many bytes of memory, and files for the rest. */
final class Scratch implements AutoCloseable {
  private final Path folder;
  private final long bytes;
  private final AtomicLong held = new AtomicLong();

  /** Memory of tasks that have ended: fresh memory costs as much as what is done with it. */
  private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

  private volatile boolean closed;

  Scratch(Path folder, long bytes) {
    this.folder = folder;
    this.bytes = bytes;
  }

  Path folder() {
    return folder;
  }

  /** What rows may take of memory. */
  long bytes() {
    return bytes;
  }

  /** Whether there is room for a page; it counts until it is released. */
  boolean reserve(int page) {
    if (held.addAndGet(page) <= bytes) {
      return true;
    }
    held.addAndGet(-page);
    return false;
  }

  /** Takes a page that there must be, beyond the budget too. */
  void take(int page) {
    held.addAndGet(page);
  }

  void release(long pages) {
    held.addAndGet(-pages);
  }

  /** At least so many bytes beside the heap, with anything in them, until they are given back. */
  ByteBuffer borrow(int bytes) {
    ByteBuffer room = free.poll();
    if (room != null && room.capacity() >= bytes) {
      return room.clear();
    }
    if (room != null) {
      StorageUtils.dispose(room);
    }
    // The next bucket may have a few rows more.
    return ByteBuffer.allocateDirect((int) Math.min(Integer.MAX_VALUE, bytes + bytes / 8L));
  }

  void giveBack(ByteBuffer room) {
    free.add(room);
    if (closed) {
      close();
    }
  }

  /** Gives back what no task has, and from now on what tasks give back. */
  @Override
  public void close() {
    closed = true;
    for (ByteBuffer room = free.poll(); room != null; room = free.poll()) {
      StorageUtils.dispose(room);
    }
  }

  /** A file that pages are written to by one thread, and then read by all. */
  Spill spill() {
    return new Spill(folder);
  }

  /** Bytes of a file that are mapped into memory while this is reachable. */
  record Mapped(MappedByteBuffer bytes, long address) {
    static Mapped of(MappedByteBuffer bytes) {
      return new Mapped(bytes, PlatformDependent.directBufferAddress(bytes));
    }
  }

  static final class Spill implements AutoCloseable {
    /** What is mapped at once; a page lies in one of them. */
    private static final long SEGMENT = 1 << 29;

    private final Path folder;
    private FileChannel channel;
    private long end;

    /** Where each segment begins. */
    private final List<Long> begins = new ArrayList<>();

    private final List<Mapped> segments = new ArrayList<>();

    private Spill(Path folder) {
      this.folder = folder;
    }

    /** Writes a page, and gives where it lies. */
    long write(ByteBuffer page) {
      int length = page.remaining();
      try {
        if (channel == null) {
          channel = TaskFiles.unnamed(folder);
        }
        if (begins.isEmpty() || end + length - begins.get(begins.size() - 1) > SEGMENT) {
          begins.add(end);
        }
        long at = end;
        for (long to = at; page.hasRemaining(); ) {
          to += channel.write(page, to);
        }
        end += length;
        return (begins.size() - 1L) << 32 | (at - begins.get(begins.size() - 1));
      } catch (IOException e) {
        throw TaskFiles.noRoom(folder, e);
      }
    }

    /** Maps what was written; nothing is written any more. */
    void seal() {
      if (channel == null) {
        return;
      }
      try {
        for (int i = 0; i < begins.size(); i++) {
          long until = i + 1 < begins.size() ? begins.get(i + 1) : end;
          segments.add(
              Mapped.of(
                  channel.map(
                      FileChannel.MapMode.READ_ONLY, begins.get(i), until - begins.get(i))));
        }
      } catch (IOException e) {
        throw TaskFiles.noRoom(folder, e);
      }
    }

    /** Reads what was written at a place. */
    void read(long place, ByteBuffer to) {
      long at = begins.get((int) (place >>> 32)) + (place & 0xffffffffL);
      try {
        while (to.hasRemaining()) {
          int n = channel.read(to, at);
          if (n < 0) {
            throw new EOFException("they end at " + at);
          }
          at += n;
        }
      } catch (IOException e) {
        throw new PlatformException(
            ErrorCode.STORAGE,
            "Cannot read rows that were kept in %s: %s. Run it again."
                .formatted(folder, e.getMessage()),
            e);
      }
    }

    /** The address of what was written at a place. */
    long address(long place) {
      return segments.get((int) (place >>> 32)).address() + (place & 0xffffffffL);
    }

    @Override
    public void close() {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
