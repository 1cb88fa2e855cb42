package io.tributary.online.redis;

import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A publication as it is stored.
 *
 * @param format of the manifest, from 1
 * @param codec of keys, rows and buckets as bytes, from 1
 * @param identity of this publication among all of the same number
 * @param parts what readers see, of all layers; ascending by key, not overlapping
 * @param layers the snapshots that it is made of, the latest instant first
 */
record Manifest(
    int format,
    int codec,
    StoredView view,
    long sequence,
    String identity,
    List<Part> parts,
    List<Layer> layers,
    long rows,
    Map<String, Object> record) {
  static final int FORMAT = 1;
  static final int CODEC = 1;

  Manifest {
    parts = List.copyOf(parts);
    layers = List.copyOf(layers);
  }

  /**
   * A snapshot and its rows.
   *
   * @param parts ascending by key, not overlapping
   */
  record Layer(PublishedSnapshot snapshot, List<Part> parts) {
    Layer {
      parts = parts.stream().sorted(Comparator.comparing(Part::firstKey)).toList();
    }
  }

  /** What the pointer says while it is in force. */
  String pointer() {
    return sequence + " " + identity;
  }

  Publication publication() {
    return new Publication(
        view, sequence, identity, layers.stream().map(Layer::snapshot).toList(), rows, record);
  }

  /** The parts that it has, and those of the layers that it is made of. */
  Set<Part> allParts() {
    Set<Part> all = new HashSet<>(parts);
    layers.forEach(layer -> all.addAll(layer.parts()));
    return all;
  }
}
