package io.tributary.train;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import io.tributary.model.ModelBundle;
import io.tributary.registry.Alias;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.report.Page;
import io.tributary.runtime.JobMain;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tributary registry card}: a model version's card as a page. No session. */
@Command(
    description =
        "Writes a version's card as a page that a browser opens: how good it is and how surely, by slices and nights, what a monitor of it could not see, what it was made from.")
public final class ModelCardMain implements JobMain.Body {
  @Option(
      names = "--html",
      required = true,
      paramLabel = "FILE",
      description = "The page; it is replaced.")
  private String html;

  public static void main(String[] args) {
    System.exit(
        JobMain.run(
            "registry card", Arrays.copyOfRange(args, 1, args.length), new ModelCardMain()));
  }

  @Override
  public void run(JobMain main) {
    if (main.subjects().size() != 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot write a card of %s: a card is of one version. Name it as in late_arrival@3 or late_arrival@production."
              .formatted(main.subjects().isEmpty() ? "nothing" : main.subjects()));
    }
    String named = main.subjects().get(0);
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    String lake = LakeTables.normal(project.lake());
    LakeIdentity.require(lake);
    ModelRegistry registry = ModelRegistry.open(lake);
    RegisteredVersion version =
        registry.find(named.contains("@") ? named : named + "@" + Alias.PRODUCTION);
    List<String> aliases = registry.aliasesOf(version.version().reference());
    Path file = Path.of(main.path(html));
    page(registry, version, aliases, project).write(file);
    main.say("page: " + file);
    main.result(Map.of("version", version.version().reference(), "page", file.toString()));
  }

  private static Page page(
      ModelRegistry registry, RegisteredVersion version, List<String> aliases, Project project) {
    Optional<TrainedElsewhere> said = version.version().elsewhere();
    return said.isPresent()
        ? new ElsewhereCard(version, said.get(), aliases).page()
        : new ModelCard(
                version,
                aliases,
                project.monitors().values().stream()
                    .filter(monitor -> monitor.model().equals(version.version().model()))
                    .toList(),
                ModelBundle.of(
                    registry.artefact(version.version()), version.version().artefact().digest()))
            .page();
  }
}
