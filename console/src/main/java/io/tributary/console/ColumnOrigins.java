package io.tributary.console;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.events.definitions.ColumnGraph;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Shows the origin of columns in a lake, by the definitions of the runs that last made them. */
final class ColumnOrigins {
  private static final int NAMED = 3;

  private final ProjectOptions options;
  private final String lake;

  ColumnOrigins(ProjectOptions options) {
    this.options = options;
    this.lake = options.lake();
  }

  /** Prints the columns of the definition that made a table, a view or another thing. */
  void print(String thing) {
    String reference = reference(thing);
    RunRecord run =
        RunLog.open(lake)
            .newestUsing(reference, r -> made(r, thing))
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot show the columns of %s: no run that used %s made it. Run the step that makes it."
                            .formatted(thing, reference)));
    ColumnGraph graph = graph(run.definitions().get(reference));
    if (options.json()) {
      options.print(json(graph, run));
      return;
    }
    options.out().printf("%s, as run %s used it%n%n", reference, run.run());
    TextTable columns = new TextTable("COLUMN", "FROM", "SOURCE COLUMNS", "TAGS");
    graph
        .root()
        .columns()
        .forEach(
            (name, origin) -> {
              ColumnReference column = new ColumnReference(reference, name);
              Set<ColumnReference> sources = new TreeSet<>(graph.sources(column));
              sources.remove(column);
              columns.add(
                  name, some(origin.values()), some(sources), String.join(" ", graph.tags(column)));
            });
    columns.print(options.out());
  }

  /**
   * Tags that flow to the columns of a thing, by column: the project's present tags, along the
   * paths in the newest run that used the thing as it is.
   */
  Map<String, Set<String>> tags(Project project, String reference, String text) {
    Map<String, Set<String>> tags = new TreeMap<>();
    RunLog.open(lake)
        .newestUsing(reference, run -> true)
        .map(run -> graph(run.definitions().get(reference)))
        .filter(graph -> graph.root().text().equals(text))
        .ifPresent(
            graph ->
                graph
                    .root()
                    .columns()
                    .keySet()
                    .forEach(
                        name -> {
                          Set<String> of =
                              graph.tags(new ColumnReference(reference, name), project::tags);
                          if (!of.isEmpty()) {
                            tags.put(name, of);
                          }
                        }));
    return tags;
  }

  /** Whether a run made the version that a name has; true for a name without version. */
  private static boolean made(RunRecord run, String thing) {
    if (versionOf(thing).isEmpty()) {
      return true;
    }
    String named = thing.replaceFirst("^table:", "");
    return run.outputs().stream().anyMatch(v -> v.shortName().equals(named))
        || run.writes().stream().anyMatch(node -> node.toString().equals(thing))
        || run.definitions().entrySet().stream()
            .anyMatch(
                d -> LineageNode.definition(d.getKey(), d.getValue()).toString().startsWith(thing));
  }

  /**
   * The version after the name: a table's or a model's number, a definition's digest, an instant.
   */
  private static Optional<String> versionOf(String thing) {
    boolean view = thing.startsWith("view:") || thing.startsWith("online:");
    long ats = thing.chars().filter(c -> c == '@').count();
    return ats > (view ? 1 : 0)
        ? Optional.of(thing.substring(thing.lastIndexOf('@') + 1))
        : Optional.empty();
  }

  private ColumnGraph graph(Digest digest) {
    return ColumnGraph.of(digest, DefinitionStore.open(lake)::read);
  }

  private Map<String, Object> json(ColumnGraph graph, RunRecord run) {
    Map<String, Object> columns = new TreeMap<>();
    Map<ColumnReference, ColumnOrigin> edges = graph.edges();
    edges.forEach(
        (column, origin) -> {
          Map<String, Object> of = new LinkedHashMap<>();
          of.put("values", origin.values());
          of.put("conditions", origin.conditions());
          of.put("tags", graph.tags(column));
          of.put("sources", graph.sources(column));
          columns.put(column.toString(), of);
        });
    return Map.of("thing", graph.root().reference(), "run", run.run(), "columns", columns);
  }

  /** {@code flights.arr_delay, flights.dest and 3 more}. */
  private static String some(Set<ColumnReference> columns) {
    List<String> names =
        columns.stream()
            .limit(columns.size() == NAMED + 1 ? NAMED + 1 : NAMED)
            .map(c -> c.toString().substring(c.toString().indexOf(' ') + 1))
            .toList();
    String named = names.stream().collect(Collectors.joining(", "));
    return names.size() == columns.size()
        ? named
        : named + " and " + (columns.size() - names.size()) + " more";
  }

  /** Kind and name of the definition that makes a table, or that has the name. */
  private static String reference(String thing) {
    int colon = thing.indexOf(':');
    if (colon >= 0 && !thing.startsWith("table:")) {
      String kind = thing.substring(0, colon);
      String name =
          versionOf(thing)
              .map(v -> thing.substring(colon + 1, thing.length() - v.length() - 1))
              .orElse(thing.substring(colon + 1));
      return switch (kind) {
        case "online" -> "view " + name;
        case "definition" -> name;
        default -> kind + " " + name;
      };
    }
    String table = thing.substring(colon + 1).replaceFirst("@.*", "");
    TableName name = TableName.parse(table);
    return switch (name.layer()) {
      case "scores", "superseded" -> "scores " + name.subject();
      case "training" -> "training-set " + name.subject();
      case "features" -> "view " + name.subject().replaceFirst("_v([0-9]+)$", "@$1");
      case "bronze", "validated", "quarantine" -> "source " + name.subject();
      default ->
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot show the columns of %s: only tables of sources, features, training sets and scores have columns that come from others. Name one, or a view, as in view:carrier_history@1."
                  .formatted(thing));
    };
  }
}
