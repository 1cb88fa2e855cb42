package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.registry.VersionSearch;
import io.tributary.registry.VersionSearch.Found;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry search}: versions by what is recorded of them. */
@Command(
    description = {
      "Prints the versions that meet all conditions, retired ones too, the newest first.",
      "A condition compares by < <= > >= = != a measure on the test rows with a number or with baseline, or leaks,",
      "number, registered (2026-11-01, or an instant); by = and != model, alias, status (admitted, refused, in-use,",
      "retired, held, suspect), training-set (NAME or NAME@BUILD), by and tag.KEY. Values with blanks stand in quotes."
    },
    footer = {
      "",
      "  tributary registry search \"auc >= 0.74 and log-loss < baseline and status != retired\" --by auc",
      "  tributary registry search \"tag.stage = trial and registered >= 2026-11-01\" --limit 5"
    })
final class SearchCommand implements Runnable {
  private static final int SHOWN = 30;

  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "0..1",
      defaultValue = "",
      paramLabel = "EXPRESSION",
      description = "Conditions with \"and\" between them; nothing = all versions.")
  private String expression;

  @Option(
      names = "--by",
      paramLabel = "MEASURE",
      description = "The best first by a measure, as in --by auc.")
  private String measure;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "How many at most. Default: 30, with --json all.")
  private Integer limit;

  /** Without it all would be equal, and the newest the best. */
  private void requireMeasure(List<Found> found) {
    Set<String> known = new TreeSet<>();
    found.forEach(version -> known.addAll(version.metrics().keySet()));
    if (measure != null && !found.isEmpty() && !known.contains(measure)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot search versions by \"%s\": none of those found has a measure \"%s\" to be ordered by. Write one of %s.%s"
              .formatted(
                  expression, measure, String.join(", ", known), Nearest.hint(measure, known)));
    }
  }

  @Override
  public void run() {
    if (limit != null && limit < 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot search versions: --limit %d shows none. Write 1 or more.".formatted(limit));
    }
    VersionSearch search = VersionSearch.parse(expression, () -> options.project().zone());
    Comparator<Found> order = measure == null ? VersionSearch.newest() : VersionSearch.by(measure);
    List<Found> found =
        RegistryCommand.registry(options).search(search).stream().sorted(order).toList();
    requireMeasure(found);
    int most = limit != null ? limit : options.json() ? found.size() : SHOWN;
    List<Found> shown = found.subList(0, Math.min(most, found.size()));
    if (options.json()) {
      options.print(shown);
      return;
    }
    if (found.isEmpty()) {
      options.out().println("No version meets it.");
      options.out().flush();
      return;
    }
    TextTable columns =
        new TextTable(
            "VERSION",
            "ALIASES",
            "STATUS",
            "AUC",
            "LOG LOSS",
            "TRAINED ON",
            "REGISTERED",
            "BY",
            "TAGS");
    for (Found version : shown) {
      columns.add(
          version.version(),
          String.join(", ", version.aliases()),
          version.status().stream()
              .filter(status -> status != VersionSearch.Status.IN_USE)
              .map(VersionSearch.Status::toString)
              .collect(Collectors.joining(", ")),
          RegistryCommand.number(version.metrics().get("auc")),
          RegistryCommand.number(version.metrics().get("log-loss")),
          version.trainingSet(),
          version.registered().truncatedTo(ChronoUnit.SECONDS),
          version.by(),
          VersionNotes.text(version.tags()));
    }
    columns.print(options.out());
    if (found.size() > shown.size()) {
      options
          .out()
          .printf(
              Locale.ROOT,
              "%,d more; --limit %d shows them.%n",
              found.size() - shown.size(),
              found.size());
    }
    options.out().flush();
  }
}
