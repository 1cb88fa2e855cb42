package io.tributary.offline.engine;

import io.tributary.core.exact.ExactSum;
import io.tributary.core.exact.IntegerSum;
import io.tributary.core.exact.Rounding;
import java.math.BigInteger;

/**
 * A running state over the events of one span that count for one input; events come and go in any
 * order.
 */
abstract class SweepState {
  /** Empties it, before the first label of an entity with this many items. */
  abstract void begin(int items);

  abstract void add(int item);

  abstract void remove(int item);

  /** How many events count. */
  static final class Count extends SweepState {
    private final InputColumn input;
    private long count;

    /**
     * @param input null = each event counts
     */
    Count(InputColumn input) {
      this.input = input;
    }

    @Override
    void begin(int items) {
      count = 0;
    }

    @Override
    void add(int item) {
      if (input == null || input.isPresent(item)) {
        count++;
      }
    }

    @Override
    void remove(int item) {
      if (input == null || input.isPresent(item)) {
        count--;
      }
    }

    long count() {
      return count;
    }
  }

  /** An exact sum with its count. */
  abstract static class Sum extends SweepState {
    long count;

    abstract double mean();
  }

  static final class IntegerTotal extends Sum {
    private final InputColumn input;
    private final IntegerSum sum = new IntegerSum();

    IntegerTotal(InputColumn input) {
      this.input = input;
    }

    @Override
    void begin(int items) {
      count = 0;
      sum.clear();
    }

    @Override
    void add(int item) {
      if (input.isPresent(item)) {
        count++;
        sum.add(input.longAt(item));
      }
    }

    @Override
    void remove(int item) {
      if (input.isPresent(item)) {
        count--;
        sum.remove(input.longAt(item));
      }
    }

    IntegerSum sum() {
      return sum;
    }

    @Override
    double mean() {
      return sum.mean(count, BigInteger.ONE);
    }
  }

  static final class FloatingTotal extends Sum {
    private final InputColumn input;
    private final ExactSum sum = new ExactSum();

    FloatingTotal(InputColumn input) {
      this.input = input;
    }

    @Override
    void begin(int items) {
      count = 0;
      sum.clear();
    }

    @Override
    void add(int item) {
      if (input.isPresent(item)) {
        count++;
        sum.add(input.doubleAt(item));
      }
    }

    @Override
    void remove(int item) {
      if (input.isPresent(item)) {
        count--;
        sum.remove(input.doubleAt(item));
      }
    }

    double sum() {
      return sum.sum();
    }

    @Override
    double mean() {
      return sum.mean(count);
    }
  }

  static final class DecimalTotal extends Sum {
    private final InputColumn input;
    private final BigInteger unit;
    private BigInteger sum = BigInteger.ZERO;

    DecimalTotal(InputColumn input) {
      this.input = input;
      this.unit = BigInteger.TEN.pow(input.type().scale());
    }

    @Override
    void begin(int items) {
      count = 0;
      sum = BigInteger.ZERO;
    }

    @Override
    void add(int item) {
      if (input.isPresent(item)) {
        count++;
        sum = sum.add(input.decimalAt(item));
      }
    }

    @Override
    void remove(int item) {
      if (input.isPresent(item)) {
        count--;
        sum = sum.subtract(input.decimalAt(item));
      }
    }

    BigInteger sum() {
      return sum;
    }

    int scale() {
      return input.type().scale();
    }

    @Override
    double mean() {
      return Rounding.quotient(sum, unit.multiply(BigInteger.valueOf(count)), 0);
    }
  }

  /** The values as a multiset of their ranks. */
  static final class Values extends SweepState {
    private final InputColumn input;
    private final ValueRanks ranks;
    private final RankCounts counts;
    private final RankSet present;

    /**
     * @param ordered whether places are read
     * @param frequent whether the most frequent value is read
     */
    Values(InputColumn input, ValueRanks ranks, boolean ordered, boolean frequent, Arena arena) {
      this.input = input;
      this.ranks = ranks;
      this.counts = new RankCounts(ordered, frequent, arena);
      this.present = ordered ? null : new RankSet();
    }

    @Override
    void begin(int items) {
      counts.clear(ranks.count());
      if (present != null) {
        present.clear(ranks.count());
      }
    }

    @Override
    void add(int item) {
      if (input.isPresent(item)) {
        int rank = ranks.rank(item);
        counts.add(rank);
        if (present != null) {
          present.add(rank);
        }
      }
    }

    @Override
    void remove(int item) {
      if (input.isPresent(item)) {
        int rank = ranks.rank(item);
        counts.remove(rank);
        if (present != null && !counts.contains(rank)) {
          present.remove(rank);
        }
      }
    }

    int size() {
      return counts.size();
    }

    int distinct() {
      return counts.distinct();
    }

    /** An item with the k-th least value. */
    int least(int k) {
      return ranks.exemplar(counts.least(k));
    }

    int minimum() {
      return present == null ? least(0) : ranks.exemplar(present.first());
    }

    int maximum() {
      return present == null ? least(size() - 1) : ranks.exemplar(present.last());
    }

    /** How often each value is there, by their order; only where no places are read. */
    Pairs histogram() {
      Object[] keys = new Object[distinct()];
      Object[] values = new Object[keys.length];
      int n = 0;
      for (int rank = present.first(); rank >= 0; rank = present.next(rank)) {
        keys[n] = input.key(ranks.exemplar(rank));
        values[n++] = (long) counts.count(rank);
      }
      return new Pairs(keys, values);
    }

    int mostFrequent() {
      return ranks.exemplar(counts.mostFrequent());
    }
  }

  /** The events in the order of rule 5. */
  static final class Sequence extends SweepState {
    private final InputColumn input;
    private final EventRanks ranks;
    private final RankSet present = new RankSet();

    /**
     * @param input null = each event counts
     */
    Sequence(InputColumn input, EventRanks ranks) {
      this.input = input;
      this.ranks = ranks;
    }

    @Override
    void begin(int items) {
      present.clear(items);
    }

    @Override
    void add(int item) {
      if (input == null || input.isPresent(item)) {
        present.add(ranks.rank(item));
      }
    }

    @Override
    void remove(int item) {
      if (input == null || input.isPresent(item)) {
        present.remove(ranks.rank(item));
      }
    }

    boolean isEmpty() {
      return present.isEmpty();
    }

    /** The least item. */
    int first() {
      return ranks.item(present.first());
    }

    /** The greatest item. */
    int last() {
      return ranks.item(present.last());
    }

    /** Up to {@code k} items, greatest first or least first. */
    int[] some(int k, boolean newest) {
      int[] items = new int[k];
      int n = 0;
      int rank = newest ? present.last() : present.first();
      while (rank >= 0 && n < k) {
        items[n++] = ranks.item(rank);
        rank = newest ? present.previous(rank) : present.next(rank);
      }
      return n == k ? items : java.util.Arrays.copyOf(items, n);
    }

    /**
     * Whether the greatest item has a rival in here, equal up to the tie-break columns, from which
     * a look-up would take something else.
     */
    boolean isAmbiguous() {
      int winner = present.last();
      int first = ranks.firstOfTie(winner);
      int rival = present.previous(ranks.firstOfSame(winner));
      while (rival >= first) {
        if (!ranks.answersSame(ranks.item(winner), ranks.item(rival))) {
          return true;
        }
        rival = present.previous(ranks.firstOfSame(rival));
      }
      return false;
    }
  }
}
