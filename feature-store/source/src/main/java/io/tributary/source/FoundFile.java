package io.tributary.source;

import io.tributary.core.Digest;
import java.io.Serializable;
import java.util.List;

/**
 * A source's file as it lies there now.
 *
 * @param location where it can be opened: an absolute local path or a Hadoop URI
 * @param range the part of a database's table that it holds, one at most
 * @param stamp as it was before it was read for its digest, one at most
 * @param isSettled whether by its stamp it is recognized without being read
 * @param parts in which it can be read side by side; none = as a whole
 */
public record FoundFile(
    String path,
    String location,
    long bytes,
    String sha256,
    List<SourceRange> range,
    List<FileStamp> stamp,
    boolean isSettled,
    List<FilePart> parts)
    implements Serializable {
  public FoundFile(String path, String location, long bytes, String sha256) {
    this(path, location, bytes, sha256, List.of(), List.of(), false, List.of());
  }

  /** The same in parts, or one part of it. */
  FoundFile with(List<FilePart> others) {
    return new FoundFile(path, location, bytes, sha256, range, stamp, isSettled, others);
  }

  public DeliveredFile delivered() {
    return new DeliveredFile(
        path,
        bytes,
        Digest.parse(sha256),
        range.stream().findFirst(),
        stamp.stream().filter(s -> isSettled).findFirst());
  }
}
