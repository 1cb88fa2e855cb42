package io.tributary.events.facts;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a join counted.
 *
 * @param rowsIn rows that asked
 * @param rowsOut rows that came back; equal to {@code rowsIn}, or the join has failed
 * @param nullAsOf rows without an as-of, which are kept with the features of a key that has no
 *     events
 * @param ambiguousRows by role: rows whose look-up, or a version in one of the view's windows, had
 *     a rival of equal times and tie-break columns with other values
 * @param ambiguousEntities the same by distinct entity
 * @param skippedBounds by role: rows with a calendar window that begins at a local time that does
 *     not exist, and so moved forward by the gap
 * @param repeatedBounds by role: rows with a calendar window that begins at a local time that comes
 *     twice, of which the earlier was taken
 * @param beforeSnapshots by role of a view at the accuracy of snapshots: rows that ask before one
 *     is served; they have the features of a key that has no events
 * @param staleSnapshots the same of rows that ask when the newest is older than the view's
 *     max-staleness
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
