package io.tributary.events;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.internal.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The events of a log up to one version, in the order of their commits, with the decisions of its
 * slots. Rows that another engine has rewritten without their commit come first, in order of their
 * own time.
 */
public final class History {
  private final long version;
  private final List<Event> events;
  private final Map<String, Entry> byId = new HashMap<>();
  private final Map<String, List<List<Entry>>> decisions = new HashMap<>();
  private final Map<String, List<Digest>> digests = new HashMap<>();

  /**
   * @param former what was known of the log before: decisions that it has verified are not verified
   *     again
   */
  History(String log, long version, List<Entry> entries, Optional<History> former) {
    this.version = version;
    List<Event> ordered = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      Event event = entry.event();
      if (byId.putIfAbsent(event.id(), entry) != null) {
        continue;
      }
      ordered.add(event);
      if (entry.slot().isPresent()) {
        List<List<Entry>> slot =
            decisions.computeIfAbsent(entry.slot().get(), s -> new ArrayList<>());
        while (slot.size() < entry.generation()) {
          slot.add(new ArrayList<>());
        }
        slot.get((int) entry.generation() - 1).add(entry);
      }
    }
    this.events = List.copyOf(ordered);
    decisions.forEach((slot, made) -> digests.put(slot, digests(log, slot, made, former)));
  }

  /** The digest of each decision of a slot, which the next one must name. */
  private static List<Digest> digests(
      String log, String slot, List<List<Entry>> made, Optional<History> former) {
    List<Digest> digests = new ArrayList<>(made.size());
    Optional<Digest> previous = Optional.empty();
    for (int i = 0; i < made.size(); i++) {
      List<Entry> decision = made.get(i);
      int index = i;
      Optional<Digest> known = former.flatMap(f -> f.digest(slot, index, decision));
      for (Entry entry : decision) {
        if (!entry.previous().equals(previous)) {
          throw new PlatformException(
              ErrorCode.CORRUPT,
              "Cannot read log %s: decision %d of slot %s is not the one that decision %d (%s) follows. Restore the log's table from a copy."
                  .formatted(log, i, slot, i + 1, entry.event().id()));
        }
      }
      digests.add(known.orElseGet(() -> Entry.digest(decision)));
      previous = Optional.of(digests.get(i));
    }
    return digests;
  }

  /** The digest of a decision if its entries are the very ones that were read before. */
  @SuppressWarnings("ReferenceEquality") // equal ones may have been read from a file that changed
  private Optional<Digest> digest(String slot, int index, List<Entry> decision) {
    List<List<Entry>> made = decisions.getOrDefault(slot, List.of());
    if (index >= made.size() || made.get(index).size() != decision.size()) {
      return Optional.empty();
    }
    for (int i = 0; i < decision.size(); i++) {
      if (made.get(index).get(i) != decision.get(i)) {
        return Optional.empty();
      }
    }
    return Optional.of(digests.get(slot).get(index));
  }

  /** The version of the log's table; −1 when nothing has been appended. */
  public long version() {
    return version;
  }

  public List<Event> events() {
    return events;
  }

  /** The events that had happened by {@code instant} (inclusive), by their own time. */
  public List<Event> events(Instant instant) {
    return events.stream().filter(e -> !e.at().isAfter(instant)).toList();
  }

  /** The event of that id. */
  public Optional<Event> find(String eventId) {
    return find(eventId, Entry::event);
  }

  private <T> Optional<T> find(String eventId, Function<Entry, T> part) {
    return Optional.ofNullable(byId.get(eventId)).map(part);
  }

  public boolean contains(String eventId) {
    return byId.containsKey(eventId);
  }

  /**
   * The version whose commit added the event; −1 if a rewritten row no longer has it; empty when
   * there is no such event.
   */
  public Optional<Long> versionOf(String eventId) {
    return find(eventId, Entry::commit);
  }

  /** The number of decisions in {@code slot}. */
  public long generation(String slot) {
    return decisions.getOrDefault(slot, List.of()).size();
  }

  /**
   * The events of a slot's {@code generation}-th decision, counted from 1; empty if there is none
   * yet.
   */
  public List<Event> decision(String slot, long generation) {
    List<List<Entry>> made = decisions.getOrDefault(slot, List.of());
    return generation < 1 || generation > made.size()
        ? List.of()
        : made.get((int) generation - 1).stream().map(Entry::event).toList();
  }

  /**
   * The digest of all events of the commits up to {@code version}, with their slots, in order. As
   * long as none of them is altered, removed or put between others, it stays what it is, whatever
   * comes behind them. Rows of unknown commits count as earlier ones.
   */
  public Digest digest(long version) {
    return Entry.digest(
        events.stream().map(e -> byId.get(e.id())).filter(e -> e.commit() <= version).toList());
  }

  /** Whether the commit of an event is unknown, for another engine has rewritten its row. */
  public boolean isRewritten() {
    return byId.values().stream().anyMatch(e -> e.commit() < 0);
  }

  /** The digest of a slot's newest decision; empty if there is none. */
  Optional<Digest> digest(String slot) {
    List<Digest> made = digests.getOrDefault(slot, List.of());
    return made.isEmpty() ? Optional.empty() : Optional.of(made.get(made.size() - 1));
  }
}
