package io.tributary.analysis;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.DefinitionPrinter;
import io.tributary.definition.Lookup;
import io.tributary.definition.Monitor;
import io.tributary.definition.Pipeline;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.ViewId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a project's definitions say and mean, as runs keep them; each is made once. */
final class DefinitionTexts {
  private static final String ACTIVE = "active";

  private final CheckedProject project;
  private final CanonicalForms texts;
  private final Map<String, Definition> made = new HashMap<>();
  private final Map<String, Digest> digests = new HashMap<>();

  DefinitionTexts(CheckedProject project, CanonicalForms texts) {
    this.project = project;
    this.texts = texts;
  }

  /** These and all that they are made of, which comes before them. */
  synchronized List<Definition> of(Collection<String> references) {
    Map<String, Definition> all = new LinkedHashMap<>();
    references.forEach(reference -> gather(reference, all));
    return List.copyOf(all.values());
  }

  private void gather(String reference, Map<String, Definition> all) {
    if (!all.containsKey(reference)) {
      Definition definition = find(reference);
      definition.uses().keySet().forEach(used -> gather(used, all));
      all.put(reference, definition);
    }
  }

  private Definition find(String reference) {
    Definition known = made.get(reference);
    if (known == null) {
      known = make(reference);
      made.put(reference, known);
      digests.put(reference, known.digest());
    }
    return known;
  }

  private Definition make(String reference) {
    String kind = reference.substring(0, reference.indexOf(' '));
    String name = reference.substring(reference.indexOf(' ') + 1);
    return switch (kind) {
      case "source" -> source(project.source(name));
      case "view" -> view(project.view(ViewId.parse(name)));
      case "training-set" -> trainingSet(project.trainingSet(name));
      case "model" -> model(project.model(name));
      case "scores" -> scores(project.scores(name));
      case "monitor" -> monitor(name);
      case "pipeline" -> pipeline(name);
      default ->
          throw new PlatformException(
              ErrorCode.BUG, "Cannot keep " + reference + ": no such kind. Report this as a bug.");
    };
  }

  private Definition source(CheckedSource source) {
    Set<String> uses = new TreeSet<>();
    source.definition().lookup().stream()
        .map(Lookup::source)
        .forEach(name -> uses.add("source " + name));
    if (source.definition().input() instanceof SourceInput.Query query) {
      uses.add("source " + query.source());
    }
    return definition(
        "source",
        source.name(),
        source.definition().location(),
        ACTIVE,
        source.digest(),
        uses,
        ColumnLineage.of(source));
  }

  private Definition view(CheckedView view) {
    Set<String> uses = new TreeSet<>();
    view.source().ifPresent(s -> uses.add("source " + s.name()));
    return definition(
        "view",
        view.id().toString(),
        view.definition().location(),
        view.definition().status(),
        view.digest(),
        uses,
        ColumnLineage.of(view));
  }

  private Definition trainingSet(CheckedTrainingSet set) {
    Set<String> uses = new TreeSet<>();
    uses.add("source " + set.spine().source().name());
    uses.add("source " + set.labelSource().name());
    set.uses().forEach(use -> uses.add("view " + use.view().id()));
    return definition(
        "training-set",
        set.name(),
        set.definition().location(),
        ACTIVE,
        set.digest(),
        uses,
        ColumnLineage.of(set));
  }

  private Definition model(CheckedModel model) {
    return definition(
        "model",
        model.name(),
        model.definition().location(),
        ACTIVE,
        model.digest(),
        Set.of("training-set " + model.trainingSet().name()),
        ColumnLineage.of(model));
  }

  private Definition scores(CheckedScores scores) {
    return definition(
        "scores",
        scores.name(),
        scores.definition().location(),
        ACTIVE,
        scores.digest(),
        Set.of("model " + scores.model().name(), "training-set " + scores.rows().name()),
        ColumnLineage.of(scores));
  }

  private Definition monitor(String name) {
    Monitor monitor = project.project().monitors().get(name);
    return definition(
        "monitor",
        name,
        monitor.location(),
        ACTIVE,
        project.digest(monitor),
        Set.of("scores " + monitor.scores(), "model " + monitor.model()),
        Map.of());
  }

  private Definition pipeline(String name) {
    Pipeline pipeline = project.project().pipelines().get(name);
    Digest meaning =
        CanonicalForm.of("pipeline 1")
            .fact("name", name)
            .fact("schedule", pipeline.schedule())
            .fact("history", pipeline.history())
            .fact("until", pipeline.until())
            .inOrder("train", pipeline.train())
            .inOrder("step", pipeline.steps())
            .digest(texts);
    return definition("pipeline", name, pipeline.location(), ACTIVE, meaning, Set.of(), Map.of());
  }

  private Definition definition(
      String kind,
      String name,
      SourceLocation location,
      String status,
      Digest digest,
      Set<String> uses,
      Map<String, ColumnOrigin> columns) {
    String meaning = texts.find(digest).orElseThrow();
    Map<String, Digest> used = new TreeMap<>();
    for (String reference : uses) {
      find(reference);
      used.put(reference, digests.get(reference));
    }
    return new Definition(
        kind,
        name,
        location.file(),
        status,
        DefinitionPrinter.yaml(project.project(), kind + " " + name),
        meaning,
        texts.within(meaning),
        used,
        columns);
  }
}
