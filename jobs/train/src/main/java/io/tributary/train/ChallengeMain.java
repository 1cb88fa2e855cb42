package io.tributary.train;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.Model;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.registry.Alias;
import io.tributary.registry.Comparison;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Promotions;
import io.tributary.registry.RegisteredVersion;
import io.tributary.runtime.JobMain;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** {@code tributary registry challenge}: a version beside the one in production. */
@Command(
    description = {
      "Compares a version with the one in production, on rows that neither was fitted to: the version's test rows, by nights, or those of the other one.",
      "The comparison is recorded, once for each two versions, and nothing is promoted: tributary registry promote asks for it. Training does the same of its own. One that told nothing of the two, as something could not be read, is made again."
    })
public final class ChallengeMain implements JobMain.Body {
  private ChallengeMain() {}

  public static void main(String[] args) {
    System.exit(
        JobMain.run(
            "registry challenge", Arrays.copyOfRange(args, 1, args.length), new ChallengeMain()));
  }

  @Override
  public void run(JobMain main) {
    if (main.subjects().size() != 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot compare %s with production: one version is compared. Name it as in late_arrival@3."
              .formatted(main.subjects().isEmpty() ? "nothing" : main.subjects()));
    }
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision)) {
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      ModelVersion version = registry.find(main.subjects().get(0)).version();
      ModelVersion champion = champion(registry, version);
      requireComparable(version, champion);
      Model model =
          Optional.ofNullable(project.models().get(version.model()))
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.NOT_FOUND,
                          "Cannot compare %s with production: the project has no model %s, whose margin counts. Restore its file."
                              .formatted(version.reference(), version.model())));
      Comparison comparison = compared(lake, version, champion, model.margin(), project.zone());
      main.say(version.reference() + " " + comparison);
      main.say("whoever promotes it: " + Promotions.byHand(version.reference(), Alias.PRODUCTION));
      main.result(
          Map.of(
              "version",
              version.reference(),
              "verdict",
              comparison.verdict(model.margin()).toString(),
              "comparison",
              comparison));
    }
  }

  private static void requireComparable(ModelVersion version, ModelVersion champion) {
    Stream.of(version, champion)
        .forEach(
            of ->
                of.requireBinary(
                    "compare %s with production".formatted(version.reference()),
                    "Whoever knows that it is not worse promotes it: %s."
                        .formatted(Promotions.byHand(version.reference(), Alias.PRODUCTION))));
    Stream.of(version, champion)
        .filter(of -> of.elsewhere().isPresent())
        .findFirst()
        .ifPresent(
            of -> {
              throw new PlatformException(
                  ErrorCode.REFUSED,
                  "Cannot compare %s with production: %s was trained elsewhere, and nobody knows on which rows. Whoever knows that it is not worse promotes it: %s."
                      .formatted(
                          version.reference(),
                          of.reference(),
                          Promotions.byHand(version.reference(), Alias.PRODUCTION)));
            });
  }

  /** The comparison of the two that is recorded, by now. */
  static Comparison compared(
      Lake lake, ModelVersion version, ModelVersion champion, double margin, ZoneId zone) {
    Promotions promotions = ModelRegistry.open(lake.uri()).promotions();
    return promotions
        .comparison(version.reference(), champion.number())
        .filter(Comparison::tells)
        .orElseGet(
            () ->
                promotions.record(
                    version,
                    ChampionComparison.of(lake, version, champion, margin, zone),
                    Principal.osUser(lake.environment().user()),
                    ""));
  }

  private static ModelVersion champion(ModelRegistry registry, ModelVersion version) {
    return registry
        .model(version.model())
        .flatMap(model -> model.holder(Alias.PRODUCTION))
        .map(RegisteredVersion::version)
        .filter(held -> held.number() != version.number())
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_REQUEST,
                    "Cannot compare %s with production: no other version is there. Promote it without: %s."
                        .formatted(
                            version.reference(),
                            Promotions.byHand(version.reference(), Alias.PRODUCTION))));
  }
}
