package io.tributary.events.facts;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The counts of a join.
 *
 * @param rowsIn label rows given
 * @param rowsOut rows returned; equal to {@code rowsIn}, or the join has failed
 * @param nullAsOf rows without an as-of, which are kept with the features of a key without events
 * @param ambiguousRows by role: rows whose look-up, or a version in one of the view's windows, has
 *     a rival with equal times and tie-break columns and different values
 * @param ambiguousEntities the same by distinct entity
 * @param skippedBounds by role: rows with a calendar window that begins at a local time that does
 *     not exist, and so moved forward by the gap
 * @param repeatedBounds by role: rows with a calendar window that begins at a local time that comes
 *     twice, of which the earlier one counts
 * @param beforeSnapshots by role of a view with snapshot accuracy: rows with an as-of before any
 *     snapshot is served; they have the features of a key without events
 * @param staleSnapshots the same for rows at whose as-of the newest snapshot is older than the
 *     view's max-staleness
 */
public record JoinCounts(
    long rowsIn,
    long rowsOut,
    long nullAsOf,
    Map<String, Long> ambiguousRows,
    Map<String, Long> ambiguousEntities,
    Map<String, Long> skippedBounds,
    Map<String, Long> repeatedBounds,
    Map<String, Long> beforeSnapshots,
    Map<String, Long> staleSnapshots) {
  public JoinCounts {
    ambiguousRows = Collections.unmodifiableMap(new TreeMap<>(ambiguousRows));
    ambiguousEntities = Collections.unmodifiableMap(new TreeMap<>(ambiguousEntities));
    skippedBounds = Collections.unmodifiableMap(new TreeMap<>(skippedBounds));
    repeatedBounds = Collections.unmodifiableMap(new TreeMap<>(repeatedBounds));
    beforeSnapshots = Collections.unmodifiableMap(new TreeMap<>(beforeSnapshots));
    staleSnapshots = Collections.unmodifiableMap(new TreeMap<>(staleSnapshots));
  }
}
