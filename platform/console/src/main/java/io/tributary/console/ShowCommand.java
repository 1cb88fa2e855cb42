package io.tributary.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Json;
import io.tributary.definition.Completed;
import io.tributary.definition.FeatureType;
import io.tributary.definition.Project;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tributary show THING}: a definition, completed with its defaults. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description =
        "A definition as it stands with all its defaults: a source, a view (carrier_history@1) with the types of its features, a training set, a model …")
final class ShowCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "0..1",
      paramLabel = "THING",
      description = "Its name; nothing = list all there are.")
  private String thing;

  @Override
  public void run() {
    show(options, thing);
  }

  static void show(ProjectOptions options, String thing) {
    if (thing == null) {
      List<String> things = Completed.things(options.project());
      if (options.json()) {
        options.print(things);
      } else {
        things.forEach(options.out()::println);
      }
    } else {
      Project project = options.project();
      Map<String, FeatureType> types =
          Completed.view(project, thing)
              .map(view -> FeatureType.of(project, view))
              .orElse(Map.of());
      if (options.json()) {
        options.out().println(json(Completed.json(project, thing), types));
      } else {
        options.out().print(Completed.yaml(project, thing));
        comment(options.out(), types);
      }
    }
    options.out().flush();
  }

  /** A view's JSON says the types of its features beside what its file says. */
  private static String json(String definition, Map<String, FeatureType> types) {
    if (types.isEmpty()) {
      return definition;
    }
    ObjectNode tree = Json.read(definition, ObjectNode.class);
    ObjectNode added = tree.putObject("feature-types");
    types.forEach(
        (name, type) -> {
          ObjectNode of = added.putObject(name);
          type.type().ifPresent(text -> of.put("type", text));
          type.unit().ifPresent(text -> of.put("unit", text));
        });
    return tree.toPrettyString();
  }

  private static void comment(PrintWriter out, Map<String, FeatureType> types) {
    if (types.isEmpty()) {
      return;
    }
    out.println("# Types of the features:");
    types.forEach(
        (name, type) ->
            out.println(
                "#   "
                    + name
                    + ": "
                    + type.type().orElse("as Spark SQL types its expression")
                    + type.unit().map(unit -> ", in " + unit).orElse("")));
  }
}
