package io.tributary.rows.local;

import io.netty.util.internal.PlatformDependent;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.PackedRows;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.array.LongArray;
import org.apache.spark.unsafe.memory.MemoryBlock;
import org.apache.spark.util.collection.unsafe.sort.RadixSort;

/** Rows brought together by their hash, once, however often they are read. */
final class Exchange {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Words that the sorting of one row takes: its place and hash, twice. */
  private static final int WORDS = 4;

  /** Bytes of the heap for the sorting of a bucket. */
  private static final int SORTED_ON_HEAP = 32 << 20;

  private final int fields;
  private final int hash;
  private final int buckets;
  private final int shift;
  private final Scratch scratch;

  /** Null once they have been brought together. */
  private LocalPartitions rows;

  private Pages[] pages = {};

  /** What the last try to bring them together ended with; null where there was none. */
  private volatile Throwable failure;

  Exchange(LocalPartitions rows, int fields, int hash, int buckets, Scratch scratch) {
    if (Integer.bitCount(buckets) != 1) {
      throw new IllegalArgumentException(buckets + " is no power of two");
    }
    this.rows = rows;
    this.fields = fields;
    this.hash = hash;
    this.buckets = buckets;
    this.shift = Long.SIZE - Integer.numberOfTrailingZeros(buckets);
    this.scratch = scratch;
  }

  /**
   * Reads the rows and brings them together, if that has not been done. Where it fails, so it does
   * for all that waited for it.
   */
  void fill(LocalRunner runner) {
    Throwable before = failure;
    synchronized (this) {
      if (failure != before) {
        throw LocalRunner.unchecked(failure);
      }
      if (rows != null) {
        fillNow(runner);
      }
    }
  }

  private void fillNow(LocalRunner runner) {
    Pages[] filled = new Pages[runner.threads()];
    for (int t = 0; t < filled.length; t++) {
      filled[t] = new Pages(buckets, filled.length, scratch);
    }
    LocalPartitions from = rows;
    try {
      from.run(
          task -> {
            fill(filled[task.thread()], from.of().rows(task, task.partition()));
            return null;
          });
      for (Pages each : filled) {
        each.seal();
      }
    } catch (Throwable e) {
      failure = e;
      close(filled, scratch);
      throw e;
    }
    CLEANER.register(this, closing(filled, scratch));
    pages = filled;
    rows = null;
  }

  /** Does not keep the exchange. */
  private static Runnable closing(Pages[] filled, Scratch scratch) {
    return () -> close(filled, scratch);
  }

  private static void close(Pages[] filled, Scratch scratch) {
    for (Pages each : filled) {
      scratch.release(each.held());
      each.close();
    }
  }

  private void fill(Pages pages, Iterator<InternalRow> rows) {
    Room room = new Room(pages);
    while (true) {
      if (rows instanceof PackedRows packed && packed.pack(room)) {
        continue;
      }
      if (!rows.hasNext()) {
        return;
      }
      UnsafeRow row = (UnsafeRow) rows.next();
      pages.add(bucket(row.getLong(hash)), row);
    }
  }

  private int bucket(long hash) {
    // One bucket alone has no bits of the hash to go by.
    return buckets == 1 ? 0 : (int) (hash >>> shift);
  }

  private final class Room implements PackedRows.Room {
    private final Pages pages;
    private int[] in = {};
    private Object[] bases = {};
    private long[] offsets = {};

    Room(Pages pages) {
      this.pages = pages;
    }

    @Override
    public void take(int rows, long[] hashes, int[] sizes) {
      if (in.length < rows) {
        in = new int[rows];
        bases = new Object[rows];
        offsets = new long[rows];
      }
      for (int i = 0; i < rows; i++) {
        in[i] = bucket(hashes[i]);
      }
      pages.add(rows, in, sizes, offsets);
    }

    @Override
    public Object[] bases() {
      return bases;
    }

    @Override
    public long[] offsets() {
      return offsets;
    }
  }

  /** The rows of a bucket, sorted by their hash; those of one hash in any order. */
  Iterator<InternalRow> sorted(LocalTask task, int bucket) {
    long count = 0;
    long spilled = 0;
    for (Pages each : pages) {
      count += each.rows(bucket);
      spilled += each.spilled(bucket);
    }
    // What is mapped stays in memory as long as the file does; what is read, as long as the task.
    Optional<ByteBuffer> room =
        spilled <= Math.min(Integer.MAX_VALUE, scratch.bytes() / (4L * pages.length))
            ? Optional.of(task.memory((int) spilled))
            : Optional.empty();
    Bucket of = new Bucket(index(task, count));
    for (Pages each : pages) {
      each.read(bucket, room, of::add);
    }
    return of.sorted();
  }

  private static LongArray index(LocalTask task, long rows) {
    long words = WORDS * rows + WORDS;
    if (8 * words <= SORTED_ON_HEAP) {
      return new LongArray(MemoryBlock.fromLongArray(new long[(int) words]));
    }
    if (8 * words > Integer.MAX_VALUE) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot bring %,d rows together in this process: that is more than it can sort at once. Say --runner spark."
              .formatted(rows));
    }
    int bytes = (int) (8 * words);
    return new LongArray(
        new MemoryBlock(null, PlatformDependent.directBufferAddress(task.map(bytes)), bytes));
  }

  /** Keeps its exchange, in whose memory its rows lie. */
  private final class Bucket {
    /** Of each row its address and its hash. */
    private final LongArray index;

    private int rows;

    Bucket(LongArray index) {
      this.index = index;
    }

    void add(long from, long to) {
      long hashAt = 8 + UnsafeRow.calculateBitSetWidthInBytes(fields) + 8L * hash;
      for (long at = from; at < to; at += 8 + Platform.getLong(null, at)) {
        index.set(2 * rows, at);
        index.set(2 * rows + 1, Platform.getLong(null, at + hashAt));
        rows++;
      }
    }

    Iterator<InternalRow> sorted() {
      int start = rows == 0 ? 0 : RadixSort.sortKeyPrefixArray(index, 0, rows, 0, 7, false, true);
      UnsafeRow row = new UnsafeRow(fields);
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < rows;
        }

        @Override
        public InternalRow next() {
          if (next == rows) {
            throw new NoSuchElementException();
          }
          long at = index.get(start + 2 * next++);
          row.pointTo(null, at + 8, (int) Platform.getLong(null, at));
          return row;
        }
      };
    }
  }
}
