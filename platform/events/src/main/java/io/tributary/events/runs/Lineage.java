package io.tributary.events.runs;

import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The graph of runs and what they read and wrote: the log {@code platform.lineage} as it was when
 * opened. A table version has the rows of all runs up to it, so that the way back from a version
 * passes through every earlier commit of the same table.
 */
public final class Lineage {
  /** The log's table. */
  public static final TableName TABLE = TableName.of("platform", "lineage");

  /** The kind of its events. */
  static final String DERIVED = "derived";

  private final List<LineageEvent> events;
  private final Map<LineageNode, Place> places = new HashMap<>();

  private Lineage(List<LineageEvent> events) {
    this.events = List.copyOf(events);
  }

  /** Reads the lineage of the lake at a local folder or Hadoop URI. */
  public static Lineage open(String lake) {
    List<Event> derived =
        EventLog.open(LakeTables.path(lake, TABLE)).read().events().stream()
            .filter(e -> e.kind().equals(DERIVED))
            .toList();
    int parts = Runtime.getRuntime().availableProcessors();
    return of(
        IntStream.range(0, parts)
            .parallel()
            .mapToObj(i -> read(part(derived, i, parts)))
            .flatMap(List::stream)
            .toList());
  }

  private static List<LineageEvent> read(List<Event> events) {
    LineageReader reader = new LineageReader();
    return events.stream().map(e -> reader.read(e.body())).toList();
  }

  private static <T> List<T> part(List<T> all, int i, int parts) {
    return all.subList(
        (int) ((long) all.size() * i / parts), (int) ((long) all.size() * (i + 1) / parts));
  }

  static Lineage of(List<LineageEvent> events) {
    return new Lineage(events);
  }

  /** All events, in the order in which they were recorded. */
  public List<LineageEvent> events() {
    return events;
  }

  /** The newest version of a table, file, model or store that a run wrote or, if none did, read. */
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

  /** The runs that wrote the content of {@code node}, newest first. */
  public List<LineageEvent> makers(LineageNode node) {
    return reversed(events(outputs().upTo(place(node))));
  }

  /** The runs that read {@code node} or a later version of it, in order. */
  public List<LineageEvent> readers(LineageNode node) {
    return events(inputs().from(place(node)));
  }

  /** Every run that contributed to {@code node}, directly or indirectly, newest first. */
  public List<LineageEvent> upstream(LineageNode node) {
    Uses outputs = outputs();
    return reversed(events(walk(node, outputs::takeUpTo, LineageEvent::inputs)));
  }

  /** Every run that {@code node} contributed to, directly or indirectly, in order. */
  public List<LineageEvent> downstream(LineageNode node) {
    Uses inputs = inputs();
    return events(walk(node, inputs::takeFrom, LineageEvent::outputs));
  }

  /** Walks the graph: visits each event once and continues from its other side. */
  private BitSet walk(
      LineageNode from,
      Function<Place, BitSet> touched,
      Function<LineageEvent, List<LineageNode>> on) {
    BitSet found = new BitSet();
    Deque<Place> open = new ArrayDeque<>(List.of(place(from)));
    while (!open.isEmpty()) {
      BitSet reached = touched.apply(open.poll());
      reached.andNot(found);
      found.or(reached);
      reached.stream().forEach(i -> on.apply(events.get(i)).forEach(node -> open.add(place(node))));
    }
    return found;
  }

  private List<LineageEvent> events(BitSet places) {
    return places.stream().mapToObj(events::get).toList();
  }

  private Uses outputs() {
    return uses(LineageEvent::outputs);
  }

  private Uses inputs() {
    return uses(LineageEvent::inputs);
  }

  private Uses uses(Function<LineageEvent, List<LineageNode>> side) {
    Map<String, NavigableMap<Long, List<Integer>>> uses = new HashMap<>();
    for (int i = 0; i < events.size(); i++) {
      for (LineageNode node : side.apply(events.get(i))) {
        Place place = place(node);
        uses.computeIfAbsent(place.thing(), t -> new TreeMap<>())
            .computeIfAbsent(place.version(), v -> new ArrayList<>())
            .add(i);
      }
    }
    return new Uses(uses);
  }

  private Place place(LineageNode node) {
    return places.computeIfAbsent(node, Place::of);
  }

  /**
   * A node's place among the versions of the same thing. An earlier version of a table is part of a
   * later one; of anything else each version is a thing of its own.
   */
  private record Place(String thing, long version) {
    static Place of(LineageNode node) {
      String version = node.version();
      int hash = node.kind().equals("table") ? version.indexOf('#') : -1;
      return hash < 0
          ? new Place(node.toString(), 0)
          : new Place(
              node.kind() + ":" + node.name() + version.substring(hash),
              Long.parseLong(version, 0, hash, 10));
    }
  }

  /** The events that read or wrote each thing, by the version of it. */
  private record Uses(Map<String, NavigableMap<Long, List<Integer>>> events) {
    BitSet upTo(Place place) {
      return union(of(place).headMap(place.version(), true));
    }

    BitSet from(Place place) {
      return union(of(place).tailMap(place.version(), true));
    }

    /** The same, removed: a second call returns none of them. */
    BitSet takeUpTo(Place place) {
      NavigableMap<Long, List<Integer>> versions = of(place).headMap(place.version(), true);
      BitSet all = union(versions);
      versions.clear();
      return all;
    }

    BitSet takeFrom(Place place) {
      NavigableMap<Long, List<Integer>> versions = of(place).tailMap(place.version(), true);
      BitSet all = union(versions);
      versions.clear();
      return all;
    }

    private NavigableMap<Long, List<Integer>> of(Place place) {
      return events.getOrDefault(place.thing(), new TreeMap<>());
    }

    private static BitSet union(NavigableMap<Long, List<Integer>> versions) {
      BitSet all = new BitSet();
      versions.values().forEach(at -> at.forEach(all::set));
      return all;
    }
  }

  private static List<LineageEvent> reversed(List<LineageEvent> list) {
    List<LineageEvent> reversed = new ArrayList<>(list);
    Collections.reverse(reversed);
    return reversed;
  }
}
