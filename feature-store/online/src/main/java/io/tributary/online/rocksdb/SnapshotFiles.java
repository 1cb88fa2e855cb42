package io.tributary.online.rocksdb;

import io.tributary.core.TableVersion;
import io.tributary.online.PublishedSnapshot;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A published snapshot with its files.
 *
 * @param files ascending by key, not overlapping
 */
record SnapshotFiles(
    Instant instant, TableVersion snapshot, Map<String, Long> known, List<SstFile> files) {
  SnapshotFiles {
    known = Map.copyOf(known);
    files = files.stream().sorted(Comparator.comparing(SstFile::firstKey)).toList();
  }

  static SnapshotFiles of(PublishedSnapshot snapshot, List<SstFile> files) {
    return new SnapshotFiles(snapshot.instant(), snapshot.snapshot(), snapshot.known(), files);
  }

  PublishedSnapshot published() {
    return new PublishedSnapshot(instant, snapshot, known);
  }
}
