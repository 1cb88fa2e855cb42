package io.tributary.online;

import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A snapshot whose rows are published.
 *
 * @param instant at which they are true
 * @param snapshot the version of the snapshot table that its rows were read from
 * @param known the deliveries that the snapshot was taken from: by input table the number of the
 *     last one
 */
public record PublishedSnapshot(Instant instant, TableVersion snapshot, Map<String, Long> known) {
  public PublishedSnapshot {
    known = Map.copyOf(known);
  }

  /**
   * Those that count once another one is published beside them, the latest instant first: of two at
   * one instant the added one, and of an earlier instant only what knows a delivery that each later
   * one lacks (rule 11 of the point-in-time contract).
   */
  public static List<PublishedSnapshot> counting(
      Collection<PublishedSnapshot> present, PublishedSnapshot added) {
    List<PublishedSnapshot> all = new ArrayList<>(present);
    all.removeIf(snapshot -> snapshot.instant.equals(added.instant));
    all.add(added);
    all.sort(Comparator.comparing(PublishedSnapshot::instant).reversed());
    List<PublishedSnapshot> counting = new ArrayList<>();
    for (PublishedSnapshot snapshot : all) {
      if (counting.stream().allMatch(snapshot::knowsMoreThan)) {
        counting.add(snapshot);
      }
    }
    return counting;
  }

  private boolean knowsMoreThan(PublishedSnapshot other) {
    return known.entrySet().stream()
        .anyMatch(e -> e.getValue() > other.known.getOrDefault(e.getKey(), 0L));
  }
}
