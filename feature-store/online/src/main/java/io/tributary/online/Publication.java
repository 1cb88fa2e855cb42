package io.tributary.online;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is published of a view at a time: the rows of one snapshot, or of several.
 *
 * @param sequence from 1, one more than the publication that it replaced
 * @param snapshots whose rows it has, the latest instant first; each knows deliveries that none
 *     before it does
 * @param rows how many readers see
 * @param record what made it, for the run log: run, inputs, fingerprint
 */
public record Publication(
    StoredView view,
    long sequence,
    List<PublishedSnapshot> snapshots,
    long rows,
    Map<String, Object> record) {
  public Publication {
    snapshots = List.copyOf(snapshots);
  }

  /** The newest instant that it holds values for; rows carry their own. */
  public Instant instant() {
    return snapshots.get(0).instant();
  }
}
