package io.tributary.online.rocksdb;

import io.tributary.online.Publication;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A publication that reads answer from. Its files are closed once it has been replaced and the last
 * read has left.
 */
final class OpenPublication {
  private final Manifests.InForce inForce;
  private final Publication publication;
  private final OpenFiles files;

  /** Reads that use the files, and one while it is in force. */
  private final AtomicInteger uses = new AtomicInteger(1);

  OpenPublication(Path folder, Manifests.InForce inForce) {
    this.inForce = inForce;
    this.publication = inForce.manifest().publication();
    this.files = inForce.manifest().open(folder);
  }

  /** What it was opened from. */
  Manifests.InForce inForce() {
    return inForce;
  }

  Publication publication() {
    return publication;
  }

  OpenFiles files() {
    return files;
  }

  /** Keeps the files open until {@link #release()}; false if they are closed. */
  boolean retain() {
    return uses.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  void release() {
    if (uses.decrementAndGet() == 0) {
      files.close();
    }
  }
}
