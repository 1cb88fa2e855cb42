package io.tributary.rows.local;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Small numbers as Parquet's levels and indexes have them: runs of one number, and groups of eight
 * whose bits are packed. For one thread.
 */
final class RunLengths {
  private static final int GROUP = 8;

  private int[] numbers;
  private int count;
  private byte[] bytes = new byte[1 << 10];
  private int size;

  /**
   * @param many numbers that there is room for at first
   */
  RunLengths(int many) {
    this.numbers = new int[many];
  }

  void add(int number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(GROUP, 2 * count));
    }
    numbers[count++] = number;
  }

  /** One number, so many times; valid until the next ones are encoded. */
  ByteBuffer same(int number, int times, int width) {
    size = 0;
    run(number, times, width);
    return ByteBuffer.wrap(bytes, 0, size);
  }

  /** Those that were added, and forgets them; valid until the next ones are encoded. */
  ByteBuffer encode(int width) {
    size = 0;
    int packed = 0;
    for (int i = 0; i < count; ) {
      int end = i + 1;
      while (end < count && numbers[end] == numbers[i]) {
        end++;
      }
      int beyond = (i - packed) % GROUP;
      if (beyond > 0) {
        i = Math.min(end, i + GROUP - beyond);
      } else if (end - i < GROUP) {
        i = end;
      } else {
        pack(packed, i, width);
        run(numbers[i], end - i, width);
        i = end;
        packed = end;
      }
    }
    pack(packed, count, width);
    count = 0;
    return ByteBuffer.wrap(bytes, 0, size);
  }

  private void run(int number, int times, int width) {
    room(10);
    head(times << 1);
    for (int bits = 0; bits < width; bits += Byte.SIZE) {
      bytes[size++] = (byte) (number >>> bits);
    }
  }

  /** The least bits come first; what is missing of the last group is zeros. */
  private void pack(int from, int to, int width) {
    int groups = (to - from + GROUP - 1) / GROUP;
    if (groups == 0) {
      return;
    }
    room(5 + groups * width);
    head(groups << 1 | 1);
    int end = size + groups * width;
    long bits = 0;
    int held = 0;
    for (int i = from; i < to; i++) {
      bits |= (long) numbers[i] << held;
      for (held += width; held >= Byte.SIZE; held -= Byte.SIZE) {
        bytes[size++] = (byte) bits;
        bits >>>= Byte.SIZE;
      }
    }
    Arrays.fill(bytes, size, end, (byte) 0);
    if (size < end) {
      bytes[size] = (byte) bits;
    }
    size = end;
  }

  private void head(int number) {
    int left = number;
    for (; (left & ~0x7f) != 0; left >>>= 7) {
      bytes[size++] = (byte) (left | 0x80);
    }
    bytes[size++] = (byte) left;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
    }
  }
}
