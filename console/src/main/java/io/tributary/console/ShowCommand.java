package io.tributary.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Json;
import io.tributary.definition.Copies;
import io.tributary.definition.DefinitionPrinter;
import io.tributary.definition.FeatureType;
import io.tributary.definition.FeatureView;
import io.tributary.definition.LateDays;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary show THING}: prints a definition with its defaults. */
@Command(
    description =
        "A definition as it stands with all its defaults: a source, a view (carrier_history@1) with the types of its features, a training set, a model …",
    footer = {
      "",
      "With --of as it was when a run used it, whatever the project says now:",
      "  tributary show carrier_history@1 --of 20131231T050000Z-1f2e3d",
      "  tributary show --of 9f86d081884c"
    })
final class ShowCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "0..1",
      paramLabel = "THING",
      description = "Its name; nothing = list all there are.")
  private String thing;

  @Option(
      names = "--of",
      paramLabel = "RUN|DIGEST",
      description =
          "As it was in a run, or the definition that is kept under a digest (or its first 8 digits and more).")
  private String of;

  @Override
  public void run() {
    if (of == null) {
      show(options, thing);
    } else {
      new KeptDefinitions(options, of, Optional.ofNullable(thing)).print();
    }
  }

  static void show(ProjectOptions options, String thing) {
    if (thing == null) {
      List<String> things = DefinitionPrinter.things(options.project());
      if (options.json()) {
        options.print(things);
      } else {
        things.forEach(options.out()::println);
      }
    } else {
      Project project = options.project();
      Optional<FeatureView> view = DefinitionPrinter.view(project, thing);
      Map<String, FeatureType> types = view.map(v -> FeatureType.of(project, v)).orElse(Map.of());
      if (options.json()) {
        options
            .out()
            .println(json(DefinitionPrinter.json(project, thing), types, copies(project, thing)));
      } else {
        options.out().print(DefinitionPrinter.yaml(project, thing));
        view.ifPresent(v -> comment(options.out(), v, types));
        source(project, thing).ifPresent(s -> comment(options.out(), project, s));
        tags(options, project, thing);
      }
    }
    options.out().flush();
  }

  /** Prints the tags that flow to the columns of a thing, if a run has used it as it is now. */
  private static void tags(ProjectOptions options, Project project, String thing) {
    Map<String, Set<String>> tags =
        new ColumnOrigins(options)
            .tags(
                project,
                DefinitionPrinter.reference(project, thing),
                DefinitionPrinter.yaml(project, thing));
    if (!tags.isEmpty()) {
      options
          .out()
          .println("# Tags of its columns, with those of the columns that they are derived from:");
      tags.forEach(
          (name, of) -> options.out().println("#   " + name + ": " + String.join(" ", of)));
    }
  }

  private static Optional<Source> source(Project project, String thing) {
    return Optional.ofNullable(
        project.sources().get(thing.replaceFirst("^source |^sources/(.*)\\.yaml$", "$1")));
  }

  private static Map<String, String> copies(Project project, String thing) {
    return source(project, thing).map(s -> Copies.of(project, s.name())).orElse(Map.of());
  }

  /**
   * The JSON of a thing: a view's has the types of its features beside its definition, a source's
   * the places of copies of its rows.
   */
  private static String json(
      String definition, Map<String, FeatureType> types, Map<String, String> copies) {
    if (types.isEmpty() && copies.isEmpty()) {
      return definition;
    }
    ObjectNode tree = Json.read(definition, ObjectNode.class);
    if (!copies.isEmpty()) {
      ObjectNode places = tree.putObject("copies");
      copies.forEach(places::put);
      return tree.toPrettyString();
    }
    ObjectNode added = tree.putObject("feature-types");
    types.forEach(
        (name, type) -> {
          ObjectNode of = added.putObject(name);
          type.type().ifPresent(text -> of.put("type", text));
          type.unit().ifPresent(text -> of.put("unit", text));
        });
    return tree.toPrettyString();
  }

  private static void comment(PrintWriter out, FeatureView view, Map<String, FeatureType> types) {
    out.println("# Types of the features:");
    String untold =
        "as Spark SQL types its expression"
            + (view.isOnDemand() ? "" : "; once taken, as its column of " + view.id().table());
    types.forEach(
        (name, type) ->
            out.println(
                "#   "
                    + name
                    + ": "
                    + type.type().orElse(untold)
                    + type.unit().map(unit -> ", in " + unit).orElse("")));
  }

  private static void comment(PrintWriter out, Project project, Source source) {
    LateDays.of(project, source).ifPresent(why -> out.println("# Look at this: " + why + "."));
    out.println(
        "# Copies of its rows lie in"
            + source.subjectKey().map(key -> "; whose data a row is says " + key).orElse("")
            + ":");
    Copies.of(project, source.name())
        .forEach((place, what) -> out.println("#   " + place + ": " + what));
  }
}
