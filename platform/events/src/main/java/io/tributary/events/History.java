package io.tributary.events;

import io.tributary.events.internal.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The events of a log up to one version, in the order of their commits, with what its slots have
 * decided by then. Rows that another engine has rewritten without keeping their commit come first,
 * in order of their own time.
 */
public final class History {
  private final long version;
  private final List<Event> events;
  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, List<List<Event>>> decisions = new HashMap<>();

  History(long version, List<Entry> entries) {
    this.version = version;
    List<Event> ordered = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      Event event = entry.event();
      if (versions.putIfAbsent(event.id(), entry.commit()) != null) {
        continue;
      }
      ordered.add(event);
      if (entry.slot().isPresent()) {
        List<List<Event>> slot =
            decisions.computeIfAbsent(entry.slot().get(), s -> new ArrayList<>());
        while (slot.size() < entry.generation()) {
          slot.add(new ArrayList<>());
        }
        slot.get((int) entry.generation() - 1).add(event);
      }
    }
    this.events = List.copyOf(ordered);
  }

  /** The version of the log's table; −1 when nothing was ever appended. */
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

  public boolean contains(String eventId) {
    return versions.containsKey(eventId);
  }

  /**
   * The version whose commit brought the event; −1 where a rewritten row no longer says so; empty
   * when there is no such event.
   */
  public Optional<Long> versionOf(String eventId) {
    return Optional.ofNullable(versions.get(eventId));
  }

  /** How many decisions {@code slot} has seen. */
  public long generation(String slot) {
    return decisions.getOrDefault(slot, List.of()).size();
  }

  /**
   * The events of a slot's {@code generation}-th decision, counted from 1; empty when it has not
   * been made.
   */
  public List<Event> decision(String slot, long generation) {
    List<List<Event>> made = decisions.getOrDefault(slot, List.of());
    return generation < 1 || generation > made.size()
        ? List.of()
        : List.copyOf(made.get((int) generation - 1));
  }
}
