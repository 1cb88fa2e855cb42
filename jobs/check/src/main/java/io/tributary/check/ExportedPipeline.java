package io.tributary.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.Project;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A pipeline as it was exported for a scheduler, beside what the project says now: a scheduler that
 * goes by another one would leave out a new view, or look for one that is gone.
 */
final class ExportedPipeline {
  private final Path file;
  private final Project project;

  ExportedPipeline(Path file, Project project) {
    this.file = file;
    this.project = project;
  }

  /** What differs and what to do; empty where the file is what {@code pipeline --export} writes. */
  Optional<PlacedProblem> problem() {
    JsonNode exported;
    try {
      exported = Json.mapper().readTree(Files.readString(file));
    } catch (NoSuchFileException e) {
      return problem("there is no such file", "NAME");
    } catch (JsonProcessingException | MalformedInputException e) {
      return problem("it is no JSON", "NAME");
    } catch (IOException e) {
      return Optional.of(
          PlacedProblem.of(
              ErrorCode.STORAGE, file.toString(), 1, "Cannot read %s: %s.".formatted(file, e)));
    }
    String name = exported.path("pipeline").asText();
    Pipeline pipeline = project.pipelines().get(name);
    if (pipeline == null) {
      return problem(
          "project %s has no pipeline \"%s\"".formatted(project.name(), name),
          project.pipelines().isEmpty() ? "NAME" : project.pipelines().keySet().iterator().next());
    }
    JsonNode now = Json.mapper().valueToTree(PipelineGraph.of(project, pipeline));
    return now.equals(exported)
        ? Optional.empty()
        : problem("the project says otherwise by now: " + differences(exported, now), name);
  }

  private Optional<PlacedProblem> problem(String what, String pipeline) {
    return Optional.of(
        PlacedProblem.of(
            ErrorCode.REFUSED,
            file.toString(),
            1,
            "Cannot go by this pipeline: %s. Export it again: tributary pipeline %s --project %s --export %s"
                .formatted(what, pipeline, word(project.folder()), word(file))));
  }

  /** A path as a shell takes it. */
  private static String word(Path path) {
    return path.toString().matches("[\\w@%+=:,./-]+")
        ? path.toString()
        : "'" + path.toString().replace("'", "'\\''") + "'";
  }

  private static String differences(JsonNode exported, JsonNode now) {
    Map<String, JsonNode> before = steps(exported);
    Map<String, JsonNode> after = steps(now);
    List<String> said = new ArrayList<>();
    said(said, "new", after.keySet().stream().filter(id -> !before.containsKey(id)).toList());
    said(said, "gone", before.keySet().stream().filter(id -> !after.containsKey(id)).toList());
    said(
        said,
        "changed",
        after.keySet().stream()
            .filter(id -> before.containsKey(id) && !before.get(id).equals(after.get(id)))
            .toList());
    if (said.isEmpty() && !exported.path("steps").equals(now.path("steps"))) {
      said.add("the order of its steps");
    }
    now.fieldNames()
        .forEachRemaining(
            key -> {
              if (!key.equals("steps") && !now.get(key).equals(exported.get(key))) {
                said.add(key);
              }
            });
    exported
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!now.has(key)) {
                said.add(key);
              }
            });
    return String.join("; ", said);
  }

  private static void said(List<String> said, String what, List<String> ids) {
    if (!ids.isEmpty()) {
      said.add(
          ids.stream().limit(3).collect(Collectors.joining(", ", what + " ", ""))
              + (ids.size() > 3 ? " and " + (ids.size() - 3) + " more" : ""));
    }
  }

  private static Map<String, JsonNode> steps(JsonNode graph) {
    Map<String, JsonNode> steps = new LinkedHashMap<>();
    graph.path("steps").forEach(step -> steps.put(step.path("id").asText(), step));
    return steps;
  }
}
