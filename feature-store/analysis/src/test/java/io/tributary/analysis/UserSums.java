package io.tributary.analysis;

import io.tributary.core.aggregate.MergeableAggregate;

/** Aggregates such as a project may bring. */
final class UserSums {
  private UserSums() {}

  /** A sum of doubles that depends on the order. */
  public static final class Naive implements MergeableAggregate<Double> {
    @Override
    public String resultType(String argumentType) {
      return "double";
    }

    @Override
    public Double of(Object value) {
      return (Double) value;
    }

    @Override
    public Double merge(Double a, Double b) {
      return a + b;
    }

    @Override
    public Object result(Double merged) {
      return merged;
    }
  }

  /** A sum of longs that wraps. */
  public static class Wrapping implements MergeableAggregate<Long> {
    private final long factor;

    public Wrapping() {
      this(1);
    }

    public Wrapping(double factor) {
      this.factor = (long) factor;
    }

    @Override
    public String resultType(String argumentType) {
      if (!argumentType.endsWith("int")) {
        throw new IllegalArgumentException("it takes whole numbers");
      }
      return "bigint";
    }

    @Override
    public Long of(Object value) {
      return factor * (Long) value;
    }

    @Override
    public Long merge(Long a, Long b) {
      return a + b;
    }

    @Override
    public Object result(Long merged) {
      return merged;
    }
  }

  /** Another class of the same meaning. */
  public static final class WrappingToo extends Wrapping {}
}
