package io.tributary.source;

import io.tributary.core.Digest;
import java.util.Optional;

/**
 * A file of a delivery; its bytes are what it is.
 *
 * @param path relative to the project's folder where it lies in it; for rows of a database their
 *     table and range
 * @param range the part of a database's table that it holds; empty for what was delivered as a file
 */
public record DeliveredFile(String path, long bytes, Digest sha256, Optional<SourceRange> range) {
  public DeliveredFile {
    range = range == null ? Optional.empty() : range;
  }

  /** What was delivered as a file. */
  public DeliveredFile(String path, long bytes, Digest sha256) {
    this(path, bytes, sha256, Optional.empty());
  }
}
