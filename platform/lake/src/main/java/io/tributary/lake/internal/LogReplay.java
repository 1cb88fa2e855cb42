package io.tributary.lake.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.Action$;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.Protocol;
import org.apache.spark.sql.delta.actions.RemoveFile;

/**
 * The live data files of a local table at any of its versions, replayed in memory from the log's
 * JSON. Delta itself starts several Spark jobs for each new version that is read, which for a small
 * table cost more than the work.
 *
 * <p>It supports tables that this platform creates: a log complete from version 0 and of moderate
 * size, no partition columns, no deletion vectors, no reader feature. For all others {@link #at} is
 * empty, and Delta reads. What was read is cached; thread-safe.
 */
public final class LogReplay {
  private static final long LARGEST_LOG_BYTES = 48L << 20;

  private final Path log;
  private final List<Step> steps = new ArrayList<>();
  private Object lastFile;
  private long bytes;
  private boolean unfit;

  /** Loads what the first line of a log needs. */
  public static void prepare() {
    Action$.MODULE$.fromJson(
        "{\"add\":{\"path\":\"a\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,\"dataChange\":true}}");
  }

  /** One commit's part in the replay. */
  private record Step(
      List<AddFile> added,
      List<String> removed,
      Optional<Metadata> metadata,
      Optional<Protocol> protocol) {}

  /**
   * A version of a table.
   *
   * @param files in order of their commits
   */
  public record State(long version, Metadata metadata, Collection<AddFile> files) {}

  /** The table in a local folder; nothing is read yet. */
  public LogReplay(Path table) {
    this.log = table.resolve("_delta_log");
  }

  /**
   * The table at one version, which must exist; empty when this class does not support the table.
   */
  public synchronized Optional<State> at(long version) {
    try {
      if (!readTo(version)) {
        return Optional.empty();
      }
    } catch (IOException e) {
      // Delta reads the same files next and reports better what is wrong with them.
      forget();
      return Optional.empty();
    }
    Map<String, AddFile> live = new LinkedHashMap<>();
    Metadata metadata = null;
    for (Step step : steps.subList(0, (int) version + 1)) {
      step.removed.forEach(live::remove);
      step.added.forEach(a -> live.put(a.path(), a));
      metadata = step.metadata.orElse(metadata);
      if (step.protocol.isPresent() && step.protocol.get().minReaderVersion() > 1) {
        return Optional.empty();
      }
    }
    boolean fits =
        metadata != null
            && metadata.partitionColumns().isEmpty()
            && live.values().stream().allMatch(a -> a.deletionVector() == null);
    return fits ? Optional.of(new State(version, metadata, live.values())) : Optional.empty();
  }

  private boolean readTo(long version) throws IOException {
    if (!steps.isEmpty() && !identity(steps.size() - 1L).equals(lastFile)) {
      forget();
    }
    while (!unfit && steps.size() <= version) {
      Path file = file(steps.size());
      if (!Files.exists(file)) {
        unfit = true;
        break;
      }
      bytes += Files.size(file);
      if (bytes > LARGEST_LOG_BYTES) {
        unfit = true;
        steps.clear();
        break;
      }
      Object identity = identity(steps.size());
      steps.add(parse(file));
      lastFile = identity;
    }
    return !unfit;
  }

  private void forget() {
    steps.clear();
    lastFile = null;
    bytes = 0;
    unfit = false;
  }

  private Path file(long version) {
    return log.resolve("%020d.json".formatted(version));
  }

  /** What distinguishes a commit file from that of a recreated table at the same version. */
  private Object identity(long version) throws IOException {
    try {
      BasicFileAttributes a = Files.readAttributes(file(version), BasicFileAttributes.class);
      return List.of(a.size(), a.lastModifiedTime());
    } catch (NoSuchFileException e) {
      return "none";
    }
  }

  private static Step parse(Path file) throws IOException {
    List<AddFile> added = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    Optional<Metadata> metadata = Optional.empty();
    Optional<Protocol> protocol = Optional.empty();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (line.isBlank() || line.startsWith("{\"commitInfo\"")) {
        continue;
      }
      Action action = Action$.MODULE$.fromJson(line);
      if (action instanceof AddFile a) {
        added.add(a);
      } else if (action instanceof RemoveFile r) {
        removed.add(r.path());
      } else if (action instanceof Metadata m) {
        metadata = Optional.of(m);
      } else if (action instanceof Protocol p) {
        protocol = Optional.of(p);
      }
    }
    return new Step(added, removed, metadata, protocol);
  }
}
