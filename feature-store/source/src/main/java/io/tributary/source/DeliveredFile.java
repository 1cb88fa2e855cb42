package io.tributary.source;

import io.tributary.core.Digest;
import java.util.Optional;

/**
 * A file of a delivery; its bytes are what it is.
 *
 * @param path relative to the project's folder where it lies in it; for rows of a database their
 *     table and range
 * @param range the part of a database's table that it holds; empty for what was delivered as a file
 * @param stamp by which it is recognized without being read; empty where that would prove nothing
 */
public record DeliveredFile(
    String path,
    long bytes,
    Digest sha256,
    Optional<SourceRange> range,
    Optional<FileStamp> stamp) {
  public DeliveredFile {
    range = range == null ? Optional.empty() : range;
    stamp = stamp == null ? Optional.empty() : stamp;
  }
}
