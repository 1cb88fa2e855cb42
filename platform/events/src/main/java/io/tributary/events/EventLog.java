package io.tributary.events;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.internal.Entry;
import io.tributary.events.internal.EventReader;
import io.tributary.events.internal.KernelTable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only log of events: one Delta table, created by the first append, whose every version
 * stays readable. Any number of threads and processes may append concurrently; an acknowledged
 * event is in the log exactly once, and a killed writer leaves the log intact. On a local disk
 * writes are exclusive by hard links.
 *
 * <p>Thread-safe. What was read is cached, so that a second read costs only what is new.
 */
public final class EventLog {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final int FOLD_EVERY = 50;

  private final LakePath path;
  private final int foldEvery;
  private final EventReader reader;
  private Optional<KernelTable> table = Optional.empty();

  private Optional<Known> known = Optional.empty();

  private final String writer = "append/" + UUID.randomUUID();
  private final AtomicLong appended = new AtomicLong();

  /** What the last read found, and made of it. */
  private record Known(EventReader.Rows rows, History history) {}

  private EventLog(LakePath path, int foldEvery) {
    this.path = path;
    this.foldEvery = foldEvery;
    this.reader = new EventReader(path);
  }

  /** The log at a local path or a Hadoop URI; nothing is read or written yet. */
  public static EventLog open(String tablePath) {
    return open(tablePath, FOLD_EVERY);
  }

  /** A log whose data files are folded every {@code foldEvery} versions. */
  static EventLog open(String tablePath, int foldEvery) {
    return new EventLog(LakePath.parse(tablePath), foldEvery);
  }

  /** Where the log's table lies. */
  public String path() {
    return path.text();
  }

  /**
   * Appends events in one commit, in their order, whatever others append meanwhile. They are
   * durable when it returns.
   *
   * @return the version whose commit holds them
   * @throws PlatformException STORAGE when they could not be written
   */
  public long append(List<Event> events) {
    requireSome(events);
    List<Entry> entries = events.stream().map(Entry::appended).toList();
    // A transaction number counts as committed once a greater one is: threads must commit theirs in
    // order.
    synchronized (appended) {
      try {
        return folded(table().append(writer, appended.incrementAndGet(), entries));
      } catch (KernelTable.AlreadyCommitted e) {
        return read().versionOf(events.get(0).id()).orElseThrow(() -> vanished(e));
      }
    }
  }

  /**
   * Compares and sets: appends events only if {@code slot} still has {@code generation} decisions.
   * Of concurrent calls with one generation exactly one wins. Decisions that depend on each other
   * must share a slot. Each has the digest of the decision before it in its slot, so that altering
   * one later is detected.
   *
   * @param generation {@link History#generation} of the history that the decision is based on
   * @return the version whose commit holds the events
   * @throws PlatformException as {@link #read()}; CONFLICT for a loser, naming the winner; nothing
   *     is written then
   */
  public long decide(String slot, long generation, List<Event> events) {
    requireSome(events);
    History known = read();
    if (known.generation(slot) != generation) {
      throw lost(slot, generation, known);
    }
    Optional<Digest> previous = known.digest(slot);
    List<Entry> entries =
        events.stream().map(e -> Entry.decided(e, slot, generation + 1, previous)).toList();
    try {
      return folded(table().append("slot/" + slot, generation + 1, entries));
    } catch (KernelTable.AlreadyCommitted e) {
      History now = read();
      List<Event> won = now.decision(slot, generation + 1);
      if (won.equals(events)) {
        return now.versionOf(won.get(0).id()).orElseThrow(() -> vanished(e));
      }
      throw lost(slot, generation, now);
    }
  }

  /** Folds at intervals: each append creates a file, and many small files are slow to read. */
  private long folded(long version) {
    if (version % foldEvery == 0) {
      try {
        table().fold();
      } catch (IOException | RuntimeException e) {
        LOG.warn("log {} was not folded at version {}: {}", path.text(), version, e.toString());
      }
    }
    return version;
  }

  /**
   * All events that are in the log now.
   *
   * @throws PlatformException REFUSED when one of them needs a reader of a higher level than {@link
   *     Event#LEVEL}: a newer build of Tributary wrote it; CORRUPT when the log can't be parsed or
   *     a decision is not the one that the next one follows; STORAGE when it can't be reached
   */
  @SuppressWarnings("ReferenceEquality") // the reader gives the same where nothing is new
  public History read() {
    synchronized (reader) {
      EventReader.Rows rows = reader.newest();
      if (known.isEmpty() || known.get().rows != rows) {
        known = Optional.of(new Known(rows, history(rows, known.map(Known::history))));
      }
      return known.get().history;
    }
  }

  /**
   * The events that were in the log at one of its versions.
   *
   * @throws PlatformException as {@link #read()}; NOT_FOUND when the log has no such version
   */
  public History readAt(long version) {
    synchronized (reader) {
      return history(reader.at(version), Optional.empty());
    }
  }

  /** Created by the first write: readers need no Kernel, which takes a moment to load. */
  private synchronized KernelTable table() {
    if (table.isEmpty()) {
      table = Optional.of(KernelTable.open(path));
    }
    return table.get();
  }

  private History history(EventReader.Rows rows, Optional<History> former) {
    return new History(path.text(), rows.version(), rows.entries(), former);
  }

  private void requireSome(List<Event> events) {
    if (events.isEmpty()) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot append to log " + path.text() + ": there are no events. Report this as a bug.");
    }
  }

  private PlatformException lost(String slot, long generation, History now) {
    List<Event> won = now.decision(slot, generation + 1);
    String why =
        won.isEmpty()
            ? "the log has " + now.generation(slot) + " decisions there, not " + generation
            : "%s by %s at %s came first (%s)"
                .formatted(
                    won.get(0).kind(),
                    won.get(0).principal(),
                    won.get(0).at(),
                    won.get(0).subject());
    return new PlatformException(
        ErrorCode.CONFLICT,
        "Cannot decide in slot %s of log %s: %s. Read the log and decide again."
            .formatted(slot, path.text(), why));
  }

  private PlatformException vanished(Exception cause) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot find events in log %s: its transaction was committed but its rows are gone. Restore the table's folder from a copy."
            .formatted(path.text()),
        cause);
  }
}
