package io.tributary.offline;

import io.tributary.core.aggregate.MergeableAggregate;
import java.math.BigDecimal;
import java.math.BigInteger;

/** An aggregate such as a project may bring: a number that each value in a window changes. */
public final class Fingerprint implements MergeableAggregate<Fingerprint.Sum> {
  private final long factor;

  /** What is known: the sum of mixed values, and how many they are. */
  record Sum(long mixed, long count) {}

  public Fingerprint() {
    this(1);
  }

  public Fingerprint(double factor) {
    this.factor = (long) factor;
  }

  @Override
  public String resultType(String argumentType) {
    return "bigint";
  }

  @Override
  public Sum of(Object value) {
    return new Sum(mixed(value), 1);
  }

  static long mixed(Object value) {
    long bits;
    if (value instanceof Boolean truth) {
      bits = truth ? 1 : 0;
    } else if (value instanceof BigDecimal number) {
      bits = number.unscaledValue().longValue();
    } else if (value instanceof BigInteger number) {
      bits = number.longValue();
    } else if (value instanceof Double number) {
      bits = Double.doubleToLongBits(number);
    } else {
      bits = value instanceof Long number ? number : value.toString().hashCode();
    }
    long mixed = bits * 0x9E3779B97F4A7C15L;
    return mixed ^ mixed >>> 29;
  }

  @Override
  public Sum merge(Sum a, Sum b) {
    return new Sum(a.mixed() + b.mixed(), a.count() + b.count());
  }

  @Override
  public Object result(Sum merged) {
    return merged.mixed() * factor + merged.count();
  }
}
