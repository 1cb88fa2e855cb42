package io.tributary.drift;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The groups of an input's bins by which windows are compared: tenths of training's numbers, or
 * categories of at least a fiftieth and one for all others; the last is for missing values.
 *
 * @param of the group of each bin
 * @param unseen the group of categories that training doesn't have
 */
record Groups(int size, int[] of, int unseen) {
  private static final int TENTHS = 10;
  private static final double LEAST_SHARE = 0.02;
  private static final int DIGITS = 3;
  private static final int MOST_DIGITS = 17;

  static Groups of(InputReference input) {
    ValueBins bins = input.bins();
    return bins.categorical() ? ofCategories(bins) : ofNumbers(bins);
  }

  private static Groups ofNumbers(ValueBins bins) {
    int[] of = new int[bins.size()];
    double total = Math.max(1, bins.total());
    double below = 0;
    int size = 0;
    int last = -1;
    for (int b = 0; b < of.length; b++) {
      int tenth = Math.min(TENTHS - 1, (int) ((below + bins.count(b) / 2.0) / total * TENTHS));
      size += tenth == last ? 0 : 1;
      last = tenth;
      of[b] = size - 1;
      below += bins.count(b);
    }
    return new Groups(size + 1, of, size - 1);
  }

  private static Groups ofCategories(ValueBins bins) {
    int[] of = new int[bins.size()];
    int size = 0;
    for (int b = 0; b < of.length; b++) {
      of[b] = bins.count(b) >= LEAST_SHARE * bins.total() ? size++ : -1;
    }
    int others = size;
    Arrays.setAll(of, b -> of[b] < 0 ? others : of[b]);
    return new Groups(size + 2, of, others);
  }

  /** What each group holds, for people: a category, or a span of numbers. */
  List<String> labels(InputReference input) {
    ValueBins bins = input.bins();
    List<String> labels = new ArrayList<>();
    List<Double> edges = new ArrayList<>();
    for (int group = 0; group < size - 1; group++) {
      int last = bins.size() - 1;
      while (last >= 0 && of[last] != group) {
        last--;
      }
      if (bins.categorical()) {
        labels.add(group == unseen ? "others" : bins.label(last));
      } else {
        edges.add(bins.upper(last));
      }
    }
    if (!bins.categorical()) {
      labels.addAll(spans(edges.subList(0, size - 2)));
    }
    labels.add("missing");
    return labels;
  }

  /** Spans of numbers by the edges between them, with as many digits as tell these apart. */
  private static List<String> spans(List<Double> between) {
    if (between.isEmpty()) {
      return List.of("any");
    }
    // An edge just below a number that has a bin of its own is shown as the number.
    List<Double> edges =
        between.stream()
            .map(e -> between.contains(Math.nextUp(e)) || isShort(e) ? Math.nextUp(e) : e)
            .toList();
    int digits = DIGITS;
    List<String> numbers = numbers(edges, digits);
    while (digits < MOST_DIGITS && !tellApart(numbers, edges)) {
      numbers = numbers(edges, ++digits);
    }
    List<String> spans = new ArrayList<>(List.of("≤ " + numbers.get(0)));
    for (int edge = 1; edge < numbers.size(); edge++) {
      spans.add(
          edges.get(edge).equals(edges.get(edge - 1))
              ? numbers.get(edge)
              : numbers.get(edge - 1) + " to " + numbers.get(edge));
    }
    spans.add("> " + numbers.get(numbers.size() - 1));
    return spans;
  }

  private static boolean isShort(double edge) {
    return Double.toString(Math.nextUp(edge)).length() < Double.toString(edge).length() - DIGITS;
  }

  /** Whether none is off by half of the narrowest span. */
  private static boolean tellApart(List<String> numbers, List<Double> edges) {
    double least = Double.POSITIVE_INFINITY;
    double off = 0;
    for (int edge = 0; edge < edges.size(); edge++) {
      off = Math.max(off, Math.abs(Double.parseDouble(numbers.get(edge)) - edges.get(edge)));
      double span = edge == 0 ? 0 : edges.get(edge) - edges.get(edge - 1);
      least = span > 0 ? Math.min(least, span) : least;
    }
    return off < least / 2;
  }

  private static List<String> numbers(List<Double> edges, int digits) {
    return edges.stream()
        .map(
            edge ->
                new BigDecimal(edge)
                    .round(new MathContext(edge == Math.rint(edge) ? MOST_DIGITS : digits))
                    .stripTrailingZeros()
                    .toPlainString())
        .toList();
  }

  /** The group of a bin, of {@link ValueBins#MISSING} and {@link ValueBins#UNSEEN} too. */
  int group(int bin) {
    return bin >= 0 ? of[bin] : bin == ValueBins.MISSING ? size - 1 : unseen;
  }

  /** The counts of an interval's rows in the groups. */
  long[] counts(IntervalState state, int input) {
    long[] counts = new long[size];
    long[] bins = state.counts(input);
    for (int b = 0; b < bins.length; b++) {
      counts[of[b]] += bins[b];
    }
    counts[unseen] += state.sum(input, IntervalState.Sum.UNSEEN);
    counts[size - 1] += state.sum(input, IntervalState.Sum.MISSING);
    return counts;
  }

  /**
   * The counts of another training's rows in the groups.
   *
   * @param own the bins that the groups are of
   * @param other the input in the other training, whose rows are counted
   * @param missing those among its rows that have no value
   */
  double[] counts(ValueBins own, InputReference other, double missing) {
    ValueBins others = other.bins();
    double[] counts = new double[size];
    counts[size - 1] = missing;
    if (own.categorical()) {
      // Which share a bin in one training need not in the other: all of them count as one.
      for (int b = 0; b < others.size(); b++) {
        int bin = others.ofOne(b) ? own.bin(others.label(b)) : ValueBins.UNSEEN;
        counts[bin >= 0 && own.ofOne(bin) ? of[bin] : unseen] += others.count(b);
      }
      return counts;
    }
    double below = 0;
    for (int b = 0; b < of.length; b++) {
      double upTo = others.countUpTo(own.upper(b), other.greatestNumber());
      counts[of[b]] += upTo - below;
      below = upTo;
    }
    return counts;
  }

  /** The counts of all inputs, by input and group. */
  static long[][] counts(DriftReference reference, IntervalState state) {
    long[][] counts = new long[reference.inputs().size()][];
    Arrays.setAll(counts, i -> of(reference.inputs().get(i)).counts(state, i));
    return counts;
  }
}
