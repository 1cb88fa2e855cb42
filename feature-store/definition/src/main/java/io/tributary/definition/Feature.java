package io.tributary.definition;

import java.util.Optional;

/** A feature that a view computes from its source's events. */
public sealed interface Feature {
  /**
   * Its name inside the view; a windowed feature's ends with its window, {@code late_share_6h},
   * {@code late_share_7_calendar_days}.
   */
  String name();

  /** A column of the newest visible row (or, in an on-demand view, of the request). */
  record Lookup(String name, SqlText expression) implements Feature {}

  /**
   * An aggregate over a window that ends at an instant, open below, closed above.
   *
   * @param argument what is aggregated; empty for {@code count(*)} and {@code time_since_last()}
   * @param where only events for which this is true; on top of the view's own filter
   * @param by a dimension: the feature is a map from each of its values in the window to the
   *     aggregate over the events that have it; events that have none are left out
   */
  record Windowed(
      String name,
      Aggregate aggregate,
      Optional<SqlText> argument,
      Optional<SqlText> where,
      Optional<SqlText> by,
      Window window)
      implements Feature {
    /** One that is not split by a dimension. */
    public Windowed(
        String name,
        Aggregate aggregate,
        Optional<SqlText> argument,
        Optional<SqlText> where,
        Window window) {
      this(name, aggregate, argument, where, Optional.empty(), window);
    }
  }
}
