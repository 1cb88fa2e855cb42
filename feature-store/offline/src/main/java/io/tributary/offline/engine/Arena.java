package io.tributary.offline.engine;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a sweep keeps what grows with an entity: numbers on the heap up to a bound for each array,
 * and beyond it in files that are mapped into memory, so that the heap does not grow with the
 * number of events of one key. Not safe for threads.
 */
public final class Arena {
  /** Space in files. */
  @FunctionalInterface
  public interface Files {
    /** Zeroed bytes of a new file, in native order, valid until the task ends. */
    ByteBuffer map(int bytes);
  }

  /** Space that a process has anyway: what an array may take of the heap. */
  public static final int HEAP_BYTES = 1 << 20;

  /** About how many bytes an object on the heap takes. */
  private static final int BYTES_AN_OBJECT = 64;

  /** How many heap bounds are a block of bytes in files. */
  private static final int BOUNDS_A_BLOCK = 16;

  private final int heapBytes;
  private final Files files;
  private ByteBuffer block = ByteBuffer.allocate(0);
  private final List<ByteBuffer> blocks = new ArrayList<>();

  private Arena(int heapBytes, Files files) {
    this.heapBytes = heapBytes;
    this.files = files;
  }

  /** One that stays on the heap. */
  public static Arena heap() {
    return new Arena(
        Integer.MAX_VALUE,
        bytes -> {
          throw new IllegalStateException("an arena without files has no room for " + bytes);
        });
  }

  /**
   * One that goes to files.
   *
   * @param heapBytes what each array may take of the heap
   */
  public static Arena of(int heapBytes, Files files) {
    return new Arena(heapBytes, files);
  }

  /** How many objects of one kind may lie on the heap. */
  int heapObjects() {
    return Math.max(1, heapBytes / BYTES_AN_OBJECT);
  }

  /** Room for at least so many longs, with what {@code old} has at its beginning. */
  public LongBuffer longs(LongBuffer old, int least) {
    if (least <= old.capacity()) {
      return old;
    }
    int length = length(old.capacity(), least, Long.BYTES);
    LongBuffer room =
        (long) length * Long.BYTES <= heapBytes
            ? LongBuffer.allocate(length)
            : files.map(length * Long.BYTES).asLongBuffer();
    old.clear();
    room.put(old).clear();
    return room;
  }

  /** Room for at least so many ints, with what {@code old} has at its beginning. */
  public IntBuffer ints(IntBuffer old, int least) {
    if (least <= old.capacity()) {
      return old;
    }
    int length = length(old.capacity(), least, Integer.BYTES);
    IntBuffer room =
        (long) length * Integer.BYTES <= heapBytes
            ? IntBuffer.allocate(length)
            : files.map(length * Integer.BYTES).asIntBuffer();
    old.clear();
    room.put(old).clear();
    return room;
  }

  private static int length(int old, int least, int bytes) {
    int most = Integer.MAX_VALUE / bytes;
    if (least < 0 || least > most) {
      throw new IllegalStateException("more than " + most + " events of one key");
    }
    return (int) Math.min(most, Math.max(least, 2L * old));
  }

  /** Zeroes the first {@code n}. */
  static IntBuffer zero(IntBuffer ints, int n) {
    if (ints.hasArray()) {
      java.util.Arrays.fill(ints.array(), 0, n, 0);
    } else {
      for (int i = 0; i < n; i++) {
        ints.put(i, 0);
      }
    }
    return ints;
  }

  /** Keeps bytes in files; what {@link #bytesAt} takes. */
  long keep(byte[] bytes) {
    if (block.remaining() < bytes.length + Integer.BYTES) {
      block = files.map(Math.max(BOUNDS_A_BLOCK * heapBytes, bytes.length + Integer.BYTES));
      blocks.add(block);
    }
    long at = (long) (blocks.size() - 1) << Integer.SIZE | block.position();
    block.putInt(bytes.length).put(bytes);
    return at;
  }

  byte[] bytesAt(long at) {
    ByteBuffer in = blocks.get((int) (at >>> Integer.SIZE));
    int place = (int) at;
    byte[] bytes = new byte[in.getInt(place)];
    in.get(place + Integer.BYTES, bytes);
    return bytes;
  }
}
