package io.tributary.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.SideBySide;
import io.tributary.registry.SideBySide.Fact;
import io.tributary.registry.SideBySide.Part;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry compare}: versions side by side. */
@Command(
    description = {
      "Prints what the registry has of versions side by side: measures, baselines and slices on the test rows of each,",
      "parameters, inputs added and dropped, environment; then by what the definitions of each differ from those of the",
      "first, and comparisons on the same rows. Measures on different rows say little of which is better: the rows are",
      "the same where training set, content and split are. Of parameters, inputs, slices, environment and libraries",
      "those that are equal are left out; --all and --json have them."
    })
final class CompareCommand implements Runnable {
  /** Of these a person wants to see those that are equal too. */
  private static final Set<Part> WHOLE = EnumSet.of(Part.VERSION, Part.TEST, Part.BASELINE);

  private static final int WIDEST = 40;

  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "2..*",
      paramLabel = "VERSION",
      description = "As in late_arrival@3 or late_arrival@production; two or more.")
  private List<String> references = new ArrayList<>();

  @Option(names = "--all", description = "Also what is equal.")
  private boolean all;

  @Override
  public void run() {
    String lake = options.lake();
    SideBySide found =
        SideBySide.of(ModelRegistry.open(lake), DefinitionStore.open(lake), references);
    if (options.json()) {
      options.print(found);
      return;
    }
    PrintWriter out = options.out();
    TextTable table =
        new TextTable(cells("", found.versions().stream().map(ModelReference::toString).toList()));
    long equal = 0;
    for (Fact fact : found.facts()) {
      if (all || WHOLE.contains(fact.part()) || fact.differs()) {
        table.add(
            (Object[])
                cells(
                    fact.part().name().toLowerCase(Locale.ROOT) + "  " + fact.name(),
                    fact.values().stream().map(CompareCommand::text).toList()));
      } else {
        equal++;
      }
    }
    table.print(out);
    if (equal > 0) {
      out.printf(Locale.ROOT, "%d more are equal; --all shows them.%n", equal);
    }
    ModelReference first = found.versions().get(0);
    for (ModelReference version : found.versions().subList(1, found.versions().size())) {
      List<String> lines = found.definitions().getOrDefault(version.toString(), List.of());
      out.println();
      out.printf(
          "definitions of %s %s%n",
          version,
          lines.isEmpty() ? "mean what those of " + first + " do" : "beside those of " + first);
      lines.forEach(out::println);
    }
    if (!found.comparisons().isEmpty()) {
      out.println();
      found.comparisons().forEach(out::println);
    }
    out.flush();
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
    String text = value.isTextual() ? value.textValue() : value.toString();
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }
}
