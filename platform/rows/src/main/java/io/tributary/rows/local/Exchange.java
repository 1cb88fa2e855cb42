package io.tributary.rows.local;

import io.netty.util.internal.PlatformDependent;
import io.tributary.rows.HeldRows;
import io.tributary.rows.PackedRows;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongConsumer;
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

  /** As many rows of a bucket as an array of 2 GiB has the words for. */
  static final int SORTED_AT_ONCE = Integer.MAX_VALUE / 8 / WORDS - 1;

  /** Bytes of the heap for the sorting of a bucket. */
  private static final int SORTED_ON_HEAP = 32 << 20;

  private final int fields;
  private final int hash;
  private final int buckets;
  private final int shift;
  private final int sortedAtOnce;
  private final Scratch scratch;

  /** Null once they have been brought together. */
  private LocalPartitions rows;

  private Pages[] pages = {};

  /** What the last try to bring them together ended with; null where there was none. */
  private volatile Throwable failure;

  Exchange(
      LocalPartitions rows, int fields, int hash, int buckets, int sortedAtOnce, Scratch scratch) {
    if (Integer.bitCount(buckets) != 1) {
      throw new IllegalArgumentException(buckets + " is no power of two");
    }
    this.rows = rows;
    this.fields = fields;
    this.hash = hash;
    this.buckets = buckets;
    this.shift = Long.SIZE - Integer.numberOfTrailingZeros(buckets);
    this.sortedAtOnce = sortedAtOnce;
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
  HeldRows sorted(LocalTask task, int bucket) {
    long count = 0;
    long spilled = 0;
    for (Pages each : pages) {
      count += each.rows(bucket);
      spilled += each.spilled(bucket);
    }
    // What is mapped stays in memory as long as the file does; what is read, as long as the task.
    Optional<ByteBuffer> room =
        spilled > 0 && spilled <= most()
            ? Optional.of(task.memory((int) spilled))
            : Optional.empty();
    Bucket of = new Bucket(count);
    for (Pages each : pages) {
      each.read(bucket, room, of::add);
    }
    return spilled + of.bytes <= most() && count <= sortedAtOnce
        ? of.grouped(task)
        : of.sorted(task);
  }

  /** Bytes of memory that a task may take for the rows of a bucket. */
  private long most() {
    return Math.min(Integer.MAX_VALUE, scratch.bytes() / (4L * pages.length));
  }

  private static LongArray index(LocalTask task, long rows) {
    long words = WORDS * rows + WORDS;
    if (8 * words <= SORTED_ON_HEAP) {
      return new LongArray(MemoryBlock.fromLongArray(new long[(int) words]));
    }
    int bytes = Math.toIntExact(8 * words);
    return new LongArray(
        new MemoryBlock(null, PlatformDependent.directBufferAddress(task.map(bytes)), bytes));
  }

  /**
   * Some rows of a bucket.
   *
   * @param from the least hash
   * @param to the greatest
   * @param rows how many; more than are sorted at once only where they have one hash
   */
  private record Range(long from, long to, long rows) {}

  /** Keeps its exchange, in whose memory its rows lie. */
  private final class Bucket {
    private final long hashAt = 8 + UnsafeRow.calculateBitSetWidthInBytes(fields) + 8L * hash;
    private final long count;

    /** Where rows lie, each behind its size: the addresses of the first and behind the last. */
    private final List<long[]> runs = new ArrayList<>();

    private long bytes;

    Bucket(long count) {
      this.count = count;
    }

    void add(long from, long to) {
      runs.add(new long[] {from, to});
      bytes += to - from;
    }

    /** Copies the rows, which is cheaper than to jump to each. */
    HeldRows grouped(LocalTask task) {
      long from = PlatformDependent.directBufferAddress(task.memory((int) bytes));
      long to = from + bytes;
      HashGroups.copy(runs, (int) count, hashAt, from);
      UnsafeRow row = new UnsafeRow(fields);
      return new HeldRows() {
        private long at = from;

        @Override
        public boolean hasNext() {
          return at < to;
        }

        @Override
        public InternalRow next() {
          if (at >= to) {
            throw new NoSuchElementException();
          }
          int size = (int) Platform.getLong(null, at);
          row.pointTo(null, at + 8, size);
          at += 8L + size;
          return row;
        }
      };
    }

    HeldRows sorted(LocalTask task) {
      LongArray index = index(task, Math.min(count, sortedAtOnce));
      if (count <= sortedAtOnce) {
        return rows(new Range(Long.MIN_VALUE, Long.MAX_VALUE, count), index);
      }
      List<Range> all = new ArrayList<>();
      divide(new Range(Long.MIN_VALUE, Long.MAX_VALUE, count), all);
      Iterator<Range> ranges = all.iterator();
      return new HeldRows() {
        private Iterator<InternalRow> rows = Collections.emptyIterator();

        @Override
        public boolean hasNext() {
          while (!rows.hasNext() && ranges.hasNext()) {
            rows = rows(ranges.next(), index);
          }
          return rows.hasNext();
        }

        @Override
        public InternalRow next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          return rows.next();
        }
      };
    }

    /** Adds, in order, the ranges that a range consists of. */
    private void divide(Range range, List<Range> to) {
      if (range.rows() <= sortedAtOnce) {
        to.add(range);
        return;
      }
      long[] bounds = {Long.MAX_VALUE, Long.MIN_VALUE};
      each(
          range,
          hash -> {
            bounds[0] = Math.min(bounds[0], hash);
            bounds[1] = Math.max(bounds[1], hash);
          });
      if (bounds[0] == bounds[1]) {
        to.add(new Range(bounds[0], bounds[0], range.rows()));
        return;
      }
      // The difference may have all 64 bits.
      long most = bounds[1] - bounds[0];
      long width = (most >>> 8) + 1;
      long[] counts = new long[1 << 8];
      each(range, hash -> counts[(int) Long.divideUnsigned(hash - bounds[0], width)]++);
      int first = 0;
      long rows = 0;
      for (int part = 0; part < counts.length; part++) {
        rows += counts[part];
        boolean last = part == counts.length - 1;
        if (last || rows + counts[part + 1] > sortedAtOnce) {
          long end = width * (part + 1) - 1;
          if (rows > 0) {
            divide(
                new Range(
                    bounds[0] + width * first,
                    bounds[0] + (Long.compareUnsigned(end, most) > 0 ? most : end),
                    rows),
                to);
          }
          first = part + 1;
          rows = 0;
        }
      }
    }

    private void each(Range range, LongConsumer hashes) {
      for (long[] run : runs) {
        for (long at = run[0]; at < run[1]; at += 8 + Platform.getLong(null, at)) {
          long of = Platform.getLong(null, at + hashAt);
          if (of >= range.from() && of <= range.to()) {
            hashes.accept(of);
          }
        }
      }
    }

    private HeldRows rows(Range range, LongArray index) {
      return range.rows() > sortedAtOnce ? new OfOneHash(range.from()) : sorted(range, index);
    }

    private HeldRows sorted(Range range, LongArray index) {
      int rows = 0;
      for (long[] run : runs) {
        for (long at = run[0]; at < run[1]; at += 8 + Platform.getLong(null, at)) {
          long of = Platform.getLong(null, at + hashAt);
          if (of >= range.from() && of <= range.to()) {
            index.set(2 * rows, at);
            index.set(2 * rows + 1, of);
            rows++;
          }
        }
      }
      int start = rows == 0 ? 0 : RadixSort.sortKeyPrefixArray(index, 0, rows, 0, 7, false, true);
      int end = rows;
      UnsafeRow row = new UnsafeRow(fields);
      return new HeldRows() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < end;
        }

        @Override
        public InternalRow next() {
          if (next == end) {
            throw new NoSuchElementException();
          }
          long at = index.get(start + 2 * next++);
          row.pointTo(null, at + 8, (int) Platform.getLong(null, at));
          return row;
        }
      };
    }

    /** More rows than are sorted at once: they need not be. */
    private final class OfOneHash implements HeldRows {
      private final long of;
      private final Iterator<long[]> left = runs.iterator();
      private final UnsafeRow row = new UnsafeRow(fields);
      private long at;
      private long end;

      OfOneHash(long of) {
        this.of = of;
      }

      @Override
      public boolean hasNext() {
        while (true) {
          if (at == end) {
            if (!left.hasNext()) {
              return false;
            }
            long[] run = left.next();
            at = run[0];
            end = run[1];
          } else if (Platform.getLong(null, at + hashAt) == of) {
            return true;
          } else {
            at += 8 + Platform.getLong(null, at);
          }
        }
      }

      @Override
      public InternalRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int size = (int) Platform.getLong(null, at);
        row.pointTo(null, at + 8, size);
        at += 8L + size;
        return row;
      }
    }
  }
}
