package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.RunnerOption;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary reproduce}: makes a build or a model again, and compares. */
@Command(
    description = {
      "Makes a training set's build or a model's version again, from the definitions and pins that the lake keeps of it, and compares: the rows by their digest, the model by the bytes of its files.",
      "The project's folder says where the lake is; its definitions, the tables of training sets and stored models are not read. Nothing is written but the record that it came out the same, which tributary registry history has.",
      "Where it differs it says why, in order of cause: environment, code, data that is no longer there, the first row that is not what was delivered, by file, line and column. It then ends with 3."
    },
    footer = {
      "",
      "The words are [PROJECT] and MODEL@V, MODEL@ALIAS or training-set:NAME@N.",
      "",
      "  tributary reproduce late_arrival@3",
      "  tributary reproduce training-set:late_arrival@2 --json"
    })
public final class ReproduceMain implements JobMain.Body {
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.auto);

  ReproduceMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("reproduce", args, new ReproduceMain()));
  }

  @Override
  public void run(JobMain main) {
    String thing = thing(main.subjects());
    String place = ProjectReader.lake(main.project(), System.getenv(), main.lake());
    try (Lake lake = main.open(place, Lake.DEFAULT_RETENTION)) {
      Reproducer reproducer = new Reproducer(lake, computing.choice(), main.progress()::say);
      Reproduction made;
      if (thing.startsWith(Reproducer.TRAINING_SET)) {
        ModelReference build =
            ModelReference.parse(thing.substring(Reproducer.TRAINING_SET.length()));
        made =
            reproducer.trainingSet(
                build.model(), build.number().orElseThrow(() -> unreadable(thing)));
      } else {
        made = reproducer.model(ModelRegistry.open(lake.uri()).find(thing).version());
      }
      tell(main, made);
    }
  }

  private static void tell(JobMain main, Reproduction made) {
    main.result(made);
    if (made.equal()) {
      main.say(
          "%s: the same, %s, of %,d rows"
              .formatted(made.thing(), made.recorded().shortHex(), made.rows()));
      return;
    }
    main.say(
        "%s: %s"
            .formatted(
                made.thing(),
                made.found()
                    .map(
                        found ->
                            "it differs: %s was made, and %s is recorded"
                                .formatted(found.shortHex(), made.recorded().shortHex()))
                    .orElse("it can't be made again")));
    made.why().forEach(cause -> main.say("  " + cause.kind() + ": " + cause.text()));
    main.endsWith(ErrorGroup.DATA);
  }

  private static String thing(List<String> words) {
    if (words.size() != 1) {
      throw unreadable(String.join(" ", words));
    }
    return words.get(0);
  }

  private static PlatformException unreadable(String words) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot reproduce \"%s\": it is no model's version and no build of a training set. Write late_arrival@3 or training-set:late_arrival@2."
            .formatted(words));
  }
}
