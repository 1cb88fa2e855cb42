package io.tributary.drift;

import java.util.Arrays;
import java.util.List;

/** The values of one input of a model, by row; arrays may be longer than there are rows. */
public sealed interface Column {
  /** The bins of the first rows, made of these values. */
  ValueBins newBins(int rows);

  /** The bin of each of the first rows. */
  int[] in(ValueBins bins, int rows);

  /** Some rows, in this order. */
  Column taken(int[] rows);

  /**
   * Numbers.
   *
   * @param values NaN where one is missing
   */
  record Numbers(double[] values) implements Column {
    @Override
    public ValueBins newBins(int rows) {
      return ValueBins.ofNumbers(sorted(rows));
    }

    /** The numbers that are there, ascending; zero has one sign. */
    double[] sorted(int rows) {
      return Arrays.stream(values, 0, rows)
          .filter(x -> !Double.isNaN(x))
          .map(x -> x + 0.0)
          .sorted()
          .toArray();
    }

    @Override
    public int[] in(ValueBins bins, int rows) {
      int[] in = new int[rows];
      for (int row = 0; row < rows; row++) {
        in[row] = bins.bin(values[row]);
      }
      return in;
    }

    @Override
    public Numbers taken(int[] rows) {
      return new Numbers(Arrays.stream(rows).mapToDouble(row -> values[row]).toArray());
    }
  }

  /**
   * Categories.
   *
   * @param codes places in {@code texts}, {@link ValueBins#MISSING} where one is missing
   */
  record Categories(int[] codes, List<String> texts) implements Column {
    @Override
    public ValueBins newBins(int rows) {
      long[] counts = new long[texts.size()];
      for (int row = 0; row < rows; row++) {
        if (codes[row] != ValueBins.MISSING) {
          counts[codes[row]]++;
        }
      }
      return ValueBins.ofCategories(texts, counts);
    }

    @Override
    public int[] in(ValueBins bins, int rows) {
      int[] of = texts.stream().mapToInt(bins::bin).toArray();
      int[] in = new int[rows];
      for (int row = 0; row < rows; row++) {
        in[row] = codes[row] == ValueBins.MISSING ? ValueBins.MISSING : of[codes[row]];
      }
      return in;
    }

    @Override
    public Categories taken(int[] rows) {
      return new Categories(Arrays.stream(rows).map(row -> codes[row]).toArray(), texts);
    }
  }
}
