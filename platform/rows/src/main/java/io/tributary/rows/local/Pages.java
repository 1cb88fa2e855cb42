package io.tributary.rows.local;

import io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/**
 * The rows that one thread brought to an exchange, by bucket, in the order in which they came: each
 * behind its size, in pages beside the heap, where the garbage collector need not copy them. Full
 * pages go to a file where there is no room for all.
 */
final class Pages {
  private static final int FIRST = 4 << 10;
  private static final int LARGEST = 256 << 10;

  /** Of a page that is in no file. */
  private static final long IN_MEMORY = -1;

  private final Scratch scratch;

  /** Bytes of a page, unless a row is larger: so that the last pages of all take a part alone. */
  private final int most;

  private final Scratch.Spill spill;
  private final Bucket[] buckets;
  private final List<Page> full = new ArrayList<>();

  /** How many of the full pages have all their rows written. */
  private int written;

  private final List<ByteBuffer> free = new ArrayList<>();
  private long held;

  Pages(int buckets, int threads, Scratch scratch) {
    long part = scratch.bytes() / (4L * threads * buckets);
    this.most = (int) Math.max(FIRST, Math.min(LARGEST, Long.highestOneBit(Math.max(1, part))));
    this.scratch = scratch;
    this.spill = scratch.spill();
    this.buckets = new Bucket[buckets];
    for (int b = 0; b < buckets; b++) {
      this.buckets[b] = new Bucket();
    }
  }

  private static final class Page {
    private ByteBuffer bytes;
    private final int size;
    private final long address;
    private int used;
    private long place = IN_MEMORY;

    Page(ByteBuffer bytes) {
      this.bytes = bytes;
      this.size = bytes.capacity();
      this.address = PlatformDependent.directBufferAddress(bytes);
    }
  }

  private static final class Bucket {
    private final List<Page> pages = new ArrayList<>();
    private Page last;
    private long rows;
  }

  void add(int bucket, UnsafeRow row) {
    begin();
    int size = row.getSizeInBytes();
    Platform.copyMemory(row.getBaseObject(), row.getBaseOffset(), null, room(bucket, size), size);
  }

  /** All rows that there was room for are written; a file may have them. */
  private void begin() {
    written = full.size();
  }

  /** Room in memory for rows that are written later, before the next ones are added. */
  void add(int n, int[] in, int[] sizes, long[] addresses) {
    begin();
    for (int i = 0; i < n; i++) {
      addresses[i] = room(in[i], sizes[i]);
    }
  }

  /** The address of room for a row, behind its size. */
  private long room(int bucket, int size) {
    Bucket to = buckets[bucket];
    Page page = to.last;
    if (page == null || page.used + 8 + size > page.size) {
      page = next(to, 8 + size);
    }
    long at = page.address + page.used;
    Platform.putLong(null, at, size);
    page.used += 8 + size;
    to.rows++;
    return at + 8;
  }

  private Page next(Bucket of, int least) {
    if (of.last != null) {
      full.add(of.last);
    }
    int wanted = of.last == null ? FIRST : Math.min(most, 2 * of.last.size);
    Page page = new Page(bytes(Math.max(least, wanted)));
    of.pages.add(page);
    of.last = page;
    return page;
  }

  private ByteBuffer bytes(int size) {
    if (!scratch.reserve(size)) {
      spillFull();
      if (size == most && !free.isEmpty()) {
        return free.remove(free.size() - 1);
      }
      scratch.take(size);
    }
    held += size;
    return ByteBuffer.allocateDirect(size);
  }

  /** Pages of the usual size are written again. */
  private void spillFull() {
    long released = 0;
    List<Page> whole = full.subList(0, written);
    for (Page page : whole) {
      page.place = spill.write(page.bytes.clear().limit(page.used));
      if (page.size == most) {
        free.add(page.bytes);
      } else {
        released += page.size;
      }
      page.bytes = null;
    }
    whole.clear();
    written = 0;
    held -= released;
    scratch.release(released);
  }

  /** Ends the writing. */
  void seal() {
    full.clear();
    long unused = (long) free.size() * most;
    free.clear();
    held -= unused;
    scratch.release(unused);
    spill.seal();
  }

  /** Bytes of memory that it holds. */
  long held() {
    return held;
  }

  long rows(int bucket) {
    return buckets[bucket].rows;
  }

  /** What is done with the rows of a page, between two addresses. */
  interface Reader {
    void read(long from, long to);
  }

  /** Bytes of a bucket that lie in the file. */
  long spilled(int bucket) {
    return buckets[bucket].pages.stream()
        .filter(page -> page.place != IN_MEMORY)
        .mapToLong(page -> page.used)
        .sum();
  }

  /**
   * Looks at the pages of a bucket.
   *
   * @param room for those that lie in the file; empty = they are looked at where they are mapped
   */
  void read(int bucket, Optional<ByteBuffer> room, Reader reader) {
    for (Page page : buckets[bucket].pages) {
      long from = page.place == IN_MEMORY ? page.address : address(page, room);
      reader.read(from, from + page.used);
    }
  }

  private long address(Page page, Optional<ByteBuffer> room) {
    if (room.isEmpty()) {
      return spill.address(page.place);
    }
    ByteBuffer to = room.get();
    int from = to.position();
    spill.read(page.place, to.limit(from + page.used));
    return PlatformDependent.directBufferAddress(to) + from;
  }

  /** Closes the file. */
  void close() {
    spill.close();
  }
}
