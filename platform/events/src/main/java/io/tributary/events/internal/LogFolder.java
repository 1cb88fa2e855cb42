package io.tributary.events.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.LakePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Delta table's log folder, as listed at one moment. */
public final class LogFolder {
  private static final Pattern COMMIT = Pattern.compile("(\\d{20})\\.json");
  private static final Pattern CHECKPOINT = Pattern.compile("(\\d{20})\\.checkpoint\\..*");

  private final LakePath path;
  private final TableFiles files;
  private final TreeMap<Long, TableFiles.LogFile> commits;
  private final TreeSet<Long> checkpoints;

  private LogFolder(
      LakePath path,
      TableFiles files,
      TreeMap<Long, TableFiles.LogFile> commits,
      TreeSet<Long> checkpoints) {
    this.path = path;
    this.files = files;
    this.commits = commits;
    this.checkpoints = checkpoints;
  }

  /**
   * Lists the log; empty when there is no table. Commit files that a clean-up left before a gap are
   * passed over.
   *
   * @throws PlatformException CORRUPT when a commit is missing that no checkpoint covers; STORAGE
   *     when the folder can't be read
   */
  public static Optional<LogFolder> list(LakePath path) {
    TableFiles files = TableFiles.of(path);
    List<TableFiles.LogFile> names;
    try {
      names = files.log();
    } catch (IOException e) {
      throw storage(path, "list its log", e);
    }
    TreeMap<Long, TableFiles.LogFile> commits = new TreeMap<>();
    TreeSet<Long> checkpoints = new TreeSet<>();
    for (TableFiles.LogFile file : names) {
      Matcher commit = COMMIT.matcher(file.name());
      if (commit.matches()) {
        commits.put(Long.parseLong(commit.group(1)), file);
        continue;
      }
      Matcher checkpoint = CHECKPOINT.matcher(file.name());
      if (checkpoint.matches() && file.size() > 0) {
        checkpoints.add(Long.parseLong(checkpoint.group(1)));
      }
    }
    if (commits.isEmpty() && checkpoints.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LogFolder(path, files, unbroken(path, commits, checkpoints), checkpoints));
  }

  private static TreeMap<Long, TableFiles.LogFile> unbroken(
      LakePath path, TreeMap<Long, TableFiles.LogFile> commits, TreeSet<Long> checkpoints) {
    if (commits.isEmpty()) {
      throw corrupt(path, "its log has checkpoints but no commit", null);
    }
    long first = commits.lastKey();
    while (commits.containsKey(first - 1)) {
      first--;
    }
    if (first > 0 && checkpoints.ceiling(first - 1) == null) {
      throw corrupt(
          path,
          "commit " + (first - 1) + " of its log is missing and no checkpoint covers it",
          null);
    }
    return new TreeMap<>(commits.tailMap(first, true));
  }

  /** The oldest commit that is still there; 0 unless a clean-up removed older ones. */
  public long first() {
    return commits.firstKey();
  }

  /** The table's newest version. */
  public long last() {
    return commits.lastKey();
  }

  /** The greatest checkpoint at or before {@code version}. */
  public Optional<Long> checkpointAt(long version) {
    return Optional.ofNullable(checkpoints.floor(version));
  }

  /**
   * What tells a commit file from another one of the same version: a table that was created anew.
   */
  public Optional<TableFiles.LogFile> file(long version) {
    return Optional.ofNullable(commits.get(version));
  }

  /**
   * Reads the commits from one version to another, both inclusive, in order; none when {@code from}
   * is beyond {@code to}.
   */
  public List<LoggedCommit> read(long from, long to) {
    if (from > to) {
      return List.of();
    }
    List<LoggedCommit> read = new ArrayList<>();
    for (var commit : commits.subMap(from, true, to, true).entrySet()) {
      String name = commit.getValue().name();
      byte[] json;
      try {
        json = files.read(TableFiles.LOG + "/" + name);
      } catch (IOException e) {
        throw storage(path, "read commit " + commit.getKey(), e);
      }
      try {
        read.add(LoggedCommit.parse(commit.getKey(), commit.getValue().modified(), json));
      } catch (IOException e) {
        throw corrupt(
            path, "commit " + commit.getKey() + " (" + name + ") can't be read: " + reason(e), e);
      }
    }
    return Collections.unmodifiableList(read);
  }

  /**
   * Refuses a table of a later version of the format.
   *
   * @param most the greatest reader version that the caller understands
   */
  public void requireReadable(LoggedCommit commit, int most) {
    int needed = commit.protocol().map(p -> p.path("minReaderVersion").asInt(1)).orElse(1);
    if (needed > most) {
      throw later(
          path,
          "read table",
          "it asks for reader version %d since commit %d, and this version of Tributary knows %d"
              .formatted(needed, commit.version(), most),
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
        "Cannot read table "
            + path.text()
            + ": can't "
            + what
            + ": "
            + reason(cause)
            + ". Check the storage and its permissions.",
        cause);
  }

  static PlatformException corrupt(LakePath path, String why, Exception cause) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read table "
            + path.text()
            + ": "
            + why
            + ". Restore the table's folder from a copy.",
        cause);
  }

  /**
   * The first line of an exception's message, with its kind where the message alone says too
   * little.
   */
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
