package io.tributary.drift;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What training's rows say of one input: its bins, its range, the values that it never passes, and
 * the other inputs that it goes with. All that counting a row needs beside the row.
 *
 * @param group what it comes from, such as its feature view
 * @param limits numbers beyond are outside of training's range by a quarter of it and more
 * @param hardLow numbers below have never been, though a quarter of the intervals reach it; −∞ if
 *     there is no such bound
 * @param hardHigh numbers above have never been, likewise
 * @param centre of the numbers, their mean
 * @param scale of the numbers, their standard deviation
 * @param median of the numbers
 * @param least where a number is cut off, in units of {@code scale} from {@code centre}
 * @param greatest where it is cut off above
 * @param partners inputs whose values go with this one's within an interval, at most two
 * @param sibling the input that is missing most nearly where this one is
 */
record InputReference(
    String name,
    String group,
    ValueBins bins,
    Limits limits,
    double hardLow,
    double hardHigh,
    double centre,
    double scale,
    double median,
    double least,
    double greatest,
    List<Partner> partners,
    OptionalInt sibling) {
  private static final double MARGIN = 0.25;
  private static final double REACHED = 0.25;

  /**
   * Another input, and how much likelier each pair of bins is than if the two had nothing to do
   * with each other.
   *
   * @param input its number
   * @param likelihood by this input's coarse bin and the partner's: logarithms in units of 2⁻²⁰
   */
  record Partner(int input, long[][] likelihood) {}

  /** A lowest and a highest number. */
  record Limits(double low, double high) {
    static final Limits NONE = new Limits(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  InputReference {
    partners = List.copyOf(partners);
  }

  /** An input without partners. */
  static InputReference of(InputName name, Column column, int rows, int[] intervals, Range range) {
    ValueBins bins = column.newBins(rows);
    double[] sorted =
        column instanceof Column.Numbers numbers ? numbers.sorted(rows) : new double[0];
    if (sorted.length == 0) {
      return new InputReference(
          name.name(),
          name.group(),
          bins,
          Limits.NONE,
          Double.NEGATIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          0,
          1,
          0,
          0,
          0,
          List.of(),
          OptionalInt.empty());
    }
    double[] values = ((Column.Numbers) column).values();
    double least = sorted[0];
    double greatest = sorted[sorted.length - 1];
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double variance = Arrays.stream(sorted).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    double scale = Math.max(Math.sqrt(variance), 1e-12);
    return new InputReference(
        name.name(),
        name.group(),
        bins,
        range.limits(),
        reached(values, rows, intervals, least) ? least : Double.NEGATIVE_INFINITY,
        reached(values, rows, intervals, greatest) ? greatest : Double.POSITIVE_INFINITY,
        mean,
        scale,
        quantile(sorted, 0.5),
        (quantile(sorted, 0.01) - mean) / scale - 1,
        (quantile(sorted, 0.99) - mean) / scale + 1,
        List.of(),
        OptionalInt.empty());
  }

  /** Whether more than a quarter of the intervals that have numbers have this one. */
  private static boolean reached(double[] values, int rows, int[] intervals, double bound) {
    Set<Integer> all = new HashSet<>();
    Set<Integer> reaching = new HashSet<>();
    for (int row = 0; row < rows; row++) {
      if (!Double.isNaN(values[row])) {
        all.add(intervals[row]);
        if (values[row] == bound) {
          reaching.add(intervals[row]);
        }
      }
    }
    return reaching.size() > REACHED * all.size();
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[Math.min((int) (share * sorted.length), sorted.length - 1)];
  }

  InputReference with(List<Partner> found, OptionalInt missingAlike) {
    return new InputReference(
        name,
        group,
        bins,
        limits,
        hardLow,
        hardHigh,
        centre,
        scale,
        median,
        least,
        greatest,
        found,
        missingAlike);
  }

  /** The greatest number of training, or one that is a billionth of the range below. */
  double greatestNumber() {
    // The limits lie a quarter of the range beyond its ends.
    double range = (limits.high() - limits.low()) / (1 + 2 * MARGIN);
    return limits.high() - range * (MARGIN + 1e-9);
  }

  boolean categorical() {
    return bins.categorical();
  }

  /** Bins of an input that a pair of inputs is counted in: missing, unseen, then values by rank. */
  Coarse coarse() {
    return Coarse.of(bins);
  }

  /** A coarse bin for each bin; 0 is missing, 1 unseen. */
  record Coarse(int size, int[] of) {
    private static final double[] CUTS = {.125, .25, .375, .5, .625, .75, .875, .95, .99};

    static Coarse of(ValueBins bins) {
      int[] of = new int[bins.size()];
      if (bins.categorical()) {
        Arrays.setAll(of, b -> b + 2);
        return new Coarse(bins.size() + 2, of);
      }
      double total = Math.max(1, bins.total());
      double below = 0;
      int last = -1;
      int size = 2;
      for (int b = 0; b < of.length; b++) {
        double middle = (below + bins.count(b) / 2.0) / total;
        below += bins.count(b);
        int cut = (int) Arrays.stream(CUTS).filter(c -> c <= middle).count();
        if (cut != last) {
          size++;
          last = cut;
        }
        of[b] = size - 1;
      }
      return new Coarse(size, of);
    }

    int of(int bin) {
      return bin >= 0 ? of[bin] : bin == ValueBins.MISSING ? 0 : 1;
    }
  }

  /**
   * The least and greatest number of training, and which intervals have them, so that an interval
   * of training can be compared with the range of all others.
   *
   * @param owner the only interval that has the least number, if there is one
   * @param other the least number of the other intervals
   */
  record Range(Bound low, Bound high) {
    /**
     * An end of the range.
     *
     * @param value of all intervals
     * @param owner the interval with that value or, if several have it, none
     * @param other the same end of all intervals but the owner
     */
    record Bound(double value, OptionalInt owner, double other) {
      double without(int interval) {
        return owner.isPresent() && owner.getAsInt() == interval ? other : value;
      }
    }

    /** The range of a column; NaN where it has no numbers. */
    static Range of(Column column, int rows, int[] intervals) {
      if (!(column instanceof Column.Numbers numbers)) {
        Bound none = new Bound(Double.NaN, OptionalInt.empty(), Double.NaN);
        return new Range(none, none);
      }
      return new Range(
          bound(numbers.values(), rows, intervals, 1),
          bound(numbers.values(), rows, intervals, -1));
    }

    /** Of the numbers times a sign the least, times that sign. */
    private static Bound bound(double[] values, int rows, int[] intervals, int sign) {
      double first = Double.POSITIVE_INFINITY;
      for (int row = 0; row < rows; row++) {
        first = values[row] * sign < first ? values[row] * sign : first;
      }
      int owner = -1;
      boolean several = false;
      for (int row = 0; row < rows; row++) {
        if (values[row] * sign == first) {
          several |= owner >= 0 && owner != intervals[row];
          owner = intervals[row];
        }
      }
      double second = Double.POSITIVE_INFINITY;
      for (int row = 0; row < rows; row++) {
        if (intervals[row] != owner && values[row] * sign < second) {
          second = values[row] * sign;
        }
      }
      return new Bound(
          first * sign,
          several || owner < 0 || Double.isInfinite(second)
              ? OptionalInt.empty()
              : OptionalInt.of(owner),
          second * sign);
    }

    /** The range of all intervals, and a quarter more on either side. */
    Limits limits() {
      return limits(low.value(), high.value());
    }

    /** The same of all intervals but one. */
    Limits without(int interval) {
      return limits(low.without(interval), high.without(interval));
    }

    private static Limits limits(double from, double to) {
      double margin = MARGIN * (to - from);
      return new Limits(from - margin, to + margin);
    }
  }
}
