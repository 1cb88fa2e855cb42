package io.tributary.rows.local;

import io.tributary.rows.GatheredColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which value each row of a row group has, of columns whose rows share values: the same for all
 * columns that were gathered together. What their pages have in common is made once.
 */
final class Gathering {
  private static final int FIRST = 1 << 10;

  private int[] from = new int[FIRST];
  private int rows;
  private int values;
  private int missing;
  private final List<Page> pages = new ArrayList<>();

  /** Some rows, one after the other. */
  static final class Page {
    /** How many there are. */
    final int rows;

    /** Of each whether it has a value; null where all have one. */
    final boolean[] present;

    /** Of each that has a value which. */
    final int[] from;

    /** Those values, each once. */
    final int[] among;

    /** Compressed, where the values are a dictionary as they are; null before it is made. */
    byte[] bytes;

    /** Bytes before they were compressed. */
    int size;

    Page(int rows, boolean[] present, int[] from, int[] among) {
      this.rows = rows;
      this.present = present;
      this.from = from;
      this.among = among;
    }

    int nulls() {
      return rows - from.length;
    }
  }

  void clear() {
    rows = 0;
    values = 0;
    missing = 0;
    pages.clear();
  }

  /**
   * Adds rows.
   *
   * @param of which of the values that follow those before
   * @param many values that follow
   */
  void add(int[] of, int n, int many) {
    if (rows + n > from.length) {
      from = Arrays.copyOf(from, Math.max(rows + n, 2 * from.length));
    }
    for (int i = 0; i < n; i++) {
      boolean none = of[i] == GatheredColumn.NONE;
      from[rows + i] = none ? GatheredColumn.NONE : values + of[i];
      missing += none ? 1 : 0;
    }
    rows += n;
    values += many;
  }

  /**
   * The same where values have other numbers.
   *
   * @param numbers {@link GatheredColumn#NONE} of those that have gone
   */
  Gathering renumbered(int[] numbers) {
    Gathering other = new Gathering();
    other.from = new int[rows];
    other.rows = rows;
    for (int i = 0; i < rows; i++) {
      int number = from[i] == GatheredColumn.NONE ? GatheredColumn.NONE : numbers[from[i]];
      other.from[i] = number;
      other.missing += number == GatheredColumn.NONE ? 1 : 0;
      other.values = Math.max(other.values, number + 1);
    }
    return other;
  }

  int rows() {
    return rows;
  }

  /** How many rows have a value. */
  int present() {
    return rows - missing;
  }

  /** The rows in pages of so many; the same ones each time, until the next rows are added. */
  List<Page> pages(int most) {
    if (pages.isEmpty()) {
      int[] seen = new int[values];
      for (int begin = 0; begin < rows; begin += most) {
        pages.add(page(begin, Math.min(rows, begin + most), seen));
      }
    }
    return pages;
  }

  /**
   * @param seen of each value where a page that had it ended
   */
  private Page page(int begin, int end, int[] seen) {
    boolean[] present = new boolean[end - begin];
    int[] of = new int[end - begin];
    int[] among = new int[end - begin];
    int n = 0;
    int different = 0;
    for (int i = begin; i < end; i++) {
      int value = from[i];
      if (value == GatheredColumn.NONE) {
        continue;
      }
      present[i - begin] = true;
      of[n++] = value;
      if (seen[value] != end) {
        seen[value] = end;
        among[different++] = value;
      }
    }
    return new Page(
        end - begin,
        n == end - begin ? null : present,
        Arrays.copyOf(of, n),
        Arrays.copyOf(among, different));
  }
}
