package io.tributary.runtime;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.core.TableVersion;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What decides a job's result, as one digest: the digest of its definition and its logical inputs.
 * An input that is pinned by delivery counts as its table's id, the delivery's number, and the
 * version that last rebuilt all rows; any other as the table's id and the last version that changed
 * rows. So compaction and commits without rows change no fingerprint. The order of inputs does not
 * matter.
 */
public final class Fingerprint {
  private Fingerprint() {}

  /** Computed from the tables' logs alone. */
  public static Digest of(Lake lake, Digest definition, List<Pin> inputs) {
    Stream<String> logical = inputs.stream().map(pin -> logical(lake, pin)).distinct().sorted();
    List<String> lines = new ArrayList<>();
    lines.add("definition " + definition.hex());
    logical.forEach(lines::add);
    return Digest.of(String.join("\n", lines));
  }

  private static String logical(Lake lake, Pin pin) {
    TableVersion version = pin.version();
    String table = version.table() + "#" + version.id();
    return pin.deliveries()
        .map(n -> table + " delivery<=" + n + lastRebuilding(lake, version))
        .orElseGet(() -> table + " version=" + lastChange(lake, version));
  }

  private static String lastRebuilding(Lake lake, TableVersion version) {
    return lake.table(version.table()).commits().stream()
        .filter(Commit::rebuilds)
        .mapToLong(c -> c.version().version())
        .filter(v -> v <= version.version())
        .max()
        .stream()
        .mapToObj(v -> " rebuilt=" + v)
        .findFirst()
        .orElse("");
  }

  private static long lastChange(Lake lake, TableVersion version) {
    return lake.table(version.table()).commits().stream()
        .filter(c -> c.version().id().equals(version.id()) && c.changesData())
        .mapToLong(c -> c.version().version())
        .filter(v -> v <= version.version())
        .max()
        .orElse(version.version());
  }
}
