package io.tributary.ingest;

import org.apache.hadoop.fs.FileSystem;

/** What this process has read from storages. */
final class ReadBytes {
  private ReadBytes() {}

  static long of(String scheme) {
    return FileSystem.getAllStatistics().stream()
        .filter(s -> s.getScheme().equals(scheme))
        .mapToLong(FileSystem.Statistics::getBytesRead)
        .sum();
  }
}
