package io.tributary.offline.engine;

import io.tributary.core.exact.ExactMoments;
import java.math.BigInteger;

/** What a variance is made of: the exact sum of values and of their squares. */
abstract class MomentsState extends SweepState {
  final InputColumn input;
  long count;

  MomentsState(InputColumn input) {
    this.input = input;
  }

  static MomentsState of(InputColumn input) {
    return input.type().kind() == InputType.Kind.FLOATING ? new Floating(input) : new Exact(input);
  }

  @Override
  void add(int item) {
    if (input.isPresent(item)) {
      count++;
      change(item, false);
    }
  }

  @Override
  void remove(int item) {
    if (input.isPresent(item)) {
      count--;
      change(item, true);
    }
  }

  abstract void change(int item, boolean away);

  /** Correctly rounded; divided by {@code count} or, for a sample, by {@code count − 1}. */
  abstract double variance(boolean sample);

  private static final class Floating extends MomentsState {
    private final ExactMoments moments = new ExactMoments();

    Floating(InputColumn input) {
      super(input);
    }

    @Override
    void begin(int items) {
      count = 0;
      moments.clear();
    }

    @Override
    void change(int item, boolean away) {
      if (away) {
        moments.remove(input.doubleAt(item));
      } else {
        moments.add(input.doubleAt(item));
      }
    }

    @Override
    double variance(boolean sample) {
      return moments.variance(sample);
    }
  }

  private static final class Exact extends MomentsState {
    private final BigInteger unit;
    private BigInteger sum = BigInteger.ZERO;
    private BigInteger squares = BigInteger.ZERO;

    Exact(InputColumn input) {
      super(input);
      this.unit = BigInteger.TEN.pow(2 * input.type().scale());
    }

    @Override
    void begin(int items) {
      count = 0;
      sum = BigInteger.ZERO;
      squares = BigInteger.ZERO;
    }

    @Override
    void change(int item, boolean away) {
      BigInteger x =
          input.type().kind() == InputType.Kind.INTEGER
              ? BigInteger.valueOf(input.longAt(item))
              : input.decimalAt(item);
      BigInteger square = x.multiply(x);
      sum = away ? sum.subtract(x) : sum.add(x);
      squares = away ? squares.subtract(square) : squares.add(square);
    }

    @Override
    double variance(boolean sample) {
      return ExactMoments.variance(count, sum, squares, unit, 0, sample);
    }
  }
}
