package io.tributary.console;

import io.tributary.definition.Completed;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tributary show THING}: a definition, completed with its defaults. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description =
        "A definition as it stands with all its defaults: a source, a view (carrier_history@1), a training set, a model …")
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
    } else if (options.json()) {
      options.out().println(Completed.json(options.project(), thing));
    } else {
      options.out().print(Completed.yaml(options.project(), thing));
    }
    options.out().flush();
  }
}
