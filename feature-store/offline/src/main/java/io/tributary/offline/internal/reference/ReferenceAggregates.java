package io.tributary.offline.internal.reference;

import io.tributary.analysis.UserAggregates;
import io.tributary.core.aggregate.MergeableAggregate;
import io.tributary.definition.Aggregate;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Order, equality and aggregates of plain values, by the contract's words alone; slow. */
public final class ReferenceAggregates {
  // So many digits distinguish a quotient from the midpoint of two doubles beside it.
  private static final MathContext DIGITS = new MathContext(800, RoundingMode.HALF_EVEN);
  private static final MathContext DIGITS_OF_SQUARES =
      new MathContext(1400, RoundingMode.HALF_EVEN);

  private ReferenceAggregates() {}

  /**
   * Rule 5: null lowest, NaN highest, −0.0 below 0.0, text by code point, lists element by element,
   * maps left out.
   */
  public static int compare(Object a, Object b) {
    if (a instanceof Map || b instanceof Map) {
      return 0;
    }
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      int c = 0;
      for (int i = 0; c == 0 && i < Math.min(x.size(), y.size()); i++) {
        c = compare(x.get(i), y.get(i));
      }
      return c != 0 ? c : Integer.compare(x.size(), y.size());
    }
    if (a instanceof String x && b instanceof String y) {
      return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
    }
    if (a instanceof byte[] x && b instanceof byte[] y) {
      return Arrays.compareUnsigned(x, y);
    }
    if (a instanceof Boolean x && b instanceof Boolean y) {
      return x.compareTo(y);
    }
    if (a instanceof Long x && b instanceof Long y) {
      return x.compareTo(y);
    }
    if (a instanceof Double x && b instanceof Double y) {
      return x.compareTo(y);
    }
    return ((BigDecimal) a).compareTo((BigDecimal) b);
  }

  /** Whether two values are the same; a double to the bit. */
  public static boolean same(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return x.compareTo(y) == 0;
    }
    if (a instanceof byte[] x && b instanceof byte[] y) {
      return Arrays.equals(x, y);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      boolean same = x.size() == y.size();
      for (int i = 0; same && i < x.size(); i++) {
        same = same(x.get(i), y.get(i));
      }
      return same;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return same(List.copyOf(x.keySet()), List.copyOf(y.keySet()))
          && same(new ArrayList<>(x.values()), new ArrayList<>(y.values()));
    }
    return Objects.equals(a, b);
  }

  /** Rules 7 and 9 over values that are not null, in the order of rule 5; null = no value. */
  static Object aggregate(Aggregate aggregate, List<Object> values) {
    int n = values.size();
    if (n == 0) {
      return aggregate.function().counts() ? (Object) 0L : null;
    }
    List<Object> sorted = new ArrayList<>(values);
    sorted.sort(ReferenceAggregates::compare);
    return switch (aggregate.function()) {
      case COUNT -> (long) n;
      case COUNT_DISTINCT, APPROX_COUNT_DISTINCT -> (long) counts(values).size();
      case SUM -> sum(values);
      case MEAN -> mean(values);
      case MIN -> sorted.get(0);
      case MAX -> sorted.get(n - 1);
      case FIRST -> values.get(0);
      case LAST -> values.get(n - 1);
      case FIRST_K -> values.subList(0, Math.min(n, count(aggregate)));
      case LAST_K -> newest(values, count(aggregate));
      case VAR_POP -> variance(values, n);
      case VAR_SAMP -> variance(values, n - 1);
      case STDDEV_POP -> root(variance(values, n));
      case STDDEV_SAMP -> root(variance(values, n - 1));
      case PERCENTILE -> percentile(sorted, aggregate.parameters().get(0));
      case MOST_COMMON -> mostCommon(values);
      case HISTOGRAM -> new LinkedHashMap<>(counts(values));
      case CUSTOM -> own(UserAggregates.make(aggregate), values);
      case TIME_SINCE_LAST -> throw new IllegalStateException(aggregate.toString());
    };
  }

  private static Object own(MergeableAggregate<Object> aggregate, List<Object> values) {
    return values.stream()
        .map(aggregate::of)
        .reduce(aggregate::merge)
        .map(aggregate::result)
        .orElse(null);
  }

  private static int count(Aggregate aggregate) {
    return aggregate.parameters().get(0).intValue();
  }

  private static List<Object> newest(List<Object> values, int k) {
    List<Object> newest =
        new ArrayList<>(values.subList(Math.max(0, values.size() - k), values.size()));
    Collections.reverse(newest);
    return newest;
  }

  /** Rule 9: all NaN are one value, and −0.0 and 0.0 are one. */
  static Object asOne(Object value) {
    return value instanceof Double d ? (Object) (d + 0.0) : value;
  }

  /** Each different value with how often it is there, in the order of values. */
  private static Map<Object, Long> counts(List<Object> values) {
    Map<Object, Long> counts = new TreeMap<>(ReferenceAggregates::compare);
    values.forEach(v -> counts.merge(asOne(v), 1L, Long::sum));
    return counts;
  }

  /** Rule 7: ties to the least. */
  private static Object mostCommon(List<Object> values) {
    Map<Object, Long> counts = counts(values);
    long most = Collections.max(counts.values());
    return counts.entrySet().stream()
        .filter(e -> e.getValue() == most)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static BigDecimal number(Object value) {
    if (value instanceof Double d) {
      return new BigDecimal(d);
    }
    if (value instanceof Boolean b) {
      return b ? BigDecimal.ONE : BigDecimal.ZERO;
    }
    return value instanceof Long l ? BigDecimal.valueOf(l) : (BigDecimal) value;
  }

  private static BigDecimal exactSum(List<Object> values) {
    return values.stream()
        .map(ReferenceAggregates::number)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static boolean areFinite(List<Object> values) {
    return values.stream().noneMatch(v -> v instanceof Double d && !Double.isFinite(d));
  }

  /** What IEEE 754 makes of a sum with NaN or infinities in it. */
  private static double notFinite(List<Object> values) {
    return values.stream()
        .filter(v -> v instanceof Double d && !Double.isFinite(d))
        .mapToDouble(v -> (Double) v)
        .reduce(0, Double::sum);
  }

  private static Object sum(List<Object> values) {
    if (values.get(0) instanceof Double) {
      return areFinite(values) ? exactSum(values).doubleValue() + 0.0 : notFinite(values);
    }
    BigDecimal sum = exactSum(values);
    return values.get(0) instanceof BigDecimal ? sum : (Object) sum.longValueExact();
  }

  private static double mean(List<Object> values) {
    return areFinite(values)
        ? exactSum(values).divide(BigDecimal.valueOf(values.size()), DIGITS).doubleValue() + 0.0
        : notFinite(values);
  }

  private static Double variance(List<Object> values, int divisor) {
    if (divisor == 0) {
      return null;
    }
    if (!areFinite(values)) {
      return Double.NaN;
    }
    // n² times Σ(x − mean)², which is exact.
    BigDecimal n = BigDecimal.valueOf(values.size());
    BigDecimal sum = exactSum(values);
    BigDecimal squares = BigDecimal.ZERO;
    for (Object value : values) {
      BigDecimal off = number(value).multiply(n).subtract(sum);
      squares = squares.add(off.multiply(off));
    }
    return squares
        .divide(n.multiply(n).multiply(BigDecimal.valueOf(divisor)), DIGITS_OF_SQUARES)
        .doubleValue();
  }

  private static Double root(Double variance) {
    return variance == null ? null : (Double) Math.sqrt(variance);
  }

  private static double percentile(List<Object> sorted, double p) {
    BigDecimal position = BigDecimal.valueOf(p).multiply(BigDecimal.valueOf(sorted.size() - 1L));
    int lower = position.intValue();
    BigDecimal part = position.subtract(BigDecimal.valueOf(lower));
    List<Object> nearest = sorted.subList(lower, part.signum() == 0 ? lower + 1 : lower + 2);
    if (!areFinite(nearest)) {
      return notFinite(nearest);
    }
    BigDecimal least = number(nearest.get(0));
    BigDecimal greatest = number(nearest.get(nearest.size() - 1));
    return least.multiply(BigDecimal.ONE.subtract(part)).add(greatest.multiply(part)).doubleValue()
        + 0.0;
  }
}
