package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.registry.provenance.Impact;
import io.tributary.registry.provenance.Provenance;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.RunnerOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary impact --exact}: the predictions that are others without a delivery. */
@Command(
    description = {
      "Recomputes the predictions that tributary impact lists of a delivery, without it, and tells those that are others then: each scoring by the engine at its pins, with the definitions and versions of then, once with the delivery's rows and once without.",
      "A scoring that also read the delivery by way of snapshots, of a source that looks it up, or by a model that was trained on it can't be recomputed so: it is named with what to do, and the command ends with 3. Nothing is written."
    },
    footer = {
      "",
      "The words are [PROJECT] and a source with --delivery, or a delivered file, by path or SHA-256.",
      "",
      "  tributary impact flights --delivery 17 --exact",
      "  tributary impact data/flights-2013-10.csv --exact --json"
    })
public final class ExactImpactMain implements JobMain.Body {
  @Option(names = "--exact", description = "Without it, tributary impact tells what may be others.")
  private boolean exact;

  @Option(
      names = "--delivery",
      paramLabel = "N",
      description = "Of a source: which delivery, as tributary trace names it.")
  private Long delivery;

  @Option(names = "--predictions", description = "Name each prediction by its id.")
  private boolean predictions;

  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.auto);

  ExactImpactMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("impact --exact", args, new ExactImpactMain()));
  }

  @Override
  public boolean isSubject(String word) {
    return word.contains("/") && !ProjectReader.isProject(Path.of(word));
  }

  @Override
  public void run(JobMain main) {
    String place = ProjectReader.lake(main.project(), System.getenv(), main.lake());
    try (Lake lake = main.open(place, Lake.DEFAULT_RETENTION)) {
      if (!exact || main.subjects().size() != 1) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot tell an exact impact: %s. Write a source with --delivery N, or a delivered file, and --exact."
                .formatted(exact ? "one thing is asked about" : "that is not asked for"));
      }
      Impact impact = Impact.open(lake.uri(), true);
      String thing = main.subjects().get(0);
      if (delivery == null && thing.contains("@")) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot tell an exact impact of %s: it is of a delivery alone. Write a source with --delivery N, or a delivered file; tributary impact %s tells what was made from it."
                .formatted(thing, thing));
      }
      Provenance told = delivery == null ? impact.file(thing) : impact.delivery(thing, delivery);
      tell(
          main,
          told.root(),
          new ExactImpact(lake, computing.choice(), main.progress()::say).of(impact, told));
    }
  }

  private void tell(JobMain main, String root, List<ExactImpact.Scored> scored) {
    main.result(Map.of("root", root, "scorings", scored));
    long changed = 0;
    for (ExactImpact.Scored each : scored) {
      String what = "score %s %s".formatted(each.scores(), each.interval());
      if (each.changed().isPresent()) {
        changed += each.changed().get().size();
        main.say(
            "%s: %,d of %,d listed predictions are others without it"
                .formatted(what, each.changed().get().size(), each.listed()));
        if (predictions) {
          each.changed().get().forEach(main::say);
        }
      } else {
        main.say(
            "%s: %,d listed, NOT COMPUTED: %s"
                .formatted(what, each.listed(), each.why().orElseThrow()));
      }
    }
    main.say(
        "%s: %,d predictions are others without it"
            .formatted(root.replaceFirst(":", " "), changed));
    if (scored.stream().anyMatch(each -> each.changed().isEmpty())) {
      main.endsWith(ErrorGroup.DATA);
    }
  }
}
