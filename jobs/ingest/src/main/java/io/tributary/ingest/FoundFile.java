package io.tributary.ingest;

import java.io.Serializable;

/**
 * A source's file as it lies there now.
 *
 * @param location where it can be opened: an absolute local path or a Hadoop URI
 */
record FoundFile(String path, String location, long bytes, String sha256) implements Serializable {
  DeliveredFile delivered() {
    return new DeliveredFile(path, bytes, io.tributary.core.Digest.parse(sha256));
  }
}
