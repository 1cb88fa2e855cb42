package io.tributary.definition;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Part;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A split over given rows: its ranges as instants and its shares as buckets of {@link SplitBucket}.
 *
 * <p>Shares are dealt from bucket 0 on, in the order train, validate, test; a part without a share
 * has all buckets. A split without a validation part takes it from the last of its training part's
 * buckets.
 *
 * @param end the data's end, from which days are counted back: the beginning of the day after the
 *     newest row's, in the project's zone
 * @param parts train, validate and test
 */
public record DealtSplit(Instant end, List<Dealt> parts) {
  public DealtSplit {
    parts = List.copyOf(parts);
  }

  /**
   * A part.
   *
   * @param written as the split says it; empty where it is taken from the training part
   * @param asOf of its rows; empty = any
   * @param fromBucket its first bucket
   * @param toBucket the first bucket behind it
   */
  public record Dealt(
      String name, Optional<Part> written, Optional<Interval> asOf, int fromBucket, int toBucket) {
    /** As instants and buckets: {@code FROM/TO, buckets 0 to 6999}. */
    @Override
    public String toString() {
      String range = asOf.map(Interval::toString).orElse("any as-of");
      return fromBucket == 0 && toBucket == SplitBucket.BUCKETS
          ? range
          : range + ", buckets " + fromBucket + " to " + (toBucket - 1);
    }
  }

  /**
   * Applies a split.
   *
   * @param newest the greatest as-of among the rows that have a label
   * @throws PlatformException {@code INVALID_VALUE} if a part is empty or two overlap, with the
   *     data ending where it does
   */
  public static DealtSplit of(Model model, Instant newest, ZoneId zone) {
    LocalDate end = Interval.dayOf(newest, zone).plusDays(1);
    List<Dealt> parts = new ArrayList<>();
    int dealt = 0;
    for (Map.Entry<String, Part> named : model.split().parts().entrySet()) {
      Part part = named.getValue();
      int first = part.share().isPresent() ? dealt : 0;
      int behind = part.share().map(share -> first + share).orElse(SplitBucket.BUCKETS);
      dealt += part.share().orElse(0);
      parts.add(
          new Dealt(
              named.getKey(),
              Optional.of(part),
              part.asOf().map(range -> interval(model, named.getKey(), range, end, zone)),
              first,
              behind));
    }
    if (model.split().validate().isEmpty()) {
      Dealt train = parts.get(0);
      int kept =
          train.toBucket()
              - (train.toBucket() - train.fromBucket()) * Model.Split.VALIDATE_PERCENT / 100;
      parts.set(
          0, new Dealt(train.name(), train.written(), train.asOf(), train.fromBucket(), kept));
      parts.add(1, new Dealt("validate", Optional.empty(), train.asOf(), kept, train.toBucket()));
    }
    DealtSplit split = new DealtSplit(end.atStartOfDay(zone).toInstant(), parts);
    split.requireApart(model);
    return split;
  }

  /**
   * The same split moved by whole days, so that its test rows end with a day; one without as-ofs is
   * as it was.
   *
   * @param behind the first instant after that day
   */
  public DealtSplit testedUpTo(Instant behind, ZoneId zone) {
    Optional<Interval> test = parts.get(parts.size() - 1).asOf();
    if (test.isEmpty()) {
      return this;
    }
    long days =
        ChronoUnit.DAYS.between(
            Interval.dayOf(test.get().to(), zone), Interval.dayOf(behind, zone));
    return new DealtSplit(
        end,
        parts.stream()
            .map(
                part ->
                    new Dealt(
                        part.name(),
                        part.written(),
                        part.asOf()
                            .map(
                                range ->
                                    Interval.of(
                                        moved(range.from(), days, zone),
                                        moved(range.to(), days, zone))),
                        part.fromBucket(),
                        part.toBucket()))
            .toList());
  }

  private static Instant moved(Instant instant, long days, ZoneId zone) {
    return instant.atZone(zone).plusDays(days).toInstant();
  }

  private static Interval interval(
      Model model, String name, AsOfRange range, LocalDate end, ZoneId zone) {
    Instant from = range.from().instant(end, zone);
    Instant to = range.to().instant(end, zone);
    if (!from.isBefore(to)) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot train model %s: the %s part of its split, %s, is empty, because its data ends at %s. Load what is missing, or begin the part earlier."
              .formatted(model.name(), name, range, end.atStartOfDay(zone).toInstant()));
    }
    return Interval.of(from, to);
  }

  private void requireApart(Model model) {
    for (int i = 1; i < parts.size(); i++) {
      for (int j = 0; j < i; j++) {
        Dealt a = parts.get(j);
        Dealt b = parts.get(i);
        boolean sameBuckets = a.fromBucket() < b.toBucket() && b.fromBucket() < a.toBucket();
        boolean sameTime =
            a.asOf().isEmpty() || b.asOf().isEmpty() || a.asOf().get().overlaps(b.asOf().get());
        if (sameBuckets && sameTime) {
          throw new PlatformException(
              ErrorCode.INVALID_VALUE,
              "Cannot train model %s: the parts %s (%s) and %s (%s) of its split overlap, because its data ends at %s: rows would serve for both. Move one."
                  .formatted(model.name(), a.name(), a, b.name(), b, end));
        }
      }
    }
  }
}
