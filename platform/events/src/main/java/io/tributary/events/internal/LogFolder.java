package io.tributary.events.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.LakePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A Delta table's log folder, as listed at one moment. */
public final class LogFolder {
  private static final int DIGITS = 20;

  private final LakePath path;
  private final TableFiles files;
  private final TreeMap<Long, TableFiles.Listed> commits;
  private final TreeMap<Long, TableFiles.Listed> checkpoints;

  private LogFolder(
      LakePath path,
      TableFiles files,
      TreeMap<Long, TableFiles.Listed> commits,
      TreeMap<Long, TableFiles.Listed> checkpoints) {
    this.path = path;
    this.files = files;
    this.commits = commits;
    this.checkpoints = checkpoints;
  }

  /**
   * Lists the log; empty when there is no table. Commit files that a clean-up left before a gap are
   * ignored.
   *
   * @throws PlatformException CORRUPT when a commit is missing that no checkpoint covers; STORAGE
   *     when the folder can't be read
   */
  public static Optional<LogFolder> list(LakePath path) {
    TableFiles files = TableFiles.of(path);
    List<TableFiles.Listed> listed;
    try {
      listed = files.log();
    } catch (IOException e) {
      throw storage(path, "list its log", e);
    }
    TreeMap<Long, TableFiles.Listed> commits = new TreeMap<>();
    TreeMap<Long, TableFiles.Listed> checkpoints = new TreeMap<>();
    for (TableFiles.Listed file : listed) {
      String name = file.name();
      if (!isNumbered(name)) {
        continue;
      }
      if (name.startsWith(".json", DIGITS) && name.length() == DIGITS + ".json".length()) {
        commits.put(Long.parseLong(name.substring(0, DIGITS)), file);
      } else if (name.startsWith(".checkpoint.", DIGITS)) {
        checkpoints.put(Long.parseLong(name.substring(0, DIGITS)), file);
      }
    }
    if (commits.isEmpty() && checkpoints.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LogFolder(path, files, unbroken(path, commits, checkpoints), checkpoints));
  }

  private static boolean isNumbered(String name) {
    for (int i = 0; i < DIGITS; i++) {
      if (i >= name.length() || name.charAt(i) < '0' || name.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static TreeMap<Long, TableFiles.Listed> unbroken(
      LakePath path,
      TreeMap<Long, TableFiles.Listed> commits,
      TreeMap<Long, TableFiles.Listed> checkpoints) {
    if (commits.isEmpty()) {
      throw corrupt(path, "its log has checkpoints but no commit", null);
    }
    long first = commits.lastKey();
    for (long version : commits.descendingKeySet()) {
      if (version < first - 1) {
        break;
      }
      first = version;
    }
    if (first > 0 && newest(path, checkpoints, Long.MAX_VALUE).orElse(-1L) < first - 1) {
      throw corrupt(
          path,
          "commit " + (first - 1) + " of its log is missing and no checkpoint covers it",
          null);
    }
    return new TreeMap<>(commits.tailMap(first, true));
  }

  /** An empty file is no checkpoint: its writer was killed. */
  private static Optional<Long> newest(
      LakePath path, TreeMap<Long, TableFiles.Listed> checkpoints, long upTo) {
    for (Map.Entry<Long, TableFiles.Listed> each :
        checkpoints.headMap(upTo, true).descendingMap().entrySet()) {
      if (attributes(path, each.getValue()).size() > 0) {
        return Optional.of(each.getKey());
      }
    }
    return Optional.empty();
  }

  private static TableFiles.LogFile attributes(LakePath path, TableFiles.Listed file) {
    try {
      return file.file();
    } catch (IOException e) {
      throw storage(path, "look at " + file.name() + " of its log", e);
    }
  }

  /** The oldest commit still there; 0 unless a clean-up removed older ones. */
  public long first() {
    return commits.firstKey();
  }

  /** The table's newest version. */
  public long last() {
    return commits.lastKey();
  }

  /**
   * Deletes checkpoints that two later ones have superseded; none if commits that they cover are
   * gone. Readers that have started with one of the newest two are not disturbed.
   */
  void deleteOldCheckpoints() throws IOException {
    if (first() > 0) {
      return;
    }
    Optional<Long> newest = checkpointAt(last());
    Optional<Long> former = newest.flatMap(c -> checkpointAt(c - 1));
    if (former.isPresent()) {
      for (TableFiles.Listed old : checkpoints.headMap(former.get(), false).values()) {
        files.delete(TableFiles.LOG + "/" + old.name());
      }
    }
  }

  /** The newest checkpoint at or before {@code version}. */
  public Optional<Long> checkpointAt(long version) {
    return newest(path, checkpoints, version);
  }

  /** What distinguishes a commit file from that of a recreated table at the same version. */
  public Optional<TableFiles.LogFile> file(long version) {
    return Optional.ofNullable(commits.get(version)).map(f -> attributes(path, f));
  }

  /**
   * Reads the commits from one version to another, both inclusive, in order; none when {@code from}
   * is beyond {@code to}.
   */
  public List<CommitFile> read(long from, long to) {
    if (from > to) {
      return List.of();
    }
    List<CommitFile> read = new ArrayList<>();
    for (long version : commits.subMap(from, true, to, true).keySet()) {
      read.add(read(version));
    }
    return Collections.unmodifiableList(read);
  }

  /**
   * Reads back from a version to the newest fold at or before it: the commits after the version
   * that it folded, in order. Replaying them from an empty set gives the files of {@code to}.
   * Without a fold, all commits from the first.
   */
  public List<CommitFile> sinceFold(long to) {
    Deque<CommitFile> read = new ArrayDeque<>();
    long from = first();
    boolean found = false;
    for (long version = to; version >= from; version--) {
      CommitFile commit = read(version);
      read.addFirst(commit);
      if (!found && commit.folds().isPresent() && commit.folds().get() + 1 >= from) {
        found = true;
        from = commit.folds().get() + 1;
      }
    }
    return List.copyOf(read);
  }

  private CommitFile read(long version) {
    TableFiles.LogFile file = attributes(path, commits.get(version));
    byte[] json;
    try {
      json = files.read(TableFiles.LOG + "/" + file.name());
    } catch (IOException e) {
      throw storage(path, "read commit " + version, e);
    }
    try {
      return CommitFile.parse(version, file.modified(), json);
    } catch (IOException e) {
      throw corrupt(
          path, "commit " + version + " (" + file.name() + ") can't be read: " + reason(e), e);
    }
  }

  /**
   * Refuses a table of a later version of the format.
   *
   * @param supported the highest reader version that the caller supports
   */
  public void requireReadable(CommitFile commit, int supported) {
    int needed = commit.protocol().map(p -> p.path("minReaderVersion").asInt(1)).orElse(1);
    if (needed > supported) {
      throw later(
          path,
          "read table",
          "it needs reader version %d since commit %d, and this version of Tributary supports %d"
              .formatted(needed, commit.version(), supported),
          null);
    }
  }

  static PlatformException later(LakePath path, String what, String why, Exception cause) {
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot %s %s: it is in a later version of the format (%s). Use the version of Tributary that changed it, or a later one."
            .formatted(what, path.text(), why),
        cause);
  }

  static PlatformException storage(LakePath path, String what, Exception cause) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read table %s: can't %s: %s. Check the storage and its permissions."
            .formatted(path.text(), what, reason(cause)),
        cause);
  }

  static PlatformException corrupt(LakePath path, String why, Exception cause) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read table %s: %s. Restore the table's folder from a copy."
            .formatted(path.text(), why),
        cause);
  }

  /** The first line of an exception's message, with its class if the message alone is unclear. */
  static String reason(Throwable thrown) {
    String message = thrown.getMessage();
    if (message == null) {
      return thrown.getClass().getSimpleName();
    }
    String line = message.lines().findFirst().orElse("");
    String kind = thrown.getClass().getSimpleName();
    boolean fileOnly =
        thrown instanceof java.nio.file.FileSystemException f && f.getReason() == null;
    return fileOnly ? kind + " " + line : line;
  }
}
