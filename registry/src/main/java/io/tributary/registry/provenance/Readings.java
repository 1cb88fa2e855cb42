package io.tributary.registry.provenance;

import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Micros;
import io.tributary.events.definitions.ColumnGraph;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How definitions, as a run used them, read a source or a view, from what they mean. Where the
 * meaning does not tell by which columns or for how long, the answer is: by any, for ever.
 */
final class Readings {
  private static final Pattern USE =
      Pattern.compile("(\\S+) [0-9a-f]{64} \\{(.*)\\} \\[(.*)\\]", Pattern.DOTALL);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** An expression that is a column alone. */
  private static final Pattern COLUMN_ALONE =
      Pattern.compile("\\S+ \\S+ \\S+ #(.*)", Pattern.DOTALL);

  private static final Pattern CALENDAR = Pattern.compile("([0-9]+) calendar-days? in .*");

  /** A calendar window is no longer than its days and this. */
  private static final Duration CLOCK_CHANGES = Duration.ofHours(36);

  private final ColumnGraph graph;
  private final String thing;

  private Readings(ColumnGraph graph, String thing) {
    this.graph = graph;
    this.thing = thing;
  }

  /**
   * What the features of a view read, by any key.
   *
   * @param graph of the view
   * @param thing kind and name, {@code source rides} or a view's
   */
  static Set<Reading> ofView(ColumnGraph graph, String thing) {
    Readings readings = new Readings(graph, thing);
    Definition view = graph.root();
    Set<Reading> found = new LinkedHashSet<>();
    for (String fact : Definition.facts(view.meaning()).keySet()) {
      if (fact.startsWith("feature.")) {
        String feature = fact.substring("feature.".length());
        found.addAll(readings.feature(view, feature, Map.of()));
      }
    }
    return found;
  }

  /**
   * What rows read that a training set's definition asks with, without their labels.
   *
   * @param graph of the training set, or of what is made of it
   * @param set kind and name of the training set
   * @param inputs columns of the training set; others are not used
   * @param thing as of {@link #ofView}
   */
  static Set<Reading> ofRows(ColumnGraph graph, String set, Set<String> inputs, String thing) {
    return new Readings(graph, thing).rows(graph.definition(set).orElseThrow(), inputs);
  }

  /** Whether a training set's label is made from a thing. */
  static boolean isLabel(ColumnGraph graph, String set, String thing) {
    Map<String, String> facts = Definition.facts(graph.definition(set).orElseThrow().meaning());
    String label = facts.getOrDefault("label", "").split(" ", 2)[0];
    Optional<String> from = Optional.ofNullable(facts.get("label-source.source"));
    return graph.isFrom(new ColumnReference(set, label), thing)
        || from.filter(s -> thing.equals("source " + new Readings(graph, thing).table(s)))
            .isPresent();
  }

  private Set<Reading> rows(Definition set, Set<String> inputs) {
    Map<String, String> population =
        Definition.facts(set.parts().get(Definition.facts(set.meaning()).get("population")));
    Set<Reading> found = new LinkedHashSet<>();
    Set<String> asking = new TreeSet<>(inputs);
    asking.add("_as_of");
    for (Map.Entry<String, String> fact : population.entrySet()) {
      Matcher use = USE.matcher(fact.getValue());
      if (fact.getKey().startsWith("view[") && use.matches()) {
        Map<String, String> keys = keys(use.group(2));
        for (String feature : use.group(3).split(", ", -1)) {
          String column = use.group(1) + "__" + feature;
          if (inputs.contains(column)) {
            asking.remove(column);
            asking.addAll(keys.values());
            set.columns().get(column).values().stream()
                .filter(from -> from.thing().startsWith(Definition.VIEW + " "))
                .forEach(
                    from ->
                        found.addAll(
                            feature(
                                graph.definition(from.thing()).orElseThrow(),
                                from.column(),
                                keys)));
          }
        }
      }
    }
    found.addAll(spine(set, population, asking));
    return found;
  }

  /** Rows ask with an event of their own source, and are found again by its key. */
  private Set<Reading> spine(Definition set, Map<String, String> population, Set<String> columns) {
    String source = population.getOrDefault("spine.source", "");
    String table = table(source);
    if (!thing.equals("source " + table)) {
      boolean read =
          columns.stream()
              .anyMatch(c -> graph.isFrom(new ColumnReference(set.reference(), c), thing));
      return read ? Set.of(Reading.ALL) : Set.of();
    }
    Definition base = graph.definition(thing).orElseThrow();
    if (isStatic(base)) {
      return Set.of(Reading.ALL);
    }
    List<String> asking = new ArrayList<>();
    List<String> stored = new ArrayList<>();
    for (Map.Entry<String, String> fact : population.entrySet()) {
      if (fact.getKey().startsWith("spine.event-key.")) {
        asking.add(fact.getKey().substring("spine.event-key.".length()));
        stored(set, base, fact.getValue()).ifPresent(stored::add);
      }
    }
    if (population.containsKey("every")) {
      // An entity that was seen once is asked for ever, whatever corrects its event.
      return Set.of(timed(set, base, "spine.", population, source, false, Reading.EVER));
    }
    return Set.of(
        asking.isEmpty() || asking.size() > stored.size()
            ? Reading.ALL
            : new Reading(asking, stored, Optional.empty(), false, Reading.EVER, Optional.empty()));
  }

  /**
   * What a feature of a view reads.
   *
   * @param keys the asking columns by the view's entity columns; none = any key
   */
  private Set<Reading> feature(Definition view, String feature, Map<String, String> keys) {
    if (view.reference().equals(thing)) {
      return Set.of(Reading.ALL);
    }
    if (!graph.isFrom(new ColumnReference(view.reference(), feature), thing)) {
      return Set.of();
    }
    Map<String, String> facts = Definition.facts(view.meaning());
    String source = facts.getOrDefault("source.source", "");
    if (!thing.equals("source " + table(source))) {
      return Set.of(Reading.ALL);
    }
    Definition base = graph.definition(thing).orElseThrow();
    if (isStatic(base)) {
      return Set.of(Reading.ALL);
    }
    Set<Reading> found = new LinkedHashSet<>();
    for (String part : computed(view, facts, feature)) {
      Reading reading =
          timed(
              view,
              base,
              "source.",
              facts,
              source,
              !"false".equals(facts.get("knowledge-time")),
              micros(Definition.facts(part), Optional.ofNullable(facts.get("ttl"))));
      if ("SNAPSHOT".equals(facts.get("accuracy"))) {
        reading =
            new Reading(
                List.of(),
                List.of(),
                reading.event(),
                reading.known(),
                reading.micros(),
                Optional.of(
                    new Reading.Served(
                        view.name(),
                        micros(Duration.parse(facts.getOrDefault("publish-delay", "PT0S"))))));
      }
      found.add(by(keys, view, base, source, facts, reading));
    }
    return found;
  }

  /** Each of its deliveries takes the place of the one before, also by the keys that it lacks. */
  private static boolean isStatic(Definition source) {
    return "true".equals(Definition.facts(source.meaning()).get("static"));
  }

  /** The meanings of the features of events that a feature is, or is derived from. */
  private static Set<String> computed(Definition view, Map<String, String> facts, String feature) {
    String part = view.parts().getOrDefault(facts.get("feature." + feature), "");
    if (part.startsWith("kind ")) {
      return Set.of(part);
    }
    Set<String> found = new LinkedHashSet<>();
    for (ColumnReference from : view.columns().get(feature).values()) {
      if (from.thing().equals(view.reference()) && !from.column().equals(feature)) {
        found.addAll(computed(view, facts, from.column()));
      }
    }
    return found;
  }

  /** For how long an event counts. */
  private static long micros(Map<String, String> feature, Optional<String> ttl) {
    String window = feature.get("window");
    if (window != null) {
      Matcher calendar = CALENDAR.matcher(window);
      return calendar.matches()
          ? micros(Duration.ofDays(Long.parseLong(calendar.group(1))).plus(CLOCK_CHANGES))
          : micros(Duration.parse(window));
    }
    return feature.containsKey("aggregate")
        ? Reading.EVER
        : ttl.map(t -> micros(Duration.parse(t)) + 1).orElse(Reading.EVER);
  }

  private static long micros(Duration duration) {
    return Micros.of(duration);
  }

  /** A reading by any key, at the times that a source's events have. */
  private Reading timed(
      Definition of,
      Definition base,
      String prefix,
      Map<String, String> facts,
      String source,
      boolean knowledge,
      long micros) {
    Map<String, String> own = Definition.facts(base.meaning());
    Optional<String> event =
        source.equals(base.name())
            ? Optional.of("_event_time")
            : stored(of, base, facts.getOrDefault(prefix + "_event_time", ""));
    String known = facts.get(prefix + "_known_time");
    return event.isEmpty()
        ? Reading.ALL
        : new Reading(
            List.of(),
            List.of(),
            event,
            knowledge && (known == null || known.equals(own.get("time._known_time"))),
            micros,
            Optional.empty());
  }

  private Reading by(
      Map<String, String> keys,
      Definition view,
      Definition base,
      String source,
      Map<String, String> facts,
      Reading reading) {
    List<String> asking = new ArrayList<>();
    List<String> stored = new ArrayList<>();
    for (int i = 0; facts.containsKey("entity[" + i + "]"); i++) {
      String[] column = facts.get("entity[" + i + "]").split(" ", 2);
      Optional<String> in =
          source.equals(base.name()) ? Optional.of(column[0]) : stored(view, base, column[1]);
      if (in.isEmpty() || !keys.containsKey(column[0])) {
        return reading;
      }
      asking.add(keys.get(column[0]));
      stored.add(in.get());
    }
    return new Reading(
        asking, stored, reading.event(), reading.known(), reading.micros(), reading.snapshots());
  }

  /** The column of the source's table that an expression is, where it is one. */
  static Optional<String> stored(Definition of, Definition base, String identity) {
    String own = base.name() + ".";
    int type = identity.indexOf(' ') + 1;
    if (identity.startsWith(own) && type > 0) {
      // A column of a nested type is read by a field of it.
      return identity.startsWith("{", type)
          ? Optional.empty()
          : Optional.of(identity.substring(own.length(), type - 1));
    }
    if (!DIGEST.matcher(identity).matches()) {
      return Optional.empty();
    }
    for (Map.Entry<String, String> fact : Definition.facts(base.meaning()).entrySet()) {
      if (fact.getKey().startsWith("computed.") && fact.getValue().endsWith(" " + identity)) {
        return Optional.of(fact.getKey().substring("computed.".length()));
      }
      if (fact.getKey().startsWith("time._") && fact.getValue().equals(identity)) {
        return Optional.of(fact.getKey().substring("time.".length()));
      }
    }
    Matcher alone = COLUMN_ALONE.matcher(of.parts().getOrDefault(identity, ""));
    return alone.matches() ? stored(of, base, alone.group(1)) : Optional.empty();
  }

  /** The source whose table a source, or the query that it is, reads. */
  private String table(String source) {
    String name = source;
    for (Optional<String> from = Optional.of(name); from.isPresent(); ) {
      name = from.get();
      from =
          graph
              .definition("source " + name)
              .flatMap(d -> Optional.ofNullable(Definition.facts(d.meaning()).get("from")));
    }
    return name;
  }

  /** {@code airport=origin, …}: the asking columns by the view's. */
  private static Map<String, String> keys(String text) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String pair : text.split(", ", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        keys.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return keys;
  }
}
