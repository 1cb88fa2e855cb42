package io.tributary.online.rocksdb;

import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.definition.ViewId;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A publication as its file says it.
 *
 * @param format of the manifest, from 1
 * @param codec of keys and rows as bytes, from 1
 * @param instant the newest instant that it holds values for
 * @param schema the digest of the names and types of keys and features that the files were written
 *     with
 * @param files what readers see, of all layers; ascending by key, not overlapping
 * @param layers the snapshots that it is made of, the latest instant first
 * @param change what it adds to the publication that it replaced, and withdraws; empty for the
 *     first
 */
record Manifest(
    int format,
    int codec,
    ViewId view,
    long sequence,
    Digest definition,
    Instant instant,
    List<StoredColumn> keys,
    List<StoredFeature> features,
    Digest schema,
    Optional<Duration> ttl,
    Optional<Duration> maxStaleness,
    List<SstFile> files,
    List<SnapshotFiles> layers,
    long rows,
    Optional<Change> change,
    Map<String, Object> record) {
  static final int FORMAT = 1;
  static final int CODEC = 1;

  Manifest {
    files = List.copyOf(files);
    layers = List.copyOf(layers);
  }

  /**
   * The manifest of a publication.
   *
   * @param former what it replaces
   * @param layers the latest instant first
   * @param files what these come to
   */
  static Manifest of(
      StoredView view,
      Optional<Manifest> former,
      List<SnapshotFiles> layers,
      List<SstFile> files,
      Map<String, Object> record) {
    return new Manifest(
        FORMAT,
        CODEC,
        view.id(),
        former.map(Manifest::sequence).orElse(0L) + 1,
        view.definition(),
        layers.get(0).instant(),
        view.keys(),
        view.features(),
        schema(view),
        view.ttl(),
        view.maxStaleness(),
        files,
        layers,
        files.stream().mapToLong(SstFile::rows).sum(),
        former.map(f -> Change.between(f, files)),
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
        sequence,
        "",
        layers.stream().map(SnapshotFiles::published).toList(),
        rows,
        record);
  }
}
