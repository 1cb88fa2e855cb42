package io.tributary.offline.engine;

import java.math.BigInteger;

/** What a variance is made of: the exact sum of values and of their squares. */
abstract class Squares extends Cell {
  final InputColumn input;
  long count;

  Squares(InputColumn input) {
    this.input = input;
  }

  static Squares of(InputColumn input) {
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

  double variance(
      BigInteger sum, BigInteger squares, BigInteger unit, int exponent, boolean sample) {
    BigInteger n = BigInteger.valueOf(count);
    BigInteger numerator = n.multiply(squares).subtract(sum.multiply(sum));
    BigInteger denominator = n.multiply(BigInteger.valueOf(sample ? count - 1 : count));
    return Rounding.quotient(numerator, denominator.multiply(unit), exponent);
  }

  private static final class Floating extends Squares {
    private final ExactSum sum = new ExactSum();
    private final Superaccumulator squares = Superaccumulator.ofSquares();

    Floating(InputColumn input) {
      super(input);
    }

    @Override
    void begin(int items) {
      count = 0;
      sum.clear();
      squares.clear();
    }

    @Override
    void change(int item, boolean away) {
      double x = input.doubleAt(item);
      if (away) {
        sum.remove(x);
      } else {
        sum.add(x);
      }
      if (Math.abs(x) <= Double.MAX_VALUE) {
        squares.addSquare(x, away);
      }
    }

    @Override
    double variance(boolean sample) {
      if (sum.hasNonFinite()) {
        return Double.NaN;
      }
      // A sum's unit is 2^-1075, so its square has the unit of the squares.
      return variance(sum.units(), squares.units(), BigInteger.ONE, squares.exponent(), sample);
    }
  }

  private static final class Exact extends Squares {
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
      return variance(sum, squares, unit, 0, sample);
    }
  }
}
