package io.tributary.source;

import io.tributary.core.Digest;
import java.io.Serializable;
import java.util.List;

/**
 * A source's file as it lies there now.
 *
 * @param location where it can be opened: an absolute local path or a Hadoop URI
 * @param range the part of a database's table that it holds, one at most
 */
public record FoundFile(
    String path, String location, long bytes, String sha256, List<SourceRange> range)
    implements Serializable {
  public FoundFile(String path, String location, long bytes, String sha256) {
    this(path, location, bytes, sha256, List.of());
  }

  public DeliveredFile delivered() {
    return new DeliveredFile(path, bytes, Digest.parse(sha256), range.stream().findFirst());
  }
}
