package io.tributary.definition;

import java.util.Optional;

/** A feature that a view computes from its source's events. */
public sealed interface Feature {
  /** Its name inside the view; a windowed feature's ends with its window, {@code late_share_6h}. */
  String name();

  /** A column of the newest visible row (or, in an on-demand view, of the request). */
  record Lookup(String name, SqlText expression) implements Feature {}

  /**
   * An aggregate over a window {@code (t − w, t]}.
   *
   * @param argument what is aggregated; empty for {@code count(*)} and {@code time_since_last()}
   * @param where only events for which this is true; on top of the view's own filter
   */
  record Windowed(
      String name,
      Aggregate aggregate,
      Optional<SqlText> argument,
      Optional<SqlText> where,
      Window window)
      implements Feature {}
}
