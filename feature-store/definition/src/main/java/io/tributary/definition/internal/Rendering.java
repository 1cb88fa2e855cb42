package io.tributary.definition.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.ViewId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A project's definitions as trees in the form of their files, with every default written out. */
public final class Rendering {
  private static final ObjectWriter JSON = inOrder().writerWithDefaultPrettyPrinter();

  private Rendering() {}

  /** A definition: how it is named, where it stands, and its tree. */
  record Thing(
      String kind, String name, SourceLocation location, Supplier<Map<String, Object>> tree) {
    String reference() {
      return kind + " " + name;
    }

    boolean answersTo(String text) {
      return text.equals(name)
          || text.equals(reference())
          || text.equals(location.file())
          || (kind.equals(DefinitionKind.VIEW.key())
              && (text.equals(bareName()) || text.equals(kind + " " + bareName())));
    }

    private String bareName() {
      return name.substring(0, Math.max(0, name.indexOf('@')));
    }
  }

  private static ObjectMapper inOrder() {
    return Json.mapper().copy().disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  }

  /** Kind and name of everything that a project defines, {@code view carrier_history@1}. */
  public static List<String> references(Project project) {
    return things(project).stream().map(Thing::reference).toList();
  }

  /** Kind and name of what a reference names. */
  public static String reference(Project project, String reference) {
    return find(project, reference).reference();
  }

  public static String yaml(Project project, String reference) {
    return YamlText.write(find(project, reference).tree().get());
  }

  public static String json(Project project, String reference) {
    try {
      return JSON.writeValueAsString(find(project, reference).tree().get());
    } catch (JsonProcessingException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write " + reference + " as JSON: " + e.getOriginalMessage() + ". Report this.",
          e);
    }
  }

  /** The view that has the name; empty where the name is another thing's. */
  public static Optional<FeatureView> view(Project project, String reference) {
    Thing thing = find(project, reference);
    return thing.kind().equals(DefinitionKind.VIEW.key())
        ? Optional.of(project.views().get(ViewId.parse(thing.name())))
        : Optional.empty();
  }

  private static Thing find(Project project, String reference) {
    List<Thing> things = things(project);
    String text = reference.strip().replaceAll("\\s+", " ");
    List<Thing> found = things.stream().filter(t -> t.answersTo(text)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.size() > 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot show %s: several things have that name. Name its kind or version: %s."
              .formatted(text, String.join(", ", found.stream().map(Thing::reference).toList())));
    }
    List<String> known = new ArrayList<>();
    things.forEach(t -> known.add(t.name()));
    things.forEach(t -> known.add(t.reference()));
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot show %s: project %s defines no such thing.%s It defines:\n  %s"
            .formatted(
                text,
                project.name(),
                Nearest.hint(text, known),
                String.join("\n  ", references(project))));
  }

  private static List<Thing> things(Project project) {
    List<Thing> things = new ArrayList<>();
    things.add(
        new Thing(
            "project",
            project.name(),
            new SourceLocation(ProjectFolder.PROJECT_FILE, 1),
            () -> ProjectFileParser.render(project)));
    project
        .sources()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.SOURCE,
                    d.name(),
                    d.location(),
                    () -> SourcePrinter.render(d)));
    project
        .views()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.VIEW,
                    d.id().toString(),
                    d.location(),
                    () -> FeatureViewPrinter.render(d)));
    project
        .trainingSets()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.TRAINING_SET,
                    d.name(),
                    d.location(),
                    () -> TrainingSetParser.render(d)));
    project
        .models()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.MODEL,
                    d.name(),
                    d.location(),
                    () -> ModelParser.render(d)));
    project
        .scores()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.SCORES,
                    d.name(),
                    d.location(),
                    () -> ScoreSetParser.render(d)));
    project
        .monitors()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.MONITOR,
                    d.name(),
                    d.location(),
                    () -> MonitorParser.render(d)));
    project
        .pipelines()
        .values()
        .forEach(
            d ->
                add(
                    things,
                    DefinitionKind.PIPELINE,
                    d.name(),
                    d.location(),
                    () -> PipelineParser.render(d)));
    return things;
  }

  private static void add(
      List<Thing> things,
      DefinitionKind kind,
      String name,
      SourceLocation location,
      Supplier<Map<String, Object>> tree) {
    things.add(new Thing(kind.key(), name, location, tree));
  }
}
