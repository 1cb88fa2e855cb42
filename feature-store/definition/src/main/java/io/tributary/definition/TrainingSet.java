package io.tributary.definition;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
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
    Optional<Instant> knownUntil,
    SourceLocation location) {
  public TrainingSet {
    features = List.copyOf(features);
  }

  /** The rows that ask. */
  public sealed interface Spine {
    /** The source that they come from. */
    String source();

    /** Only of rows of the source for which this is true; null is not. */
    Optional<SqlText> where();

    /**
     * A row for each event that is known at its as-of; of a static source all rows as they stand.
     *
     * @param where looked at in the version that is known at the as-of
     * @param asOf the instant at which a row asks, from the source's columns
     */
    record Listed(String source, Optional<SqlText> where, SqlText asOf) implements Spine {}

    /**
     * A row for each instant of a grid and each entity of which an event had been visible by then.
     *
     * @param where events for which it is not true make no entity known
     * @param entity columns of the source
     * @param every the grid's step, a physical duration
     * @param from an instant of the grid, and the first at which the training set asks; empty = the
     *     grid of {@link #ORIGIN}, from the first event on
     * @param to the training set asks before it; empty = to the end of the pinned data
     */
    record Periodic(
        String source,
        Optional<SqlText> where,
        List<String> entity,
        Duration every,
        Optional<Instant> from,
        Optional<Instant> to)
        implements Spine {
      /** Where a grid that names no beginning is anchored: midnight, in the project's zone. */
      public static final LocalDate ORIGIN = LocalDate.of(2001, 1, 1);

      public Periodic {
        entity = List.copyOf(entity);
      }
    }
  }

  /**
   * What is to be predicted: a value of the row's own event, joined to the spine by event key and
   * read from the last version known by {@code knownUntil}; or, with {@code outcome}, an aggregate
   * over what happens to the row's entity in an interval; or, with {@code ofRow}, what the row that
   * asks says itself, in columns that it does not ask with.
   *
   * @param source where it is read; with {@code ofRow} the source of the rows that ask
   * @param value as it was written
   * @param where rows whose outcome is not of interest; they are counted, and no such filter exists
   *     when scoring
   */
  public record Label(
      String name,
      String source,
      SqlText value,
      Optional<SqlText> where,
      Optional<Outcome> outcome,
      boolean ofRow) {
    /** A value of the row's own event. */
    public Label(String name, String source, SqlText value, Optional<SqlText> where) {
      this(name, source, value, where, Optional.empty());
    }

    /** An outcome over an interval, if there is one. */
    public Label(
        String name,
        String source,
        SqlText value,
        Optional<SqlText> where,
        Optional<Outcome> outcome) {
      this(name, source, value, where, outcome, false);
    }

    /** What the rows of a source say themselves. */
    public static Label ofRow(String name, String source, SqlText value, Optional<SqlText> where) {
      return new Label(name, source, value, where, Optional.empty(), true);
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
      OutcomeWindow during,
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
