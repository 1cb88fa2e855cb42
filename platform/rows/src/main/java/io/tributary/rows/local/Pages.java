package io.tributary.rows.local;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/**
 * The rows that one thread brought to an exchange, by bucket, in the order in which they came: each
 * behind its size, in pages. Full pages go to a file where there is no room for all.
 */
final class Pages {
  private static final int FIRST = 4 << 10;
  private static final int LARGEST = 256 << 10;
  private static final long BASE = Platform.BYTE_ARRAY_OFFSET;

  /** Of a page that is on the heap. */
  private static final long ON_HEAP = -1;

  private final Scratch scratch;

  /** Bytes of a page, unless a row is larger: so that the last pages of all take a part alone. */
  private final int most;

  private final Scratch.Spill spill;
  private final Bucket[] buckets;
  private final List<Page> full = new ArrayList<>();

  /** How many of the full pages have all their rows written. */
  private int written;

  private final List<byte[]> free = new ArrayList<>();
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
    private byte[] bytes;
    private int used;
    private long place = ON_HEAP;

    Page(byte[] bytes) {
      this.bytes = bytes;
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
    Page page = room(bucket, size);
    Platform.copyMemory(
        row.getBaseObject(), row.getBaseOffset(), page.bytes, BASE + page.used - size, size);
  }

  /** All rows that there was room for are written; a file may have them. */
  private void begin() {
    written = full.size();
  }

  /** Room for rows that are written later, before the next ones are added. */
  void add(int n, int[] in, int[] sizes, Object[] bases, long[] offsets) {
    begin();
    for (int i = 0; i < n; i++) {
      Page page = room(in[i], sizes[i]);
      bases[i] = page.bytes;
      offsets[i] = BASE + page.used - sizes[i];
    }
  }

  /** The page at whose end there is room for a row, behind its size. */
  private Page room(int bucket, int size) {
    Bucket to = buckets[bucket];
    Page page = to.last;
    if (page == null || page.used + 8 + size > page.bytes.length) {
      page = next(to, 8 + size);
    }
    Platform.putLong(page.bytes, BASE + page.used, size);
    page.used += 8 + size;
    to.rows++;
    return page;
  }

  private Page next(Bucket of, int least) {
    if (of.last != null) {
      full.add(of.last);
    }
    int wanted = of.last == null ? FIRST : Math.min(most, 2 * of.last.bytes.length);
    Page page = new Page(bytes(Math.max(least, wanted)));
    of.pages.add(page);
    of.last = page;
    return page;
  }

  private byte[] bytes(int size) {
    if (!scratch.reserve(size)) {
      spillFull();
      if (size == most && !free.isEmpty()) {
        return free.remove(free.size() - 1);
      }
      scratch.take(size);
    }
    held += size;
    return new byte[size];
  }

  /** Pages of the usual size are written again. */
  private void spillFull() {
    long released = 0;
    List<Page> whole = full.subList(0, written);
    for (Page page : whole) {
      page.place = spill.write(page.bytes, page.used);
      if (page.bytes.length == most) {
        free.add(page.bytes);
      } else {
        released += page.bytes.length;
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

  /** Bytes of the heap that it holds. */
  long held() {
    return held;
  }

  long rows(int bucket) {
    return buckets[bucket].rows;
  }

  /** What is done with a page: rows from an address in an object, or in memory where it is null. */
  interface Reader {
    void read(Object base, long from, long to);
  }

  void read(int bucket, Reader reader) {
    for (Page page : buckets[bucket].pages) {
      if (page.place == ON_HEAP) {
        reader.read(page.bytes, BASE, BASE + page.used);
      } else {
        long from = spill.address(page.place);
        reader.read(null, from, from + page.used);
      }
    }
  }
}
