package io.tributary.online;

import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The rows of one snapshot, of which a publication has one or more.
 *
 * @param instant at which they are true
 * @param snapshot the version of the snapshot table that its rows were read from
 * @param known the deliveries that the snapshot was taken from: by input table the number of the
 *     last one
 * @param files ascending by key, not overlapping
 */
public record Layer(
    Instant instant, TableVersion snapshot, Map<String, Long> known, List<SstFile> files) {
  public Layer {
    known = Map.copyOf(known);
    files = List.copyOf(files);
  }

  /** Whether this snapshot was taken from a delivery that another one was not taken from. */
  boolean knowsMoreThan(Layer other) {
    return known.entrySet().stream()
        .anyMatch(e -> e.getValue() > other.known.getOrDefault(e.getKey(), 0L));
  }

  long rows() {
    return files.stream().mapToLong(SstFile::rows).sum();
  }
}
