package io.tributary.definition;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training set: who asks and when, what is to be predicted, and with which features.
 *
 * @param knownUntil labels are read as known by then; empty = the end of the pinned data
 */
public record TrainingSet(
    String name,
    String description,
    Spine rows,
    Label label,
    List<ViewUse> features,
    Optional<java.time.Instant> knownUntil,
    Mark mark) {
  public TrainingSet {
    features = List.copyOf(features);
  }

  /**
   * The rows that ask: one for each event of a source that is known at its as-of.
   *
   * @param source the source of the rows
   * @param asOf the instant at which a row asks, from the source's columns
   */
  public record Spine(String source, SqlText asOf) {}

  /**
   * What is to be predicted: a value of the row's own event, joined to the spine by event key and
   * read from the last version known by {@code knownUntil}; or, with {@code outcome}, an aggregate
   * over what happens to the row's entity in an interval.
   *
   * @param value as it was written
   * @param where rows whose outcome is not of interest; they are counted, and no such filter exists
   *     when scoring
   */
  public record Label(
      String name,
      String source,
      SqlText value,
      Optional<SqlText> where,
      Optional<Outcome> outcome) {
    /** A value of the row's own event. */
    public Label(String name, String source, SqlText value, Optional<SqlText> where) {
      this(name, source, value, where, Optional.empty());
    }
  }

  /**
   * An outcome over an interval: aggregates of the source's events, by event time, as known when
   * the interval has been over for {@code maturity}. Only from then on is the label usable.
   *
   * @param keys the source's column → the spine's column, by which events belong to a row
   * @param events only events for which this is true
   * @param aggregates under the names by which {@code value} and {@code filter} call them, each
   *     over a window of the interval's length
   * @param value the label, from the aggregates
   * @param filter the label's {@code where}, from the aggregates
   */
  public record Outcome(
      During during,
      Duration maturity,
      Map<String, String> keys,
      Optional<SqlText> events,
      List<Feature.Windowed> aggregates,
      SqlText value,
      Optional<SqlText> filter) {
    public Outcome {
      keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
      aggregates = List.copyOf(aggregates);
    }
  }
}
