package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.drift.MeasureInterval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a version comes to on rows that it was not fitted to, as far as anybody knows.
 *
 * @param rows that it was measured on
 * @param metrics on all of them, by the measure's name
 * @param intervals where these could be, had other nights been measured, by name; none of too few
 *     nights
 * @param slices the same metrics of the most frequent values of some columns, by column
 * @param suspect what was used although somebody had marked it, a sentence each
 */
public record Evaluation(
    Rows rows,
    Map<String, Double> metrics,
    Map<String, MeasureInterval> intervals,
    Map<String, List<Slice>> slices,
    List<String> suspect) {
  public Evaluation {
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    intervals = Collections.unmodifiableMap(new TreeMap<>(intervals));
    slices = Collections.unmodifiableMap(new TreeMap<>(slices));
    suspect = List.copyOf(suspect);
  }

  /**
   * The rows that were measured.
   *
   * @param trainingSet whose rows they are
   * @param build its number; empty where the newest rows were made for this and kept nowhere
   * @param pins what they were made from
   * @param definition the digest of the training set's definition
   * @param content the digest of all rows that were asked for, those left out among them
   * @param asOf that were asked for; empty = any
   * @param first the earliest as-of measured
   * @param last the latest
   * @param rows how many were measured
   * @param positives those of them whose label is true
   * @param nights how many days of the project's zone they lie in
   * @param fitted left out, as the version was fitted to them or stopped by them
   * @param otherKeys left out, as the version's split does not test their keys
   * @param unknown of those measured, the ones of which nobody knows whether it was fitted to them
   */
  public record Rows(
      String trainingSet,
      Optional<Long> build,
      List<Pin> pins,
      Digest definition,
      Digest content,
      List<Interval> asOf,
      Instant first,
      Instant last,
      long rows,
      long positives,
      int nights,
      long fitted,
      long otherKeys,
      long unknown) {
    public Rows {
      pins = List.copyOf(pins);
      asOf = List.copyOf(asOf);
    }

    /** {@code late_arrival@7}; {@code late_arrival} where they are in no build. */
    public String from() {
      return trainingSet + build.map(number -> "@" + number).orElse("");
    }

    /** What was left out and what nobody knows, in clauses. */
    public List<String> cautions() {
      List<String> cautions = new ArrayList<>();
      if (fitted > 0) {
        cautions.add(text("%,d rows that it was fitted to are left out", fitted));
      }
      if (otherKeys > 0) {
        cautions.add(text("%,d rows of keys that its split does not test are left out", otherKeys));
      }
      if (unknown > 0) {
        cautions.add(
            text(
                "NOBODY KNOWS whether it was fitted to %s, as it was trained elsewhere",
                unknown == rows ? "these rows" : text("%,d of them", unknown)));
      }
      return cautions;
    }
  }

  /** The rows in which a column has this value, {@code null} as text where it is missing. */
  public record Slice(String value, long rows, long positives, Map<String, Double> metrics) {
    public Slice {
      metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    }
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** As people read it. */
  @Override
  public String toString() {
    String measured =
        metrics.entrySet().stream()
            .map(
                metric ->
                    text("%s %.4f", metric.getKey(), metric.getValue())
                        + Optional.ofNullable(intervals.get(metric.getKey()))
                            .map(in -> text(" (%.4f to %.4f)", in.lower(), in.upper()))
                            .orElse(""))
            .collect(Collectors.joining(", "));
    return text(
            "on %,d rows of %s, %,d of them true, %d nights from %s to %s: ",
            rows.rows(), rows.from(), rows.positives(), rows.nights(), rows.first(), rows.last())
        + measured
        + rows.cautions().stream().map(caution -> "; " + caution).collect(Collectors.joining())
        + (suspect.isEmpty() ? "" : "; made of what somebody had marked as suspect");
  }
}
