package io.tributary.offline.engine;

import java.nio.IntBuffer;
import java.util.Arrays;

/** Decides between items of equal event and known time (rule 5). */
interface Ties {
  /** By the declared tie-break columns alone. */
  int compareTieBreak(int a, int b);

  /** By all columns that decide, tie-break columns first. */
  int compare(int a, int b);

  /** By {@link OrderBytes} of the columns. */
  static Ties of(Blobs<byte[]> order, IntBuffer tieLength) {
    return new Ties() {
      @Override
      public int compareTieBreak(int a, int b) {
        return Arrays.compareUnsigned(
            order.get(a), 0, tieLength.get(a), order.get(b), 0, tieLength.get(b));
      }

      @Override
      public int compare(int a, int b) {
        return Arrays.compareUnsigned(order.get(a), order.get(b));
      }
    };
  }

  /**
   * By inputs that have the columns as they are.
   *
   * @param columns in their order
   * @param tieBreak how many of them are declared to break ties
   */
  static Ties of(InputColumn[] columns, int tieBreak) {
    return new Ties() {
      @Override
      public int compareTieBreak(int a, int b) {
        return compare(a, b, tieBreak);
      }

      @Override
      public int compare(int a, int b) {
        return compare(a, b, columns.length);
      }

      private int compare(int a, int b, int count) {
        for (int i = 0; i < count; i++) {
          boolean present = columns[i].isPresent(a);
          int c = Boolean.compare(present, columns[i].isPresent(b));
          c = c == 0 && present ? columns[i].compare(a, b) : c;
          if (c != 0) {
            return c;
          }
        }
        return 0;
      }
    };
  }
}
