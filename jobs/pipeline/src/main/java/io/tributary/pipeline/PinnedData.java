package io.tributary.pipeline;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
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
    if (pin.deliveries().isEmpty()) {
      return pin;
    }
    Optional<Digest> then = rules(pin.version().table(), pin.version().version());
    Optional<Digest> now = rules(pin.version().table(), Long.MAX_VALUE);
    return then.equals(now) ? pin : Pin.of(pin.version());
  }

  /** The rules that made a validated table's rows, as of a version. */
  private Optional<Digest> rules(TableName table, long version) {
    return lake.table(table).commits().stream()
        .filter(commit -> commit.version().version() <= version)
        .flatMap(commit -> validated(commit).stream())
        .reduce((before, last) -> last)
        .map(IngestFacts.Validated::rules);
  }

  private static Optional<IngestFacts.Validated> validated(Commit commit) {
    return commit
        .facts()
        .flatMap(facts -> facts.facts(IngestFacts.class))
        .flatMap(IngestFacts::validated);
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
