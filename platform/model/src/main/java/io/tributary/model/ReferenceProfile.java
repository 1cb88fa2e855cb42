package io.tributary.model;

import io.tributary.core.Interval;
import io.tributary.drift.MeasureInterval;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a model's scores and outcomes were in each night that it was made from, as counts alone, so
 * that any nights can be put together later without their rows. What its inputs were like is in a
 * {@link io.tributary.drift.DriftProfile}.
 *
 * @param nights every night of the training, validation and test ranges, in this order
 * @param scores the counts of the scores by night
 */
public record ReferenceProfile(List<Night> nights, ScoreCounts scores) {
  private static final int SCORE_QUANTILES = 20;

  public ReferenceProfile {
    nights = List.copyOf(nights);
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
   * Where measures on the test rows could be elsewhere, by name.
   *
   * @param measured on these rows
   */
  public Map<String, MeasureInterval> intervals(BinaryMetrics measured) {
    List<MeasureInterval.Night> tested = new ArrayList<>();
    for (int i = 0; i < nights.size(); i++) {
      if (nights.get(i).range() == Range.TEST) {
        tested.add(
            new MeasureInterval.Night(
                nights.get(i).outcomes(),
                new ScoreBins(scores.bins().get(i), scores.positives().get(i))));
      }
    }
    return MeasureInterval.of(tested, measured.named());
  }

  /**
   * Where measures on other rows than those of the split could be, by name.
   *
   * @param edges of the bins of scores; empty = tenths of the rows' own
   * @param rows in the order of their as-of
   * @param measured on them
   */
  public static Map<String, MeasureInterval> intervals(
      Optional<List<Double>> edges, Part rows, BinaryMetrics measured) {
    Bins bins =
        edges
            .map(of -> new Bins(of, Collections.nCopies(of.size() + 1, 0L)))
            .orElseGet(() -> Bins.ofNumbers(rows.scores()));
    List<Span> nights = rows.nights();
    ScoreCounts counts = count(bins, nights);
    List<MeasureInterval.Night> measuredNights = new ArrayList<>();
    for (int i = 0; i < nights.size(); i++) {
      measuredNights.add(
          new MeasureInterval.Night(
              nights.get(i).outcomes(),
              new ScoreBins(counts.bins().get(i), counts.positives().get(i))));
    }
    return MeasureInterval.of(measuredNights, measured.named());
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
   * @param outcomes how its labels came, beside what its scores promised
   * @param quantiles of its scores, 0, 1/20, … 1, to four places: the share of a decision on such a
   *     night can be read from them
   */
  public record Night(
      LocalDate day, Interval interval, Range range, Outcomes outcomes, List<Double> quantiles) {
    public Night {
      quantiles = List.copyOf(quantiles);
    }
  }

  /**
   * The rows of one part of the split, in the order of their as-of.
   *
   * @param days the day of each, as days since 1970-01-01
   * @param scores of each
   * @param labels of each
   */
  public record Part(Range range, int[] days, double[] scores, boolean[] labels) {
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
  private record Span(Part part, int from, int to) {
    double[] scores() {
      return Arrays.copyOfRange(part.scores(), from, to);
    }

    Outcomes outcomes() {
      return OutcomeSums.of(scores(), Arrays.copyOfRange(part.labels(), from, to)).outcomes();
    }
  }

  /**
   * Profiles the rows that a model was made from: the parts for training, validation and test, in
   * this order.
   *
   * @param zone whose days the nights are
   */
  public static ReferenceProfile of(ZoneId zone, Part train, Part validate, Part test) {
    List<Span> spans =
        List.of(train, validate, test).stream().flatMap(part -> part.nights().stream()).toList();
    return new ReferenceProfile(
        spans.stream().map(span -> night(span, zone)).toList(),
        count(Bins.ofNumbers(validate.scores()), spans));
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
    double[] scores = span.scores();
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
        span.outcomes(),
        quantiles);
  }

  private static Instant start(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant();
  }
}
