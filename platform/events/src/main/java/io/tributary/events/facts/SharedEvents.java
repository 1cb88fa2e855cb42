package io.tributary.events.facts;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The events of a training set's rows that lie in both a row's features and its label, and those
 * that lie in neither (rule 14), by role of the views that are made of the label's table. A view
 * that can't be compared with the label is not there.
 *
 * @param inBoth leaks: events that the view shows at the row's as-of and the label tells of
 * @param inNeither blind spots: events that the label would tell of had they come later, and that
 *     the view, joined by the same columns, shows at no time; only for labels over an interval
 */
public record SharedEvents(Map<String, Count> inBoth, Map<String, Count> inNeither) {
  /**
   * A number of events, summed over the labelled rows.
   *
   * @param events each once a row
   * @param rows that have any
   */
  public record Count(long events, long rows) {}

  public SharedEvents {
    inBoth = Collections.unmodifiableMap(new TreeMap<>(inBoth));
    inNeither = Collections.unmodifiableMap(new TreeMap<>(inNeither));
  }
}
