package io.tributary.events.runs;

import io.tributary.core.TableName;
import io.tributary.events.EventLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * What was made of what, by which run: the log {@code platform.lineage} as it was when it was
 * opened. A table version holds what all runs up to it wrote, so that the way back from a version
 * passes through every earlier commit of the same table.
 */
public final class Lineage {
  /** The log's table. */
  public static final TableName TABLE = TableName.of("platform", "lineage");

  private final List<LineageEvent> events;

  private Lineage(List<LineageEvent> events) {
    this.events = List.copyOf(events);
  }

  /** Reads the lineage of the lake at a local folder or Hadoop URI. */
  public static Lineage open(String lake) {
    return of(
        EventLog.open(LakeTables.path(lake, TABLE)).read().events().stream()
            .map(e -> e.body(LineageEvent.class))
            .toList());
  }

  static Lineage of(List<LineageEvent> events) {
    return new Lineage(events);
  }

  /** All events, in the order in which they were recorded. */
  public List<LineageEvent> events() {
    return events;
  }

  /**
   * The newest version of a table, file, model or store that a run wrote or, if none wrote it,
   * read.
   */
  public Optional<LineageNode> newest(String kind, String name) {
    return last(kind, name, LineageEvent::outputs).or(() -> last(kind, name, LineageEvent::inputs));
  }

  private Optional<LineageNode> last(
      String kind, String name, Function<LineageEvent, List<LineageNode>> side) {
    return events.stream()
        .flatMap(e -> side.apply(e).stream())
        .filter(n -> n.kind().equals(kind) && n.name().equals(name))
        .reduce((a, b) -> b);
  }

  /** The runs that wrote what {@code node} holds, newest first. */
  public List<LineageEvent> makers(LineageNode node) {
    return reversed(
        events.stream().filter(e -> e.outputs().stream().anyMatch(o -> within(o, node))).toList());
  }

  /** The runs that read {@code node} or a later version of it, in order. */
  public List<LineageEvent> readers(LineageNode node) {
    return events.stream().filter(e -> e.inputs().stream().anyMatch(i -> within(node, i))).toList();
  }

  /** Every run that had a part in {@code node}, however far back, newest first. */
  public List<LineageEvent> upstream(LineageNode node) {
    return reversed(
        walk(node, (event, at) -> event.outputs().stream().anyMatch(o -> within(o, at)), true));
  }

  /** Every run that {@code node} had a part in, however far on, in order. */
  public List<LineageEvent> downstream(LineageNode node) {
    return walk(node, (event, at) -> event.inputs().stream().anyMatch(i -> within(at, i)), false);
  }

  private List<LineageEvent> walk(
      LineageNode from, BiPredicate<LineageEvent, LineageNode> touches, boolean back) {
    Set<LineageEvent> found = new LinkedHashSet<>();
    Set<LineageNode> seen = new LinkedHashSet<>();
    Deque<LineageNode> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      LineageNode node = open.poll();
      if (!seen.add(node)) {
        continue;
      }
      for (LineageEvent event : events) {
        if (touches.test(event, node) && found.add(event)) {
          open.addAll(back ? event.inputs() : event.outputs());
        }
      }
    }
    return events.stream().filter(found::contains).toList();
  }

  /**
   * Whether {@code later} holds {@code part}: the same thing, or for a table an earlier version of
   * it.
   */
  private static boolean within(LineageNode part, LineageNode later) {
    if (!part.kind().equals(later.kind()) || !part.name().equals(later.name())) {
      return false;
    }
    if (!part.kind().equals("table")) {
      return part.version().equals(later.version());
    }
    return id(part).equals(id(later)) && version(part) <= version(later);
  }

  private static String id(LineageNode table) {
    return table.version().substring(table.version().indexOf('#') + 1);
  }

  private static long version(LineageNode table) {
    return Long.parseLong(table.version().substring(0, table.version().indexOf('#')));
  }

  private static List<LineageEvent> reversed(List<LineageEvent> list) {
    List<LineageEvent> reversed = new ArrayList<>(list);
    Collections.reverse(reversed);
    return reversed;
  }
}
