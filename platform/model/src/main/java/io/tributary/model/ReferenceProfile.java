package io.tributary.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Interval;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What a model's inputs and predictions looked like when it was made: what monitoring compares a
 * night with. As JSON it is counts alone, by night and bin, with the bins' edges, so that any
 * nights can be put together later without their rows; all else is computed from them.
 *
 * <p>A single night is never like a year. It has one weekday, one weather, a few hundred rows; its
 * distribution is narrower than the year's, and its index against the year is large although
 * nothing is wrong. So the profile also says how far the single nights that the model was made from
 * were from the whole, and how well it did on the single nights of the test range: a night is out
 * of the ordinary only when it lies beyond them.
 */
public final class ReferenceProfile {
  /** Nights with fewer rows say too little to count in a spread. */
  public static final int MIN_ROWS_PER_NIGHT = 50;

  private static final int SCORE_QUANTILES = 20;

  private final Stored stored;
  private final List<InputProfile> inputs;
  private final Bins predictions;
  private final Spread predictionPsi;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  private ReferenceProfile(Stored stored) {
    this.stored = stored;
    inputs = stored.inputs().stream().map(input -> profile(input, stored.nights())).toList();
    ScoreCounts scores = stored.scores();
    predictions =
        new Bins(
            scores.edges(),
            List.of(),
            pooled(scores.bins(), k -> stored.nights().get(k).range() == Range.VALIDATE));
    predictionPsi =
        Spread.of(
            fullNights(stored.nights())
                .mapToDouble(k -> predictions.psi(array(scores.bins().get(k))))
                .toArray());
  }

  /** In the signature's order. */
  public List<InputProfile> inputs() {
    return inputs;
  }

  /** Scores on the validation rows, by which the best epoch was chosen. */
  public Bins predictions() {
    return predictions;
  }

  /**
   * How far the scores of single nights of the training and validation ranges were from {@link
   * #predictions()}.
   */
  public Spread predictionPsi() {
    return predictionPsi;
  }

  /** Every night of the training, validation and test ranges, in this order. */
  public List<Night> nights() {
    return stored.nights();
  }

  /** The counts of each input by night, in the signature's order. */
  public List<InputCounts> counts() {
    return stored.inputs();
  }

  /** The counts of the scores by night. */
  public ScoreCounts scores() {
    return stored.scores();
  }

  @JsonValue
  Stored stored() {
    return stored;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReferenceProfile that && stored.equals(that.stored);
  }

  @Override
  public int hashCode() {
    return stored.hashCode();
  }

  /** Its JSON. */
  record Stored(List<Night> nights, List<InputCounts> inputs, ScoreCounts scores) {
    Stored {
      nights = List.copyOf(nights);
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * One input over the training rows.
   *
   * @param missing the share of missing values
   * @param psi how far single nights of the training and validation ranges were from it
   * @param missingRise by how much the share of missing values of such a night was above it
   */
  public record InputProfile(
      String column, Bins bins, double missing, Spread psi, Spread missingRise) {}

  /**
   * How often values of an input fell into each bin of {@link Bins}, by night.
   *
   * @param edges of the bins of a number
   * @param categories of the bins of a category
   * @param least of the numbers among the training rows; empty for a category, and where there is
   *     none
   * @param greatest of them
   * @param bins by night, then by bin; missing values are in none
   * @param missing values, by night
   * @param unseen by night, values that no training row has: other categories, and numbers below
   *     {@code least} or above {@code greatest}; they are in a bin too
   */
  public record InputCounts(
      String column,
      List<Double> edges,
      List<String> categories,
      Optional<Double> least,
      Optional<Double> greatest,
      List<List<Long>> bins,
      List<Long> missing,
      List<Long> unseen) {
    public InputCounts {
      edges = List.copyOf(edges);
      categories = List.copyOf(categories);
      bins = bins.stream().map(List::copyOf).toList();
      missing = List.copyOf(missing);
      unseen = List.copyOf(unseen);
    }
  }

  /**
   * How often scores fell into each bin, by night.
   *
   * @param edges of the bins: tenths of the validation rows
   * @param bins by night, then by bin
   * @param positives those of them whose label is true
   */
  public record ScoreCounts(List<Double> edges, List<List<Long>> bins, List<List<Long>> positives) {
    public ScoreCounts {
      edges = List.copyOf(edges);
      bins = bins.stream().map(List::copyOf).toList();
      positives = positives.stream().map(List::copyOf).toList();
    }
  }

  /**
   * How large a measure was on single nights.
   *
   * @param largest over all of them
   * @param p99 a value that at most one in a hundred of them is above
   * @param nights how many there were
   */
  public record Spread(double largest, double p99, int nights) {
    static Spread of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      return n == 0
          ? new Spread(0, 0, 0)
          : new Spread(sorted[n - 1], sorted[(int) Math.ceil(0.99 * n) - 1], n);
    }
  }

  /** The part of the split that a night belongs to. */
  public enum Range {
    TRAIN,
    VALIDATE,
    TEST
  }

  /**
   * The rows of one part of the split whose as-of lies in one day of the project's zone. Where keys
   * divide the rows, a day has a night for each part.
   *
   * @param interval the day as it was in that zone
   * @param positives rows whose label is true
   * @param auc empty if all labels are equal
   * @param quantiles of its scores, 0, 1/20, … 1, to four places: the share of a decision on such a
   *     night can be read from them
   */
  public record Night(
      LocalDate day,
      Interval interval,
      Range range,
      int rows,
      long positives,
      double meanScore,
      Optional<Double> auc,
      double logLoss,
      List<Double> quantiles) {
    public Night {
      quantiles = List.copyOf(quantiles);
    }

    /** Whether it counts in a spread. */
    private boolean isFull() {
      return range != Range.TEST && rows >= MIN_ROWS_PER_NIGHT;
    }
  }

  /**
   * The rows of one part of the split, in the order of their as-of.
   *
   * @param order their numbers in the input rows
   * @param days the day of each, in the same order, as days since 1970-01-01
   * @param scores of each, in the same order
   * @param labels of each, in the same order
   */
  public record Part(Range range, int[] order, int[] days, double[] scores, boolean[] labels) {
    private Span span(int from, int to) {
      return new Span(this, from, to);
    }

    private List<Span> nights() {
      List<Span> nights = new ArrayList<>();
      int from = 0;
      for (int k = 1; k <= days.length; k++) {
        if (k == days.length || days[k] != days[from]) {
          nights.add(span(from, k));
          from = k;
        }
      }
      return nights;
    }
  }

  /** A night's rows, by their place in the order of their part. */
  private record Span(Part part, int from, int to) {}

  /**
   * Profiles the rows that a model was made from: the parts for training, validation and test, in
   * this order.
   *
   * @param zone whose days the nights are
   */
  public static ReferenceProfile of(
      ModelSignature signature, InputRows rows, ZoneId zone, Part train, Part validate, Part test) {
    List<Span> spans =
        List.of(train, validate, test).stream().flatMap(part -> part.nights().stream()).toList();
    List<InputCounts> inputs =
        IntStream.range(0, signature.inputs().size())
            .parallel()
            .mapToObj(i -> count(signature.inputs().get(i).column(), i, rows, train, spans))
            .toList();
    return new ReferenceProfile(
        new Stored(
            spans.stream().map(span -> night(span, zone)).toList(),
            inputs,
            count(Bins.ofNumbers(validate.scores()), spans)));
  }

  private static InputCounts count(
      String column, int input, InputRows rows, Part train, List<Span> spans) {
    Bins bins;
    IntPredicate isUnseen;
    Optional<Double> least = Optional.empty();
    Optional<Double> greatest = Optional.empty();
    if (rows.categorical(input)) {
      long[] seen = new long[rows.texts(input).size()];
      for (int row : train.order()) {
        if (!rows.isMissing(input, row)) {
          seen[rows.codes(input)[row]]++;
        }
      }
      bins = Bins.ofCategories(rows.texts(input), seen);
      isUnseen = row -> !rows.isMissing(input, row) && seen[rows.codes(input)[row]] == 0;
    } else {
      double[] sorted =
          Arrays.stream(train.order())
              .mapToDouble(row -> rows.numberAt(input, row) + 0.0)
              .filter(x -> !Double.isNaN(x))
              .sorted()
              .toArray();
      bins = Bins.ofNumbers(sorted);
      if (sorted.length == 0) {
        isUnseen = row -> !rows.isMissing(input, row);
      } else {
        double low = sorted[0];
        double high = sorted[sorted.length - 1];
        least = Optional.of(low);
        greatest = Optional.of(high);
        isUnseen = row -> rows.numberAt(input, row) < low || rows.numberAt(input, row) > high;
      }
    }
    List<List<Long>> counts = new ArrayList<>();
    List<Long> missing = new ArrayList<>();
    List<Long> unseen = new ArrayList<>();
    for (Span span : spans) {
      int[] order = span.part().order();
      long[] found = bins.count(rows, input, order, span.from(), span.to());
      counts.add(Arrays.stream(found).boxed().toList());
      missing.add(span.to() - span.from() - Arrays.stream(found).sum());
      unseen.add(Arrays.stream(order, span.from(), span.to()).filter(isUnseen).count());
    }
    return new InputCounts(
        column, bins.edges(), bins.categories(), least, greatest, counts, missing, unseen);
  }

  private static ScoreCounts count(Bins bins, List<Span> spans) {
    List<List<Long>> counts = new ArrayList<>();
    List<List<Long>> positives = new ArrayList<>();
    for (Span span : spans) {
      long[] all = new long[bins.counts().size()];
      long[] hits = new long[all.length];
      for (int k = span.from(); k < span.to(); k++) {
        int bin = bins.bin(span.part().scores()[k]);
        all[bin]++;
        hits[bin] += span.part().labels()[k] ? 1 : 0;
      }
      counts.add(Arrays.stream(all).boxed().toList());
      positives.add(Arrays.stream(hits).boxed().toList());
    }
    return new ScoreCounts(bins.edges(), counts, positives);
  }

  private static Night night(Span span, ZoneId zone) {
    Part part = span.part();
    double[] scores = Arrays.copyOfRange(part.scores(), span.from(), span.to());
    boolean[] labels = Arrays.copyOfRange(part.labels(), span.from(), span.to());
    BinaryMetrics metrics = BinaryMetrics.of(scores, labels);
    Arrays.sort(scores);
    List<Double> quantiles = new ArrayList<>();
    for (int q = 0; q <= SCORE_QUANTILES; q++) {
      quantiles.add(
          Math.round(scores[(int) ((long) (scores.length - 1) * q / SCORE_QUANTILES)] * 1e4) / 1e4);
    }
    LocalDate day = LocalDate.ofEpochDay(part.days()[span.from()]);
    return new Night(
        day,
        Interval.of(start(day, zone), start(day.plusDays(1), zone)),
        part.range(),
        span.to() - span.from(),
        metrics.positives(),
        metrics.meanScore(),
        metrics.auc(),
        metrics.logLoss(),
        quantiles);
  }

  private static Instant start(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant();
  }

  private static InputProfile profile(InputCounts input, List<Night> nights) {
    IntPredicate trained = k -> nights.get(k).range() == Range.TRAIN;
    Bins bins = new Bins(input.edges(), input.categories(), pooled(input.bins(), trained));
    long rows =
        IntStream.range(0, nights.size())
            .filter(trained)
            .mapToLong(k -> nights.get(k).rows())
            .sum();
    long missing =
        IntStream.range(0, nights.size()).filter(trained).mapToLong(input.missing()::get).sum();
    double share = rows == 0 ? 0 : (double) missing / rows;
    return new InputProfile(
        input.column(),
        bins,
        share,
        Spread.of(
            fullNights(nights).mapToDouble(k -> bins.psi(array(input.bins().get(k)))).toArray()),
        Spread.of(
            fullNights(nights)
                .mapToDouble(k -> (double) input.missing().get(k) / nights.get(k).rows() - share)
                .toArray()));
  }

  private static IntStream fullNights(List<Night> nights) {
    return IntStream.range(0, nights.size()).filter(k -> nights.get(k).isFull());
  }

  /** The sums of the counts of some nights. */
  private static List<Long> pooled(List<List<Long>> counts, IntPredicate which) {
    long[] sums = new long[counts.isEmpty() ? 1 : counts.get(0).size()];
    for (int night = 0; night < counts.size(); night++) {
      if (which.test(night)) {
        for (int bin = 0; bin < sums.length; bin++) {
          sums[bin] += counts.get(night).get(bin);
        }
      }
    }
    return Arrays.stream(sums).boxed().toList();
  }

  private static long[] array(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).toArray();
  }
}
