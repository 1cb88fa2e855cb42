package io.tributary.online;

import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is published of a view at a time: the rows of one snapshot, or of several.
 *
 * @param lake the id of the lake that it was published from; empty where a build before wrote it
 * @param sequence from 1, one more than the publication that it replaced
 * @param identity tells it from others of its sequence, where a store that lost some gives that
 *     again; else empty
 * @param snapshots whose rows it has, the latest instant first; each knows deliveries that none
 *     before it does
 * @param rows how many readers see
 * @param record what made it, for the run log: run, inputs, fingerprint
 */
public record Publication(
    StoredView view,
    Optional<String> lake,
    long sequence,
    String identity,
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

  /** The versions of tables that it was made from, and is compared with. */
  public Set<TableVersion> madeFrom() {
    Set<TableVersion> versions = new TreeSet<>(Comparator.comparing(TableVersion::toString));
    snapshots.forEach(snapshot -> versions.add(snapshot.snapshot()));
    Pin[] inputs =
        Json.mapper().convertValue(record.getOrDefault("inputs", List.of()), Pin[].class);
    Arrays.stream(inputs).forEach(pin -> versions.add(pin.version()));
    return versions;
  }
}
