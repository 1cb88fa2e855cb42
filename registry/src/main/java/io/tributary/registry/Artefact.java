package io.tributary.registry;

import io.tributary.core.Digest;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a model version in the artefact store.
 *
 * @param path where they lie, relative to the lake: {@code models/DIGEST}
 * @param digest the SHA-256 of the lines {@code NAME DIGEST} of the files, by name
 * @param files by name, sub-folders with {@code /}
 */
public record Artefact(String path, Digest digest, Map<String, StoredFile> files) {
  public Artefact {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /** The size of all files, in bytes. */
  public long size() {
    return files.values().stream().mapToLong(StoredFile::size).sum();
  }
}
