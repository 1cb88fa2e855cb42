package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.lake.Lake;
import io.tributary.registry.keeping.RowRules;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** What pins name, as far as the lake still has it. */
final class PinnedData {
  private final Lake lake;

  PinnedData(Lake lake) {
    this.lake = lake;
  }

  /**
   * The pin by which the rows that were read can be read now: of a table whose rows were made anew
   * by other rules since, that of its version of then.
   */
  Pin readable(Pin pin) {
    return lake.table(pin.version().table())
        .description()
        .map(RowRules::of)
        .map(rules -> rules.readable(pin))
        .orElse(pin);
  }

  /** Whether a pin is of a table of this lake, and not of another one's of that name. */
  boolean isHere(Pin pin) {
    return lake.find(pin.version().table())
        .filter(now -> now.id().equals(pin.version().id()))
        .isPresent();
  }

  /** Why a pin's rows can't be read any more, and who can bring them back; empty if they can. */
  Optional<String> gone(Pin pin) {
    TableVersion version = pin.version();
    Optional<TableVersion> now = lake.find(version.table());
    if (now.isEmpty()) {
      return Optional.of(
          "table %s is gone. Restore its folder from a copy of the lake"
              .formatted(version.table()));
    }
    if (!now.get().id().equals(version.id())) {
      return Optional.of(
          "table %s was made anew: it has the id %s, and %s was read. Restore the folder of that one from a copy of the lake"
              .formatted(version.table(), now.get().id(), version.id()));
    }
    if (pin.deliveries().isPresent()) {
      return Optional.empty();
    }
    String why =
        "version %d of table %s can't be read any more: its rows were replaced since, and its files are gone, as a VACUUM removes them. Restore them from a copy of the lake"
            .formatted(version.version(), version.table());
    try {
      return Stream.of(lake.table(version.table()).read(pin).inputFiles()).allMatch(this::isThere)
          ? Optional.empty()
          : Optional.of(why);
    } catch (PlatformException e) {
      return Optional.of(why);
    }
  }

  private boolean isThere(String file) {
    try {
      Path path = new Path(URI.create(file));
      return path.getFileSystem(lake.spark().sessionState().newHadoopConf()).exists(path);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot look for %s: %s. Check the storage and its permissions."
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
