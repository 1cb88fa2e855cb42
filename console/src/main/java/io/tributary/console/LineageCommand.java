package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageEvent;
import io.tributary.events.runs.LineageNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary lineage TABLE}: where a table comes from, and what was made from it. */
@Command(
    description =
        "Where a table, model or file comes from, and what was derived from it: every run, back to the source files and forward.")
final class LineageCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      paramLabel = "THING",
      description =
          "A table (scores.departures), or kind:name with kind table, model, file, online, view or training-set; at one version as it is printed: scores.departures@4, model:lateness@1.")
  private String thing;

  @Option(names = "--forward", description = "Only what was derived from it.")
  private boolean forward;

  @Option(names = "--back", description = "Only where it comes from.")
  private boolean back;

  @Option(
      names = "--columns",
      description =
          "Where each of its columns comes from, as it was defined when it was last made: of a table, of view:NAME@VERSION, training-set:NAME, model:NAME, scores:NAME or source:NAME. With --json all columns back to the sources.")
  private boolean columns;

  @Override
  public void run() {
    if (columns) {
      new ColumnOrigins(options).print(thing);
      return;
    }
    Lineage lineage = Lineage.open(options.lake());
    int colon = thing.indexOf(':');
    String kind = colon < 0 ? "table" : thing.substring(0, colon);
    String name = thing.substring(colon + 1);
    LineageNode node =
        lineage
            .newest(kind, name)
            .or(() -> printed(lineage, thing))
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot show lineage of %s: no run read or wrote it. Known are: %s."
                            .formatted(thing, known(lineage))));
    List<LineageEvent> upstream = forward ? List.of() : lineage.upstream(node);
    List<LineageEvent> downstream = back ? List.of() : lineage.downstream(node);
    if (options.json()) {
      options.print(json(node, upstream, downstream));
      return;
    }
    options.out().println(node);
    print("made by, newest first:", upstream);
    print("made into:", downstream);
    options.out().flush();
  }

  /**
   * Nodes by their names in the lake; where lakes meet, a name begins with the lake's id and a
   * slash.
   */
  private Map<String, Object> json(
      LineageNode node, List<LineageEvent> upstream, List<LineageEvent> downstream) {
    String lake = LakeIdentity.require(options.lake()).map(LakeIdentity::id).orElse("");
    return Map.of(
        "lake",
        lake,
        "node",
        node,
        "qualified-name",
        node.qualified(lake),
        "upstream",
        upstream,
        "downstream",
        downstream);
  }

  private void print(String heading, List<LineageEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    options.out().println();
    options.out().println(heading);
    TextTable columns = new TextTable("RUN", "WORK", "FROM", "TO");
    for (LineageEvent e : events) {
      columns.add(e.run(), e.key(), names(e.inputs()), names(e.outputs()));
    }
    columns.print(options.out());
  }

  private static String names(List<LineageNode> nodes) {
    return nodes.stream().map(LineageCommand::shortName).collect(Collectors.joining(" "));
  }

  /** A short name, {@code scores.departures@4}; a file's has the first digits of its digest. */
  private static String shortName(LineageNode node) {
    String version = node.version();
    return switch (node.kind()) {
      case "table" -> node.name() + "@" + version.substring(0, version.indexOf('#'));
      case "view", "training-set", "definition" ->
          node.kind()
              + ":"
              + node.name()
              + "@"
              + version.substring(0, Math.min(8, version.length()));
      case "file" ->
          node.name().substring(node.name().lastIndexOf('/') + 1)
              + "@"
              + version.substring(0, Math.min(8, version.length()));
      default -> node.kind() + ":" + node.name() + "@" + version;
    };
  }

  /** The newest node whose {@link #shortName} is the text. */
  private static Optional<LineageNode> printed(Lineage lineage, String thing) {
    return lineage.events().stream()
        .flatMap(event -> Stream.concat(event.inputs().stream(), event.outputs().stream()))
        .filter(
            node ->
                thing.equals(node.toString())
                    || thing.equals(shortName(node))
                    || thing.equals(node.kind() + ":" + shortName(node)))
        .reduce((a, b) -> b);
  }

  private static String known(Lineage lineage) {
    TreeSet<String> names = new TreeSet<>();
    for (LineageEvent event : lineage.events()) {
      event
          .outputs()
          .forEach(n -> names.add(n.kind().equals("table") ? n.name() : n.kind() + ":" + n.name()));
    }
    return names.isEmpty() ? "none yet, run the project first" : String.join(", ", names);
  }
}
