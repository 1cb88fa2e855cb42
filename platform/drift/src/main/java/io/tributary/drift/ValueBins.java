package io.tributary.drift;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The bins in which values of an input are counted, found once in the rows of training. Numbers
 * have about {@value #MOST} bins of as many rows each, and a value that alone fills one has a bin
 * of its own; categories have one each, and those beyond the {@value #MOST} most frequent share the
 * last. Counts in bins add up exactly, in any order.
 */
public final class ValueBins {
  /** The bin of a value that is not there. */
  public static final int MISSING = -1;

  /** The bin of a category that no row of training has. */
  public static final int UNSEEN = -2;

  private static final int MOST = 256;

  /** Equal parts of the span of the edges; most hold one edge or none. */
  private static final int CELLS = 1_024;

  private final boolean categorical;
  private final double[] edges;
  private final List<String> categories;
  private final List<String> others;
  private final long[] counts;

  /** Of each cell the edges before it, and how numbers become cells. */
  private final char[] before = new char[CELLS + 1];

  private final double low;
  private final double cellsPerUnit;

  /** As it is kept. */
  record Kept(
      boolean categorical,
      double[] edges,
      List<String> categories,
      List<String> others,
      long[] counts) {}

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  ValueBins(Kept kept) {
    this(kept.categorical(), kept.edges(), kept.categories(), kept.others(), kept.counts());
  }

  @JsonValue
  Kept kept() {
    return new Kept(categorical, edges, categories, others, counts);
  }

  private ValueBins(
      boolean categorical,
      double[] edges,
      List<String> categories,
      List<String> others,
      long[] counts) {
    this.categorical = categorical;
    this.edges = edges;
    this.categories = List.copyOf(categories);
    this.others = List.copyOf(others);
    this.counts = counts;
    this.low = edges.length == 0 ? 0 : edges[0];
    double span = edges.length == 0 ? 0 : edges[edges.length - 1] - low;
    double perUnit = CELLS / span;
    this.cellsPerUnit = span > 0 && Double.isFinite(perUnit) ? perUnit : 0;
    for (double edge : edges) {
      before[cell(edge) + 1]++;
    }
    for (int cell = 0; cell < CELLS; cell++) {
      before[cell + 1] += before[cell];
    }
  }

  /** Never less for a greater number. */
  private int cell(double number) {
    return Math.max(0, Math.min(CELLS - 1, (int) ((number - low) * cellsPerUnit)));
  }

  /** The rows that a bin of numbers has at least. */
  private static double share(long rows) {
    return Math.max(1, (double) rows / MOST);
  }

  /** The bins of numbers in ascending order. */
  static ValueBins ofNumbers(double[] sorted) {
    double share = share(sorted.length);
    List<Double> edges = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    long open = 0;
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      while (to < sorted.length && sorted[to] == sorted[from]) {
        to++;
      }
      if (to - from >= share && open > 0) {
        edges.add(Math.nextDown(sorted[from]));
        counts.add(open);
        open = 0;
      }
      open += to - from;
      if (open >= share) {
        edges.add(sorted[from]);
        counts.add(open);
        open = 0;
      }
      from = to;
    }
    if (open > 0 || counts.isEmpty()) {
      counts.add(open);
    } else {
      // What lies above all values of training is in the last bin.
      edges.remove(edges.size() - 1);
    }
    return new ValueBins(
        false,
        edges.stream().mapToDouble(Double::doubleValue).toArray(),
        List.of(),
        List.of(),
        counts.stream().mapToLong(Long::longValue).toArray());
  }

  /** The bins of categories, of which each has so many rows. */
  static ValueBins ofCategories(List<String> texts, long[] rows) {
    TreeMap<String, Long> found = new TreeMap<>();
    for (int k = 0; k < rows.length; k++) {
      if (rows[k] > 0) {
        found.merge(texts.get(k), rows[k], Long::sum);
      }
    }
    List<String> byCount = new ArrayList<>(found.keySet());
    byCount.sort(Collections.reverseOrder((a, b) -> Long.compare(found.get(a), found.get(b))));
    boolean shared = byCount.size() > MOST;
    List<String> own = new ArrayList<>(byCount.subList(0, shared ? MOST - 1 : byCount.size()));
    List<String> others = new ArrayList<>(byCount.subList(own.size(), byCount.size()));
    Collections.sort(own);
    Collections.sort(others);
    long[] counts = new long[own.size() + (shared ? 1 : 0)];
    for (int k = 0; k < own.size(); k++) {
      counts[k] = found.get(own.get(k));
    }
    others.forEach(text -> counts[counts.length - 1] += found.get(text));
    return new ValueBins(true, new double[0], own, others, counts);
  }

  public boolean categorical() {
    return categorical;
  }

  /** How many there are. */
  public int size() {
    return counts.length;
  }

  /** Rows of training in a bin. */
  public long count(int bin) {
    return counts[bin];
  }

  /** Rows of training in all bins. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** The largest number of a bin of numbers; infinite for the last. */
  double upper(int bin) {
    return bin < edges.length ? edges[bin] : Double.POSITIVE_INFINITY;
  }

  /**
   * How many rows of training have a number up to a bound. A bin of more than two bins' rows holds
   * a single number; in others they are taken to lie evenly, in the first and the last, which are
   * open, half of them below.
   *
   * @param greatest number of training
   */
  double countUpTo(double bound, double greatest) {
    double count = 0;
    int bin = 0;
    while (bin < counts.length && upper(bin) <= bound) {
      count += counts[bin++];
    }
    if (bin == counts.length || bin > 0 && bound == edges[bin - 1]) {
      return count;
    }
    if (counts[bin] >= 2 * share(total())) {
      boolean isLast = bin == counts.length - 1;
      return count + (isLast && bound >= greatest ? counts[bin] : 0);
    }
    boolean isOpen = bin == 0 || bin == counts.length - 1;
    double part = isOpen ? 0.5 : (bound - edges[bin - 1]) / (edges[bin] - edges[bin - 1]);
    return count + counts[bin] * part;
  }

  /** What a bin of categories holds, for people. */
  String label(int bin) {
    return bin < categories.size() ? categories.get(bin) : others.size() + " others";
  }

  /** Whether a bin of categories is of a single one. */
  boolean ofOne(int bin) {
    return bin < categories.size();
  }

  /** The most common category that has a bin of its own. */
  String mode() {
    return categories.get(
        IntStream.range(0, categories.size())
            .boxed()
            .max(Comparator.comparingLong(this::count))
            .orElseThrow());
  }

  /** The bin of a number; {@link #MISSING} for NaN. */
  public int bin(double number) {
    if (Double.isNaN(number)) {
      return MISSING;
    }
    // Edges in earlier cells are below it, those in later ones above.
    int cell = cell(number);
    int from = before[cell];
    int to = before[cell + 1];
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (number <= edges[middle]) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  /** The bin of a category; {@link #UNSEEN} if training had no row of it. */
  public int bin(String category) {
    int own = Collections.binarySearch(categories, category);
    if (own >= 0) {
      return own;
    }
    return Collections.binarySearch(others, category) >= 0 ? counts.length - 1 : UNSEEN;
  }
}
