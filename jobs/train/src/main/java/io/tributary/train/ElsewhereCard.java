package io.tributary.train;

import io.tributary.core.Pin;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.TrainingSetReference;
import io.tributary.report.Block;
import io.tributary.report.Cell;
import io.tributary.report.Facts;
import io.tributary.report.Page;
import io.tributary.report.Prose;
import io.tributary.report.Section;
import io.tributary.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is said of a model version that was trained elsewhere, as a page. It tells what nobody here
 * has checked from what the lake knows: the files, and the training set where one is named.
 */
final class ElsewhereCard {
  private final RegisteredVersion registered;
  private final TrainedElsewhere said;
  private final List<String> aliases;
  private final ModelVersion version;

  /**
   * Prepares.
   *
   * @param aliases that stand for the version
   */
  ElsewhereCard(RegisteredVersion registered, TrainedElsewhere said, List<String> aliases) {
    this.registered = registered;
    this.said = said;
    this.aliases = aliases;
    this.version = registered.version();
  }

  Page page() {
    return new Page(
        "Model " + version.reference(),
        ModelCard.standing(registered, aliases),
        List.of(
            new Section("How good it is", quality()),
            new Section("What it takes and foretells", signature()),
            new Section("How it was trained", trained()),
            new Section("What it was made from", lineage())));
  }

  private List<Block> quality() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        Prose.of(
            "It was trained elsewhere. These are the measures that its registration names, %s; nobody has measured it here."
                .formatted(
                    said.measured()
                        .map(asOf -> "of rows with an as-of in " + asOf)
                        .orElse("of rows that it does not name"))));
    blocks.add(
        new Table(
            "Measures as they were said",
            List.of("Measure", "Value"),
            version.metrics().entrySet().stream()
                .map(metric -> List.of(Cell.of(metric.getKey()), Cell.of(metric.getValue(), 4)))
                .toList()));
    for (AdmissionVerdict verdict : version.admission()) {
      blocks.add(Prose.of("Admission rule " + verdict + "."));
    }
    return blocks;
  }

  private List<Block> signature() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("problem", said.problem().toString());
    said.label().ifPresent(label -> facts.put("label", label));
    return List.of(
        new Facts(facts),
        new Table(
            "Columns that it takes, in its order",
            List.of("Column", "Type"),
            said.inputs().stream()
                .map(input -> List.of(Cell.of(input.column()), Cell.of(input.type())))
                .toList()));
  }

  private List<Block> trained() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("code", said.code().orElse("unknown: nobody said its revision"));
    facts.putAll(said.environment());
    return List.of(new Facts(facts), table("Parameters", "Parameter", said.parameters()));
  }

  private List<Block> lineage() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("kind", said.kind().toString());
    facts.put("artefact", version.artefact().digest().toString());
    facts.put("training set", version.trainedOn());
    Optional<TrainingSetReference> set = version.trainingSet();
    set.ifPresent(
        known -> {
          facts.put("its rows", known.table().toString());
          facts.put("their content", known.content().toString());
          facts.put("leaks", "%,d rows".formatted(known.leaks()));
        });
    Map<String, String> files = new LinkedHashMap<>();
    version
        .artefact()
        .files()
        .forEach(
            (name, file) -> files.put(name, file.digest() + ", %,d bytes".formatted(file.size())));
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Facts(facts));
    if (set.isEmpty()) {
      blocks.add(
          Prose.of(
              "Training set: none. It was trained on rows that the lake does not have, so that nothing is known of leaks, and it can't be made again here."));
    }
    Map<String, String> sources = new LinkedHashMap<>();
    for (Pin pin : set.map(TrainingSetReference::pins).orElse(List.of())) {
      sources.put(
          pin.version().table().toString(),
          pin.version().version()
              + pin.deliveries().map(last -> ", up to delivery " + last).orElse(""));
    }
    if (!sources.isEmpty()) {
      blocks.add(table("Sources as they were", "Table", sources));
    }
    blocks.add(table("Files by their SHA-256", "File", files));
    return blocks;
  }

  private static Table table(String title, String of, Map<String, String> values) {
    return new Table(
        title,
        List.of(of, "Value"),
        values.entrySet().stream()
            .map(value -> List.of(Cell.of(value.getKey()), Cell.of(value.getValue())))
            .toList());
  }
}
