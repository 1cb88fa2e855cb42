package io.tributary.events;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.internal.CommitFile;
import io.tributary.events.internal.KernelTable;
import io.tributary.events.internal.LogFolder;
import io.tributary.events.internal.TableFiles;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A light reader of one Delta table's log: versions, times, and each commit's metadata. It reads
 * the log's JSON alone, no data, without Spark; only if a clean-up removed the commit with the
 * schema does it read a checkpoint. It must read every commit that is still there: a checkpoint has
 * files but not the commits' metadata, which identifies runs and from which records of runs that
 * died are derived. A second {@link #read()} reads only what is new. Thread-safe.
 */
public final class CommitLog {
  /** Delta's reader version with table features: none of them changes commit metadata. */
  private static final int READER = 3;

  /**
   * The number of commits from which a checkpoint is read instead, as loading one takes a moment.
   */
  private static final long CHECKPOINT_MIN_COMMITS = 100;

  private final LakePath path;
  private final List<LogCommit> commits = new ArrayList<>();
  private Optional<TableFiles.LogFile> newestFile = Optional.empty();
  private Optional<TableMetadata> metadata = Optional.empty();

  private CommitLog(LakePath path) {
    this.path = path;
  }

  /** The log of the table at a local path or a Hadoop URI; nothing is read yet. */
  public static CommitLog open(String tablePath) {
    return new CommitLog(LakePath.parse(tablePath));
  }

  /**
   * The log as it is now; empty when there is no table.
   *
   * @throws PlatformException REFUSED when it is in a later version of the format; CORRUPT when the
   *     log can't be parsed or lacks a commit; STORAGE when it can't be reached
   */
  public synchronized Optional<TableHistory> read() {
    Optional<LogFolder> listed = LogFolder.list(path);
    if (listed.isEmpty()) {
      forget();
      return Optional.empty();
    }
    LogFolder folder = listed.get();
    if (!continues(folder)) {
      forget();
    }
    long from = commits.isEmpty() ? folder.first() : commits.get(commits.size() - 1).version() + 1;
    for (CommitFile logged : folder.read(from, folder.last())) {
      folder.requireReadable(logged, READER);
      if (logged.metadata().isPresent()) {
        metadata = Optional.of(TableMetadata.of(logged.metadata().get()));
      }
      commits.add(commit(logged));
    }
    newestFile = folder.file(folder.last());
    if (metadata.isEmpty()) {
      metadata = Optional.of(TableMetadata.of(KernelTable.open(path).metadata(folder.last())));
    }
    TableMetadata table = metadata.get();
    return Optional.of(
        new TableHistory(
            table.id, table.schema, table.partitionColumns, table.properties, commits));
  }

  /**
   * The data files of one version: relative to the table, or absolute. With many commits, those
   * before the newest checkpoint are not read.
   *
   * @throws PlatformException as {@link #read()}; NOT_FOUND when there is no such table or version
   */
  public Set<String> files(long version) {
    LogFolder folder =
        LogFolder.list(path)
            .filter(f -> version <= f.last())
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot list the files of table %s: it has no version %d. Name one that exists."
                            .formatted(path.text(), version)));
    if (folder.first() > 0 || folder.checkpointAt(version).orElse(0L) >= CHECKPOINT_MIN_COMMITS) {
      Set<String> files = new LinkedHashSet<>();
      KernelTable.open(path).files(version).forEach(file -> files.add(path.relative(file)));
      return files;
    }
    Set<String> live = new LinkedHashSet<>();
    for (CommitFile logged : folder.read(0, version)) {
      logged.removed().forEach(file -> live.remove(unescaped(file.path())));
      logged.added().forEach(file -> live.add(unescaped(file.path())));
    }
    return live;
  }

  /**
   * Which data files each version has had that the log still knows. Reads the whole log; empty when
   * there is no table.
   *
   * @throws PlatformException as {@link #read()}
   */
  public Optional<FileHistory> fileHistory() {
    Optional<LogFolder> listed = LogFolder.list(path);
    if (listed.isEmpty()) {
      return Optional.empty();
    }
    LogFolder folder = listed.get();
    List<CommitFile> logged = folder.read(folder.first(), folder.last());
    FileHistory.Builder history = FileHistory.from(folder.first(), commit(logged.get(0)).at());
    if (folder.first() > 0) {
      KernelTable.open(path)
          .files(folder.first())
          .forEach(file -> history.add(path.relative(file), folder.first()));
    }
    for (CommitFile commit : logged) {
      folder.requireReadable(commit, READER);
      if (commit.version() > 0 && commit.version() == folder.first()) {
        continue;
      }
      Instant at = commit(commit).at();
      for (CommitFile.FileAction file : commit.removed()) {
        history.remove(
            logged(file.path()),
            commit.version(),
            // The later one: a clock may have stood years back.
            Instant.ofEpochMilli(Math.max(at.toEpochMilli(), file.deleted())));
      }
      commit.added().forEach(file -> history.add(logged(file.path()), commit.version()));
    }
    return Optional.of(history.build());
  }

  /** A file as a commit names it: relative to the table, or by a URI. */
  private String logged(String file) {
    String name = unescaped(file);
    return name.startsWith("/") || name.contains(":/") ? path.relative(name) : name;
  }

  private static String unescaped(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private void forget() {
    commits.clear();
    newestFile = Optional.empty();
    metadata = Optional.empty();
  }

  private boolean continues(LogFolder folder) {
    return newestFile.isPresent()
        && folder.file(commits.get(commits.size() - 1).version()).equals(newestFile);
  }

  private LogCommit commit(CommitFile logged) {
    Optional<JsonNode> info = logged.commitInfo();
    long millis = logged.modified();
    for (String field : List.of("timestamp", "inCommitTimestamp")) {
      if (info.isPresent() && info.get().path(field).isIntegralNumber()) {
        millis = info.get().path(field).longValue();
      }
    }
    Map<String, String> metrics = new TreeMap<>();
    info.ifPresent(
        i ->
            i.path("operationMetrics")
                .fields()
                .forEachRemaining(f -> metrics.put(f.getKey(), f.getValue().asText())));
    boolean changed =
        logged.added().stream().anyMatch(CommitFile.FileAction::dataChange)
            || logged.removed().stream().anyMatch(CommitFile.FileAction::dataChange);
    return new LogCommit(
        logged.version(),
        Instant.ofEpochMilli(millis),
        info.map(i -> i.path("operation").asText("")).orElse(""),
        info.map(i -> i.path("userMetadata")).filter(JsonNode::isTextual).map(JsonNode::textValue),
        changed,
        logged.added().size(),
        logged.removed().size(),
        metrics);
  }

  private record TableMetadata(
      String id, String schema, List<String> partitionColumns, Map<String, String> properties) {
    static TableMetadata of(JsonNode action) {
      if (!action.path("id").isTextual() || !action.path("schemaString").isTextual()) {
        throw new PlatformException(
            ErrorCode.CORRUPT,
            "Cannot read a table's metadata: it has no id or no schema. Restore the table's folder from a copy.");
      }
      List<String> partitions = new ArrayList<>();
      action.path("partitionColumns").forEach(p -> partitions.add(p.asText()));
      Map<String, String> properties = new TreeMap<>();
      action
          .path("configuration")
          .fields()
          .forEachRemaining(f -> properties.put(f.getKey(), f.getValue().asText()));
      return new TableMetadata(
          action.path("id").textValue(),
          action.path("schemaString").textValue(),
          partitions,
          properties);
    }
  }
}
