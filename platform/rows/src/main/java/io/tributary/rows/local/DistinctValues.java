package io.tributary.rows.local;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The distinct values of a column of a row group, numbered by where they first come. A look at few
 * values, drawn from all, tells first whether numbering them could be worth it. For one thread, and
 * one column after the other.
 */
final class DistinctValues {
  /** Values that are looked at first. */
  private static final int SAMPLE = 1 << 10;

  /** Of these one at least must have come before. */
  private static final int REPEATED = 24;

  private static final int FIRST = 1 << 10;

  /** Of each slot the key and the number of a value; none has the number 0. */
  private long[] slots = new long[2 * FIRST];

  private int most;
  private int count;

  /** The first of each distinct value. */
  private int[] firsts = new int[FIRST];

  /** Of each value its number, from 0. */
  private int[] numbers = new int[0];

  /**
   * Looks at the values of a column.
   *
   * @return how many differ; 0 = too many for a dictionary
   */
  int count(PlainColumn column) {
    int values = column.values;
    most = values / 4;
    if (most == 0 || !column.canRepeat() || !repeats(column, Math.min(SAMPLE, values / 16))) {
      return 0;
    }
    if (numbers.length < values) {
      numbers = new int[values];
    }
    clear();
    for (int i = 0; i < values; i++) {
      int number = number(column, i);
      if (number > most) {
        return 0;
      }
      numbers[i] = number - 1;
    }
    return count;
  }

  /** Whether as many of some values come twice as where a dictionary has a few thousand. */
  private boolean repeats(PlainColumn column, int sample) {
    clear();
    // Sorted ones come twice only where places are drawn.
    SplittableRandom places = new SplittableRandom(0);
    int repeated = 0;
    for (int i = 0; i < sample; i++) {
      int place = places.nextInt(column.values);
      repeated += firsts[number(column, place) - 1] == place ? 0 : 1;
    }
    return repeated >= sample / REPEATED;
  }

  private void clear() {
    if (slots.length > 2 * FIRST) {
      slots = new long[2 * FIRST];
    } else {
      Arrays.fill(slots, 0);
    }
    count = 0;
  }

  /** The number of a value, from 1. */
  private int number(PlainColumn column, int value) {
    long key = column.key(value);
    int mask = slots.length - 2;
    int at = slot(key);
    while (slots[at + 1] != 0) {
      int number = (int) slots[at + 1];
      if (slots[at] == key && column.isSame(value, firsts[number - 1])) {
        return number;
      }
      at = (at + 2) & mask;
    }
    if (count == firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * count);
    }
    firsts[count++] = value;
    slots[at] = key;
    slots[at + 1] = count;
    if (4 * count > slots.length) {
      grow();
    }
    return count;
  }

  private void grow() {
    long[] from = slots;
    slots = new long[4 * from.length];
    int mask = slots.length - 2;
    for (int i = 0; i < from.length; i += 2) {
      if (from[i + 1] != 0) {
        int at = slot(from[i]);
        while (slots[at + 1] != 0) {
          at = (at + 2) & mask;
        }
        slots[at] = from[i];
        slots[at + 1] = from[i + 1];
      }
    }
  }

  /** By the first bits, where those of a product with few bits are. */
  private int slot(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return 2 * (int) (mixed >>> Long.numberOfLeadingZeros(slots.length) + 2);
  }

  /** The first of each distinct value, of as many as there are. */
  int[] firsts() {
    return firsts;
  }

  /** The first of each distinct value that is among some values. */
  int[] among(int from, int to) {
    return among(range(from, to));
  }

  /** The same of any values. */
  int[] among(int[] of) {
    boolean[] seen = new boolean[count];
    int[] places = new int[Math.min(count, of.length)];
    int n = 0;
    for (int i : of) {
      if (!seen[numbers[i]]) {
        seen[numbers[i]] = true;
        places[n++] = firsts[numbers[i]];
      }
    }
    return Arrays.copyOf(places, n);
  }

  /** Of each value its number, from 0. */
  int[] numbers() {
    return numbers;
  }

  /** The same of some values. */
  int[] numbers(int[] of) {
    return Arrays.stream(of).map(value -> numbers[value]).toArray();
  }

  /** The numbers from one up to another, exclusive. */
  static int[] range(int from, int to) {
    int[] numbers = new int[to - from];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = from + i;
    }
    return numbers;
  }
}
