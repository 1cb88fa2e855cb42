package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * A distribution in a few bins, and how far another one is from it. Missing values are in no bin.
 *
 * @param edges of numbers: bin k holds what is above edge k − 1 and at most edge k, the last what
 *     is above all edges
 * @param categories of categories: bin k holds category k, the last all other categories
 * @param counts of each bin
 */
public record Bins(List<Double> edges, List<String> categories, List<Long> counts) {
  private static final int QUANTILES = 10;
  private static final int MOST_DISTINCT_NUMBERS = 20;
  private static final int MOST_CATEGORIES = 50;

  public Bins {
    edges = List.copyOf(edges);
    categories = List.copyOf(categories);
    counts = List.copyOf(counts);
    if (counts.size() != Math.max(edges.size(), categories.size()) + 1
        || !(edges.isEmpty() || categories.isEmpty())) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot use a distribution of %s edges, %s categories and %s bins: they do not fit. Restore the artefact."
              .formatted(edges.size(), categories.size(), counts.size()));
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
    Bins empty = new Bins(List.copyOf(edges), List.of(), Collections.nCopies(edges.size() + 1, 0L));
    long[] counts = new long[edges.size() + 1];
    for (double x : sorted) {
      counts[empty.bin(x)]++;
    }
    return new Bins(empty.edges, List.of(), Arrays.stream(counts).boxed().toList());
  }

  /**
   * A bin for each of the {@value #MOST_CATEGORIES} most frequent categories, and one for all
   * others.
   *
   * @param texts the categories
   * @param seen how often each was seen
   */
  public static Bins ofCategories(List<String> texts, long[] seen) {
    List<Integer> codes = new ArrayList<>();
    for (int code = 0; code < texts.size(); code++) {
      if (seen[code] > 0) {
        codes.add(code);
      }
    }
    codes.sort(Comparator.<Integer>comparingLong(code -> -seen[code]).thenComparing(texts::get));
    List<Integer> kept = new ArrayList<>(codes.subList(0, Math.min(MOST_CATEGORIES, codes.size())));
    kept.sort(Comparator.comparing(texts::get));
    List<Long> counts = new ArrayList<>();
    long others = 0;
    for (int code : codes) {
      others += seen[code];
    }
    for (int code : kept) {
      counts.add(seen[code]);
      others -= seen[code];
    }
    counts.add(others);
    return new Bins(List.of(), kept.stream().map(texts::get).toList(), counts);
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

  /** The bin of a category that is not missing. */
  public int bin(String category) {
    int at = Collections.binarySearch(categories, category);
    return at >= 0 ? at : categories.size();
  }

  /**
   * Counts rows {@code order[from]} to {@code order[to - 1]} of an input by bin; empty bins have 0,
   * missing values are left out.
   */
  public long[] count(InputRows rows, int input, int[] order, int from, int to) {
    long[] found = new long[counts.size()];
    if (rows.categorical(input)) {
      int[] bins = rows.texts(input).stream().mapToInt(this::bin).toArray();
      int[] codes = rows.codes(input);
      for (int k = from; k < to; k++) {
        int code = codes[order[k]];
        if (code != InputRows.MISSING) {
          found[bins[code]]++;
        }
      }
    } else {
      double[] bounds = edges.stream().mapToDouble(Double::doubleValue).toArray();
      double[] numbers = rows.numbers(input);
      for (int k = from; k < to; k++) {
        double x = numbers[order[k]];
        if (!Double.isNaN(x)) {
          int bin = 0;
          while (bin < bounds.length && x > bounds[bin]) {
            bin++;
          }
          found[bin]++;
        }
      }
    }
    return found;
  }

  /**
   * The population stability index of other counts against these: the sum over the bins of (q − p)
   * ln(q / p), where p and q are the bins' shares with half a count added to each bin, so that an
   * empty one gives no infinity. 0 if either has nothing in it.
   */
  public double psi(long[] other) {
    if (other.length != counts.size()) {
      throw new IllegalArgumentException(other.length + " bins, not " + counts.size());
    }
    double mine = counts.stream().mapToLong(Long::longValue).sum();
    double theirs = Arrays.stream(other).sum();
    if (mine == 0 || theirs == 0) {
      return 0;
    }
    double psi = 0;
    for (int b = 0; b < other.length; b++) {
      double p = (counts.get(b) + 0.5) / (mine + 0.5 * other.length);
      double q = (other[b] + 0.5) / (theirs + 0.5 * other.length);
      psi += (q - p) * Math.log(q / p);
    }
    return psi;
  }
}
