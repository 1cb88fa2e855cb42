package io.tributary.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.SideBySide;
import io.tributary.registry.SideBySide.Fact;
import io.tributary.registry.SideBySide.Part;
import io.tributary.report.Block;
import io.tributary.report.Cell;
import io.tributary.report.Fold;
import io.tributary.report.Page;
import io.tributary.report.Prose;
import io.tributary.report.Section;
import io.tributary.report.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry compare}: versions side by side. */
@Command(
    description = {
      "Prints what the registry has of versions side by side: measures, with intervals by nights, baselines and slices on",
      "the test rows of each, parameters, inputs added and dropped, how inputs shifted between the rows that trained them,",
      "environment; then by what the definitions of each differ from those of the first, and comparisons on the same rows.",
      "Measures on different rows say little of which is better: the rows are the same where training set, content and split",
      "are. Of parameters, inputs, slices, environment and libraries those that are equal are left out, and shifts with a",
      "population stability index below 0.1 whose share of missing values is the same to 0.05; --all and --json have them."
    })
final class CompareCommand implements Runnable {
  /** Of these a person wants to see those that are equal too. */
  private static final Set<Part> WHOLE =
      EnumSet.of(Part.VERSION, Part.TEST, Part.INTERVAL, Part.BASELINE);

  private static final Map<Part, String> TITLES =
      new EnumMap<>(
          Map.of(
              Part.VERSION, "Versions",
              Part.TEST, "Measures on the test rows of each",
              Part.INTERVAL, "Where these could be, had other nights been tested, in 95 of 100",
              Part.BASELINE, "Baselines on these rows",
              Part.SLICE, "Slices",
              Part.FIT, "Parameters of the fit",
              Part.INPUT, "Inputs",
              Part.DRIFT,
                  "Shift of inputs from the rows that trained the first (index of stability)",
              Part.ENVIRONMENT, "Environment",
              Part.LIBRARY, "Libraries"));

  /** The fields of a shift. */
  private static final String INDEX = "index";

  private static final String MISSING = "missing";
  private static final String MISSING_BEFORE = "missingBefore";

  private static final int WIDEST = 40;

  /** By a rule of thumb, below it a shift of an input does not matter. */
  private static final double LEAST_INDEX = 0.1;

  private static final double LEAST_MISSING = 0.05;

  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "2..*",
      paramLabel = "VERSION",
      description = "As in late_arrival@3 or late_arrival@production; two or more.")
  private List<String> references = new ArrayList<>();

  @Option(names = "--html", paramLabel = "FILE", description = "Write it as a page.")
  private Path html;

  @Option(names = "--all", description = "Also what is equal.")
  private boolean all;

  @Override
  public void run() {
    String lake = options.lake();
    SideBySide found =
        SideBySide.of(ModelRegistry.open(lake), DefinitionStore.open(lake), references);
    if (html != null) {
      options.write(page(found), html);
      return;
    }
    if (options.json()) {
      options.print(found);
      return;
    }
    PrintWriter out = options.out();
    TextTable table =
        new TextTable(cells("", found.versions().stream().map(ModelReference::toString).toList()));
    List<Fact> shown = found.facts().stream().filter(fact -> all || isShown(fact)).toList();
    shown.forEach(
        fact ->
            table.add(
                (Object[])
                    cells(part(fact) + "  " + fact.name(), texts(fact, CompareCommand::cut))));
    table.print(out);
    if (shown.size() < found.facts().size()) {
      out.printf(
          Locale.ROOT,
          "%d more are equal or nearly so; --all shows them.%n",
          found.facts().size() - shown.size());
    }
    ModelReference first = found.versions().get(0);
    for (ModelReference version : found.versions().subList(1, found.versions().size())) {
      List<String> lines = found.definitions().getOrDefault(version.toString(), List.of());
      out.println();
      inputs(found, version).ifPresent(out::println);
      out.println(definitions(version, first, lines));
      lines.forEach(out::println);
    }
    if (!found.comparisons().isEmpty()) {
      out.println();
      found.comparisons().forEach(out::println);
    }
    out.flush();
  }

  private static boolean isShown(Fact fact) {
    return fact.part() == Part.DRIFT
        ? fact.values().stream().anyMatch(CompareCommand::isShifted)
        : WHOLE.contains(fact.part()) || fact.differs();
  }

  private static boolean isShifted(JsonNode shift) {
    return shift.path(INDEX).doubleValue() >= LEAST_INDEX
        || Math.abs(shift.path(MISSING).doubleValue() - shift.path(MISSING_BEFORE).doubleValue())
            >= LEAST_MISSING;
  }

  private static String part(Fact fact) {
    return fact.part().name().toLowerCase(Locale.ROOT);
  }

  private static List<String> texts(Fact fact, UnaryOperator<String> cut) {
    return fact.values().stream().map(value -> cut.apply(text(value))).toList();
  }

  private static String definitions(
      ModelReference version, ModelReference first, List<String> lines) {
    return "definitions of %s %s"
        .formatted(
            version,
            lines.isEmpty() ? "mean what those of " + first + " do" : "beside those of " + first);
  }

  /** The inputs that a version has and the first one has not, and the other way round. */
  private static Optional<String> inputs(SideBySide found, ModelReference version) {
    SideBySide.Inputs changed = found.inputs().get(version.toString());
    List<String> said = new ArrayList<>();
    if (!changed.added().isEmpty()) {
      said.add("added " + String.join(", ", changed.added()));
    }
    if (!changed.dropped().isEmpty()) {
      said.add("dropped " + String.join(", ", changed.dropped()));
    }
    return said.isEmpty()
        ? Optional.empty()
        : Optional.of("inputs of " + version + ": " + String.join("; ", said));
  }

  private static Page page(SideBySide found) {
    List<String> names = found.versions().stream().map(ModelReference::toString).toList();
    List<Section> sections = new ArrayList<>();
    for (Part part : Part.values()) {
      List<Fact> of = found.facts().stream().filter(fact -> fact.part() == part).toList();
      List<Fact> equal = of.stream().filter(fact -> !isShown(fact)).toList();
      List<Fact> shown = of.stream().filter(CompareCommand::isShown).toList();
      List<Block> blocks = new ArrayList<>();
      if (!shown.isEmpty()) {
        blocks.add(table(names, shown));
      }
      if (!equal.isEmpty()) {
        blocks.add(
            new Fold(equal.size() + " are equal or nearly so", List.of(table(names, equal))));
      }
      if (!blocks.isEmpty()) {
        sections.add(new Section(TITLES.get(part), blocks));
      }
    }
    for (ModelReference version : found.versions().subList(1, found.versions().size())) {
      List<String> lines = found.definitions().getOrDefault(version.toString(), List.of());
      List<Block> blocks = new ArrayList<>();
      inputs(found, version).map(Prose::of).ifPresent(blocks::add);
      if (!lines.isEmpty()) {
        blocks.add(Prose.command(String.join("\n", lines)));
      }
      sections.add(
          new Section(capital(definitions(version, found.versions().get(0), lines)), blocks));
    }
    if (!found.comparisons().isEmpty()) {
      sections.add(
          new Section(
              "Compared on the same rows",
              found.comparisons().stream().map(c -> (Block) Prose.of(c.toString())).toList()));
    }
    return new Page(
        String.join(" beside ", names),
        "What the registry has of %d versions, side by side.".formatted(names.size()),
        sections);
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static Table table(List<String> versions, List<Fact> facts) {
    return new Table(
        "What each version has",
        List.of(cells("Fact", versions)),
        facts.stream()
            .map(
                fact ->
                    Stream.of(cells(fact.name(), texts(fact, text -> text))).map(Cell::of).toList())
            .toList());
  }

  private static String[] cells(String first, List<String> values) {
    List<String> cells = new ArrayList<>(List.of(first));
    cells.addAll(values);
    return cells.toArray(String[]::new);
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "-";
    }
    if (value.isFloatingPointNumber() && Math.abs(value.doubleValue()) >= 0.001) {
      return String.format(Locale.ROOT, "%.4f", value.doubleValue());
    }
    if (value.isArray() && value.size() == 2 && value.get(0).isFloatingPointNumber()) {
      return text(value.get(0)) + " to " + text(value.get(1));
    }
    if (value.has(INDEX)) {
      double missing = value.path(MISSING).doubleValue();
      double before = value.path(MISSING_BEFORE).doubleValue();
      String index = String.format(Locale.ROOT, "%.3f", value.path(INDEX).doubleValue());
      return missing == before
          ? index
          : index + String.format(Locale.ROOT, ", missing %.3f (%.3f)", missing, before);
    }
    return value.isTextual() ? value.textValue() : value.toString();
  }

  private static String cut(String text) {
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }
}
