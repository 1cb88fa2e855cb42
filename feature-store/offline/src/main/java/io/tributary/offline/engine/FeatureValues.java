package io.tributary.offline.engine;

import java.util.Arrays;

/**
 * The features of one label row, in the order of the plan: longs (counts, sums of integers,
 * integer-like values, microseconds of {@code time_since_last}), doubles, or objects (a decimal's
 * unscaled {@link java.math.BigInteger}, other values as they came in, {@code Object[]} for {@code
 * first_k} and {@code last_k}, {@link Pairs} for a map, whose values are any of these).
 */
public final class FeatureValues {
  private final boolean[] present;
  private final long[] longs;
  private final double[] doubles;
  private final Object[] objects;

  public FeatureValues(int size) {
    present = new boolean[size];
    longs = new long[size];
    doubles = new double[size];
    objects = new Object[size];
  }

  void clear() {
    Arrays.fill(present, false);
    Arrays.fill(objects, null);
  }

  void put(int i, long value) {
    present[i] = true;
    longs[i] = value;
  }

  void put(int i, double value) {
    present[i] = true;
    doubles[i] = value;
  }

  void put(int i, Object value) {
    present[i] = true;
    objects[i] = value;
  }

  public boolean isNull(int i) {
    return !present[i];
  }

  public long longAt(int i) {
    return longs[i];
  }

  public double doubleAt(int i) {
    return doubles[i];
  }

  public Object objectAt(int i) {
    return objects[i];
  }
}
