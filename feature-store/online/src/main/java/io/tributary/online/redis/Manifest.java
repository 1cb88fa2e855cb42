package io.tributary.online.redis;

import io.tributary.online.Differences;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A publication as it is stored.
 *
 * @param format of the manifest, from 1; of 1 it is known that it has one run
 * @param codec of keys, rows and buckets as bytes, from 1; in rows of 1 each has its instant
 * @param lake the id of the lake that it was published from; empty where a build before wrote it
 * @param identity of this publication among all of the same number
 * @param runs what readers see, of all layers, the newest first; in each the parts are ascending by
 *     key, not overlapping
 * @param layers the snapshots that it is made of, the latest instant first
 * @param pause whether and how long publications are written whole
 */
record Manifest(
    int format,
    int codec,
    StoredView view,
    Optional<String> lake,
    long sequence,
    String identity,
    List<List<Part>> runs,
    List<Layer> layers,
    long rows,
    Optional<Differences.Pause> pause,
    Map<String, Object> record) {
  static final int FORMAT = 2;
  static final int CODEC = 2;

  Manifest {
    runs = runs.stream().map(List::copyOf).toList();
    layers = List.copyOf(layers);
  }

  /**
   * A snapshot and its rows.
   *
   * @param runs the newest first; in each the parts are ascending by key, not overlapping
   */
  record Layer(PublishedSnapshot snapshot, List<List<Part>> runs) {
    Layer {
      runs = runs.stream().map(Layer::ordered).toList();
    }

    private static List<Part> ordered(List<Part> parts) {
      return parts.stream().sorted(Comparator.comparing(Part::firstKey)).toList();
    }
  }

  /** The newest instant that it holds values for. */
  Instant instant() {
    return layers.get(0).snapshot().instant();
  }

  /** What the pointer says while it is in force. */
  String pointer() {
    return sequence + " " + identity;
  }

  Publication publication() {
    return new Publication(
        view,
        lake,
        sequence,
        identity,
        layers.stream().map(Layer::snapshot).toList(),
        rows,
        record);
  }

  /** The parts that it has, and those of the layers that it is made of. */
  Set<Part> allParts() {
    Set<Part> all = new HashSet<>();
    runs.forEach(all::addAll);
    layers.forEach(layer -> layer.runs().forEach(all::addAll));
    return all;
  }
}
