package io.tributary.events.facts;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The events of a training set's rows in both a row's features and its label, and those in neither
 * (rule 14), by role of the views on the label's table. Views that can't be compared with the label
 * are left out.
 *
 * @param inBoth leaks: events visible to the view at the row's as-of that the label is made from
 * @param inNeither blind spots: events that the label would be made from had they come later, and
 *     that are never visible to the view, joined by the same columns; only for labels over an
 *     interval
 */
public record SharedEvents(Map<String, Count> inBoth, Map<String, Count> inNeither) {
  /**
   * A number of events, summed over the labelled rows.
   *
   * @param events each once a row
   * @param rows with any
   */
  public record Count(long events, long rows) {}

  public SharedEvents {
    inBoth = Collections.unmodifiableMap(new TreeMap<>(inBoth));
    inNeither = Collections.unmodifiableMap(new TreeMap<>(inNeither));
  }
}
