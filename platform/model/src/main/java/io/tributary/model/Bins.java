package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * A distribution of numbers in a few bins. Missing values are in no bin.
 *
 * @param edges of numbers: bin k holds what is above edge k − 1 and at most edge k, the last what
 *     is above all edges
 * @param counts of each bin
 */
record Bins(List<Double> edges, List<Long> counts) {
  private static final int QUANTILES = 10;
  private static final int MOST_DISTINCT_NUMBERS = 20;

  public Bins {
    edges = List.copyOf(edges);
    counts = List.copyOf(counts);
    if (counts.size() != edges.size() + 1) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot use a distribution of %s edges and %s bins: they do not fit. Restore the artefact."
              .formatted(edges.size(), counts.size()));
    }
  }

  /**
   * Ten bins of about as many numbers each; where there are at most {@value #MOST_DISTINCT_NUMBERS}
   * different ones, a bin for each.
   *
   * @param numbers in any order; NaN is left out
   */
  public static Bins ofNumbers(double[] numbers) {
    double[] sorted =
        Arrays.stream(numbers).filter(x -> !Double.isNaN(x)).map(x -> x + 0.0).sorted().toArray();
    TreeSet<Double> edges = new TreeSet<>();
    if (sorted.length > 0) {
      double last = sorted[sorted.length - 1];
      for (int k = 0; k < sorted.length && edges.size() <= MOST_DISTINCT_NUMBERS; k++) {
        edges.add(sorted[k]);
      }
      if (edges.size() > MOST_DISTINCT_NUMBERS) {
        edges.clear();
        for (int q = 1; q < QUANTILES; q++) {
          edges.add(sorted[(int) ((long) sorted.length * q / QUANTILES)]);
        }
        if (edges.first() == last) {
          edges.add(Arrays.stream(sorted).filter(x -> x < last).max().orElseThrow());
        }
      }
      edges.remove(last);
    }
    Bins empty = new Bins(List.copyOf(edges), Collections.nCopies(edges.size() + 1, 0L));
    long[] counts = new long[edges.size() + 1];
    for (double x : sorted) {
      counts[empty.bin(x)]++;
    }
    return new Bins(empty.edges, Arrays.stream(counts).boxed().toList());
  }

  /** The bin of a number that is not missing. */
  public int bin(double x) {
    int low = 0;
    int high = edges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (x <= edges.get(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
