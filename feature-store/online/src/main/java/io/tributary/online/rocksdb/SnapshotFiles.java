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
 * @param runs the newest first; in each the files are ascending by key, not overlapping
 */
record SnapshotFiles(
    Instant instant, TableVersion snapshot, Map<String, Long> known, List<List<SstFile>> runs) {
  SnapshotFiles {
    known = Map.copyOf(known);
    runs = runs.stream().map(SnapshotFiles::ordered).toList();
  }

  private static List<SstFile> ordered(List<SstFile> files) {
    return files.stream().sorted(Comparator.comparing(SstFile::firstKey)).toList();
  }

  static SnapshotFiles of(PublishedSnapshot snapshot, List<List<SstFile>> runs) {
    return new SnapshotFiles(snapshot.instant(), snapshot.snapshot(), snapshot.known(), runs);
  }

  PublishedSnapshot published() {
    return new PublishedSnapshot(instant, snapshot, known);
  }
}
