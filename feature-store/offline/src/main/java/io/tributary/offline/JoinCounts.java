package io.tributary.offline;

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
 * @param ambiguousRows by role: rows whose look-up, or a version in the view's widest window, had a
 *     rival of equal times and tie-break columns with other values
 * @param ambiguousEntities the same by distinct entity
 */
public record JoinCounts(
    long rowsIn,
    long rowsOut,
    long nullAsOf,
    Map<String, Long> ambiguousRows,
    Map<String, Long> ambiguousEntities) {
  public JoinCounts {
    ambiguousRows = Collections.unmodifiableMap(new TreeMap<>(ambiguousRows));
    ambiguousEntities = Collections.unmodifiableMap(new TreeMap<>(ambiguousEntities));
  }
}
