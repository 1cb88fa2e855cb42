package io.tributary.events.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.Event;
import io.tributary.events.LakePath;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an event log's rows by the log's JSON from the newest fold on, caches them, and reads only
 * what is new the next time. Not thread-safe.
 */
public final class EventReader {
  private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);

  /** The reader version without deletion vectors and renamed columns. */
  private static final int READER = 1;

  private final LakePath path;
  private final TableFiles files;
  private final Map<String, List<Entry>> decoded = new LinkedHashMap<>();
  private Optional<State> newest = Optional.empty();
  private Optional<Rows> known = Optional.empty();

  public EventReader(LakePath path) {
    this.path = path;
    this.files = TableFiles.of(path);
  }

  /**
   * The rows of a version.
   *
   * @param version −1 when there is no table
   */
  public record Rows(long version, List<Entry> entries) {}

  /**
   * The data files of a version and the commit that added each: −1 = rewritten, or known from a
   * checkpoint only.
   */
  private record State(long version, Optional<TableFiles.LogFile> file, Map<String, Long> active) {}

  /**
   * The plan of a fold of a version.
   *
   * @param kept files that stay as they are
   * @param entries the rows of all others, in order of their commits
   */
  record Fold(Set<String> kept, List<Entry> entries) {}

  /** The rows of the newest version: the same object as the last time where nothing is new. */
  public Rows newest() {
    Optional<LogFolder> folder = LogFolder.list(path);
    if (folder.isEmpty()) {
      forget();
      return new Rows(-1, List.of());
    }
    if (newest.isPresent() && !folder.get().file(newest.get().version).equals(newest.get().file)) {
      forget();
    }
    if (known.isPresent() && known.get().version == folder.get().last()) {
      return known.get();
    }
    State state = replay(folder.get(), newest, folder.get().last());
    decoded.keySet().retainAll(state.active.keySet());
    Rows rows = rows(folder.get(), state);
    newest = Optional.of(state);
    known = Optional.of(rows);
    return rows;
  }

  public Rows at(long version) {
    LogFolder folder =
        LogFolder.list(path).orElseThrow(() -> noVersion(version, "there is no such log"));
    if (version < 0 || version > folder.last()) {
      throw noVersion(version, "its newest version is " + folder.last());
    }
    return rows(folder, replay(folder, Optional.empty(), version));
  }

  /** The rows of a state; if a fold is missing or broken, from the files that it was made of. */
  private Rows rows(LogFolder folder, State state) {
    try {
      return rows(state);
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CORRUPT || folder.first() > 0) {
        throw e;
      }
      Rows rows = rows(unfolded(folder, state.version));
      LOG.warn("log {} is read without its folds: {}", path.text(), e.getMessage());
      return rows;
    }
  }

  private static State unfolded(LogFolder folder, long version) {
    Map<String, Long> active = new LinkedHashMap<>();
    for (CommitFile commit : folder.read(0, version)) {
      if (commit.folds().isEmpty()) {
        apply(commit, active);
      }
    }
    return new State(version, folder.file(version), active);
  }

  private static void apply(CommitFile commit, Map<String, Long> active) {
    commit.removed().forEach(f -> active.remove(unescaped(f.path())));
    commit
        .added()
        .forEach(
            f ->
                active.put(unescaped(f.path()), f.dataChange() ? commit.version() : Entry.UNKNOWN));
  }

  /**
   * Plans a fold of a version: each file that no fold has written, and earlier folds that are no
   * larger than those before them together, smallest first. So a row is rewritten at most as often
   * as the number of folds has binary digits, and no more files than that remain.
   *
   * @param sizes in bytes, of all files of the version
   */
  Fold fold(long version, Map<String, Long> sizes) {
    LogFolder folder =
        LogFolder.list(path).orElseThrow(() -> noVersion(version, "there is no such log"));
    State state = replay(folder, Optional.empty(), version);
    Map<String, Long> merged = new LinkedHashMap<>(state.active);
    Set<String> kept = new LinkedHashSet<>();
    merged.forEach(
        (file, commit) -> {
          if (commit < 0) {
            kept.add(file);
          }
        });
    long bytes =
        merged.keySet().stream().filter(f -> !kept.contains(f)).mapToLong(sizes::get).sum();
    List<String> smallestFirst = new ArrayList<>(kept);
    smallestFirst.sort(Comparator.comparing(sizes::get));
    for (String file : smallestFirst) {
      if (sizes.get(file) > bytes) {
        break;
      }
      bytes += sizes.get(file);
      kept.remove(file);
    }
    merged.keySet().removeAll(kept);
    try {
      rows(state);
      return new Fold(kept, rows(new State(version, state.file, merged)).entries());
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CORRUPT || folder.first() > 0) {
        throw e;
      }
      // An earlier fold is broken: fold the files that it was made of.
      return new Fold(Set.of(), rows(unfolded(folder, version)).entries());
    }
  }

  /**
   * The files of folds that no reader needs once a version is folded: those that the fold before
   * had superseded already. Readers of versions that name them use the files that they were made
   * of.
   */
  Set<String> superseded(long version) {
    LogFolder folder =
        LogFolder.list(path).orElseThrow(() -> noVersion(version, "there is no such log"));
    Set<String> superseded = new LinkedHashSet<>();
    if (folder.first() > 0) {
      return superseded;
    }
    Optional<CommitFile> before = newestFold(folder, version - 1);
    Optional<CommitFile> former = before.flatMap(f -> newestFold(folder, f.version() - 1));
    if (former.isPresent()) {
      former.get().added().stream()
          .filter(f -> f.folds() >= 0)
          .forEach(f -> superseded.add(unescaped(f.path())));
      before.get().added().forEach(f -> superseded.remove(unescaped(f.path())));
    }
    return superseded;
  }

  private static Optional<CommitFile> newestFold(LogFolder folder, long to) {
    return folder.sinceFold(to).stream().filter(c -> c.folds().isPresent()).reduce((a, b) -> b);
  }

  private void forget() {
    newest = Optional.empty();
    known = Optional.empty();
    decoded.clear();
  }

  private State replay(LogFolder folder, Optional<State> known, long to) {
    Map<String, Long> active = new LinkedHashMap<>();
    List<CommitFile> commits;
    if (known.isPresent()) {
      active.putAll(known.get().active);
      commits = folder.read(known.get().version + 1, to);
    } else {
      commits = to < folder.first() ? List.of() : folder.sinceFold(to);
      boolean whole = !commits.isEmpty() && commits.get(0).version() > folder.first();
      if (folder.first() > 0 && !whole) {
        long checkpoint =
            folder
                .checkpointAt(to)
                .filter(c -> c >= folder.first() - 1)
                .orElseThrow(
                    () -> noVersion(to, "its log is known from version " + folder.first()));
        for (String file : KernelTable.open(path).files(checkpoint)) {
          active.put(path.relative(file), Entry.UNKNOWN);
        }
        commits = folder.read(checkpoint + 1, to);
      }
    }
    for (CommitFile commit : commits) {
      folder.requireReadable(commit, READER);
      apply(commit, active);
    }
    return new State(to, folder.file(to), active);
  }

  private Rows rows(State state) {
    decoded.putAll(
        state.active.entrySet().parallelStream()
            .filter(f -> !decoded.containsKey(f.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, f -> decode(f.getKey(), f.getValue()))));
    List<Entry> entries = new ArrayList<>();
    state.active.keySet().forEach(file -> entries.addAll(decoded.get(file)));
    entries.forEach(this::requireUnderstood);
    boolean rewritten = entries.stream().anyMatch(e -> e.commit() < 0);
    Comparator<Entry> order = Comparator.comparingLong(Entry::commit);
    entries.sort(
        rewritten
            ? order.thenComparing(e -> e.commit() < 0 ? e.event().at() : java.time.Instant.MIN)
            : order);
    return new Rows(state.version, entries);
  }

  private void requireUnderstood(Entry entry) {
    Event event = entry.event();
    if (event.needs() > Event.LEVEL) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read log %s: it was written by a newer build of Tributary: event \"%s\" of %s at %s needs a reader of level %d, and this build reads up to level %d. Use the build that wrote it, or a later one."
              .formatted(
                  path.text(),
                  event.kind(),
                  event.subject(),
                  event.at(),
                  event.needs(),
                  Event.LEVEL));
    }
  }

  private List<Entry> decode(String file, long commit) {
    byte[] bytes;
    try {
      bytes = files.read(file);
    } catch (java.io.FileNotFoundException | java.nio.file.NoSuchFileException e) {
      throw LogFolder.corrupt(path, "its data file " + file + " is missing", e);
    } catch (IOException e) {
      throw LogFolder.storage(path, "read " + file, e);
    }
    Function<IOException, RuntimeException> unreadable =
        e ->
            LogFolder.corrupt(
                path, "its data file " + file + " can't be read: " + LogFolder.reason(e), e);
    try {
      return EventFile.decode(bytes, commit, unreadable);
    } catch (IOException e) {
      throw unreadable.apply(e);
    }
  }

  private PlatformException noVersion(long version, String why) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read version %s of log %s: %s. Read another version."
            .formatted(version, path.text(), why));
  }

  static String unescaped(String name) {
    return name.indexOf('%') < 0
        ? name
        : URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
