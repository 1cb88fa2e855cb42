package io.tributary.online.rocksdb;

import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.definition.ViewId;
import io.tributary.online.Differences;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A publication as its file says it.
 *
 * @param format of the manifest, from 1; of 1 it is known that it has one run
 * @param codec of keys and rows as bytes, from 1; in rows of 1 each has its instant
 * @param lake the id of the lake that it was published from; empty where a build before wrote it
 * @param instant the newest instant that it holds values for
 * @param schema the digest of the names and types of keys and features that the files were written
 *     with
 * @param runs what readers see, of all layers, the newest first; in each the files are ascending by
 *     key, not overlapping
 * @param layers the snapshots that it is made of, the latest instant first
 * @param pause whether and how long publications are written whole
 */
record Manifest(
    int format,
    int codec,
    ViewId view,
    long sequence,
    Digest definition,
    Optional<String> lake,
    Instant instant,
    List<StoredColumn> keys,
    List<StoredFeature> features,
    Digest schema,
    Optional<Duration> ttl,
    Optional<Duration> maxStaleness,
    List<List<SstFile>> runs,
    List<SnapshotFiles> layers,
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
   * The manifest of a publication.
   *
   * @param former what it replaces
   * @param layers the latest instant first
   * @param runs what these come to
   * @param codec of the oldest of their rows
   */
  static Manifest of(
      StoredView view,
      String lake,
      Optional<Manifest> former,
      List<SnapshotFiles> layers,
      List<List<SstFile>> runs,
      int codec,
      long rows,
      Optional<Differences.Pause> pause,
      Map<String, Object> record) {
    return new Manifest(
        FORMAT,
        codec,
        view.id(),
        former.map(Manifest::sequence).orElse(0L) + 1,
        view.definition(),
        Optional.of(lake),
        layers.get(0).instant(),
        view.keys(),
        view.features(),
        schema(view),
        view.ttl(),
        view.maxStaleness(),
        runs,
        layers,
        rows,
        pause,
        record);
  }

  static Digest schema(StoredView view) {
    return Digest.of(
        Json.write(
            List.of(view.keys(), view.features().stream().map(StoredFeature::column).toList())));
  }

  StoredView stored() {
    return new StoredView(view, definition, keys, features, ttl, maxStaleness);
  }

  Publication publication() {
    return new Publication(
        stored(),
        lake,
        sequence,
        "",
        layers.stream().map(SnapshotFiles::published).toList(),
        rows,
        record);
  }

  OpenFiles open(Path folder) {
    return new OpenFiles(folder, runs, stored(), instant, OpenRun.Reading.KEYS);
  }

  /** The files that it has, and those of the layers that it is made of. */
  Set<SstFile> allFiles() {
    Set<SstFile> all = new HashSet<>();
    runs.forEach(all::addAll);
    layers.forEach(layer -> layer.runs().forEach(all::addAll));
    return all;
  }
}
