package io.tributary.train;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Project;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.Alias;
import io.tributary.registry.Evaluation;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary registry evaluate}: what a version comes to on rows that it has not seen. */
@Command(
    description = {
      "Measures a version on labelled rows that it was not fitted to: the newest ones of its model's training set, which are made for this and kept nowhere, or those of an existing build; all of them, or those asked about in an interval.",
      "Rows that trained or validated it are left out, as are those of keys that its split does not test. What it comes to is recorded, once for a version and the same rows; nothing is promoted or compared."
    })
public final class EvaluateMain implements JobMain.Body {
  private static final Pattern BUILD = Pattern.compile("([a-z][a-z0-9_]*)@([1-9]\\d{0,8})");

  @Option(
      names = "--rows",
      paramLabel = "SET@BUILD",
      description =
          "A build of a training set that is there, as in late_arrival@7 (default: the newest rows whose outcome is known).")
  private String rows;

  @Mixin private IntervalOptions asOf;

  public static void main(String[] args) {
    System.exit(
        JobMain.run(
            "registry evaluate", Arrays.copyOfRange(args, 1, args.length), new EvaluateMain()));
  }

  @Override
  public void run(JobMain main) {
    if (main.subjects().size() != 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot evaluate %s: one version is evaluated. Name it as in late_arrival@3 or late_arrival@production."
              .formatted(main.subjects().isEmpty() ? "nothing" : main.subjects()));
    }
    Optional<VersionEvaluation.Build> build = Optional.ofNullable(rows).map(EvaluateMain::build);
    String named = main.subjects().get(0);
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    List<Interval> asked = asOf.intervals(project.zone());
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision)) {
      VersionEvaluation evaluation =
          new VersionEvaluation(FeatureStore.open(checked, lake, RunnerChoice.auto));
      ModelVersion version =
          evaluation.version(named.contains("@") ? named : named + "@" + Alias.PRODUCTION);
      say(main, version, evaluation.of(version, build, asked));
    }
  }

  private static VersionEvaluation.Build build(String text) {
    Matcher named = BUILD.matcher(text.strip());
    if (!named.matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot evaluate on rows \"%s\": that is no build. Write its training set, @ and the build's number, as in late_arrival@7."
              .formatted(text));
    }
    return new VersionEvaluation.Build(named.group(1), Long.parseLong(named.group(2)));
  }

  private static void say(
      JobMain main, ModelVersion version, VersionEvaluation.Evaluated evaluated) {
    Evaluation found = evaluated.recorded().evaluation();
    Evaluation.Rows rows = found.rows();
    main.say(
        text(
            "%s on %,d rows of %s, asked from %s to %s: %d nights, %,d rows with %s true",
            version.reference(),
            rows.rows(),
            rows.from(),
            rows.first(),
            rows.last(),
            rows.nights(),
            rows.positives(),
            evaluated.label()));
    rows.cautions().forEach(caution -> main.say("  " + caution));
    Stream.concat(found.suspect().stream(), evaluated.notes().stream())
        .distinct()
        .forEach(note -> main.say("  " + note));
    main.say("");
    main.say(text("%-12s %10s %24s %10s", "measure", "value", "in 95 of 100", "test"));
    found
        .metrics()
        .forEach(
            (name, value) ->
                main.say(
                    text(
                        "%-12s %10.4f %24s %10s",
                        name,
                        value,
                        Optional.ofNullable(found.intervals().get(name))
                            .map(in -> text("%.4f to %.4f", in.lower(), in.upper()))
                            .orElse("-"),
                        Optional.ofNullable(version.metrics().get(name))
                            .map(test -> text("%.4f", test))
                            .orElse("-"))));
    VersionEvaluation.untold(found).forEach(main::say);
    found
        .slices()
        .forEach(
            (column, slices) -> {
              main.say("");
              main.say(
                  text("%-24s %10s %10s %10s %10s", column, "rows", "true", "auc", "log-loss"));
              slices.forEach(
                  slice ->
                      main.say(
                          text(
                              "%-24s %,10d %,10d %10s %10.4f",
                              slice.value(),
                              slice.rows(),
                              slice.positives(),
                              Optional.ofNullable(slice.metrics().get("auc"))
                                  .map(auc -> text("%.4f", auc))
                                  .orElse("-"),
                              slice.metrics().get("log-loss"))));
            });
    main.say("");
    main.say(
        "%s by %s at %s, rows %s"
            .formatted(
                evaluated.isNew() ? "recorded" : "recorded before",
                evaluated.recorded().principal(),
                evaluated.recorded().at(),
                rows.content().shortHex()));
    main.result(
        Map.of(
            "version",
            version.reference(),
            "new",
            evaluated.isNew(),
            "notes",
            evaluated.notes(),
            "recorded",
            evaluated.recorded()));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
