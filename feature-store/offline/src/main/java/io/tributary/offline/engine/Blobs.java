package io.tributary.offline.engine;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Objects by number: the first on the heap as they are, all others as bytes in an arena's files.
 * Numbers come in ascending order. Not safe for threads.
 */
public final class Blobs<T> {
  private final Arena arena;
  private final Function<T, byte[]> toBytes;
  private final Function<byte[], T> fromBytes;
  private Object[] heap = new Object[8];
  private LongBuffer places = LongBuffer.allocate(0);
  private int used;

  public Blobs(Arena arena, Function<T, byte[]> toBytes, Function<byte[], T> fromBytes) {
    this.arena = arena;
    this.toBytes = toBytes;
    this.fromBytes = fromBytes;
  }

  /** Of byte arrays. */
  public static Blobs<byte[]> ofBytes(Arena arena) {
    return new Blobs<>(arena, bytes -> bytes, bytes -> bytes);
  }

  /** Forgets all. What lies in files stays there until the task ends. */
  public void clear() {
    Arrays.fill(heap, 0, Math.min(used, heap.length), null);
    used = 0;
  }

  public void set(int i, T value) {
    used = i + 1;
    int onHeap = arena.heapObjects();
    if (i >= onHeap) {
      places = arena.longs(places, i - onHeap + 1);
      places.put(i - onHeap, arena.keep(toBytes.apply(value)));
      return;
    }
    if (i >= heap.length) {
      heap = Arrays.copyOf(heap, Math.min(onHeap, Math.max(i + 1, 2 * heap.length)));
    }
    heap[i] = value;
  }

  @SuppressWarnings("unchecked")
  public T get(int i) {
    int onHeap = arena.heapObjects();
    return i < onHeap ? (T) heap[i] : fromBytes.apply(arena.bytesAt(places.get(i - onHeap)));
  }
}
