package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.definitions.Staleness;
import io.tributary.events.runs.RunLog;
import io.tributary.lake.Lake;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tributary amend}: another meaning for a version of a view. Starts no session. */
@Command(
    description = {
      "Gives a version of a view the meaning that it has in the project now, in place of the one that this lake was built with.",
      "What was built with the former meaning is stale from then on, and listed by name; models that were trained on it score no more until they are trained again."
    },
    footer = {
      "",
      "The words are [PROJECT] VIEW@N.",
      "",
      "  tributary amend carrier_history@1 --reason \"late is more than 15 minutes, not 10\"",
      "  tributary amend carrier_history@1 --reason \"a typing error in a label\" --accept-model late_arrival@3"
    })
public final class AmendMain implements JobMain.Body {
  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why; it stays in the lake.")
  private String reason;

  @Option(
      names = "--accept-model",
      paramLabel = "MODEL@N",
      description =
          "A model version that may go on scoring although it was trained on the former meaning; may be repeated, also after the amendment.")
  private List<String> accepted = new ArrayList<>();

  AmendMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("amend", args, new AmendMain()));
  }

  @Override
  public void run(JobMain main) {
    ViewId view = view(main.subjects());
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    List<Definition> used = checked.definitions(List.of("view " + checked.view(view).id()));
    Definition definition = used.get(used.size() - 1);
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      LakeDefinitions definitions = lake.definitions();
      Meanings.Change fixed =
          definitions
              .meanings()
              .fixed(definition.reference())
              .orElseThrow(
                  () ->
                      refused(
                          view,
                          "no run has fixed what it means in lake "
                              + lake.uri()
                              + (definition.isDraft()
                                  ? ", for it is a draft. Change it as you like; doctor names what is stale then."
                                  : " yet. Change it as you like.")));
      requireModels(lake, definition);
      boolean isSame = fixed.meaning().equals(definition.meaningDigest());
      List<String> difference =
          isSame ? List.of() : definitions.difference(definition, fixed, used);
      if (isSame && accepted.isEmpty()) {
        throw refused(
            view, "it means what it means in lake " + lake.uri() + ". Nothing has to be done.");
      }
      Principal actor = Principal.ofProcess();
      if (isSame) {
        definitions.meanings().accept(fixed, accepted, Instant.now(), actor, reason);
      } else {
        Map<String, Digest> kept = new LinkedHashMap<>();
        used.forEach(d -> kept.put(d.reference(), definitions.store().put(d)));
        definitions
            .meanings()
            .amend(
                definition,
                kept.get(definition.reference()),
                fixed,
                accepted,
                Instant.now(),
                actor,
                reason);
      }
      tell(main, view, difference, stale(lake, runner.log(), used));
    }
  }

  private void tell(
      JobMain main, ViewId view, List<String> difference, List<Staleness.Stale> stale) {
    if (!difference.isEmpty()) {
      main.say("view " + view + " is amended:");
      difference.forEach(main::say);
    }
    accepted.forEach(model -> main.say("model " + model + " may go on scoring"));
    if (!stale.isEmpty()) {
      main.say("stale now, until it is built again:");
      stale.forEach(s -> main.say("  " + s));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("view", view);
    result.put("difference", difference);
    result.put("accepted", accepted);
    result.put("stale", stale);
    main.result(result);
  }

  /** What is stale because of the view, or of what it is made of. */
  private static List<Staleness.Stale> stale(Lake lake, RunLog log, List<Definition> used) {
    List<String> causes = used.stream().map(Definition::reference).toList();
    return Staleness.of(lake.definitions(), log.list()).stream()
        .filter(s -> s.because().stream().anyMatch(causes::contains))
        .toList();
  }

  /** Models that are accepted are there, and were trained on the view. */
  private void requireModels(Lake lake, Definition definition) {
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    for (String name : accepted) {
      if (ModelReference.parse(name).number().isEmpty()) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot accept model \"%s\": it names no version. Write it as in late_arrival@3."
                .formatted(name));
      }
      ModelVersion version = registry.find(name).version();
      if (!version.definitions().containsKey(definition.reference())) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot accept model %s: it was not trained on %s. Leave it out."
                .formatted(name, definition.reference()));
      }
    }
  }

  private static ViewId view(List<String> words) {
    if (words.size() == 1) {
      return ViewId.parse(words.get(0));
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot amend %s: one view is amended at a time. Name it as in carrier_history@1."
            .formatted(words.isEmpty() ? "nothing" : String.join(" ", words)));
  }

  private static PlatformException refused(ViewId view, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot amend view " + view + ": " + why);
  }
}
