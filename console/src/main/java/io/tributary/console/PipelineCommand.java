package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.PipelineGraph.Step;
import io.tributary.definition.Project;
import io.tributary.events.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary pipeline}: what a pipeline runs, as a graph. */
@Command(
    description = {
      "What a pipeline runs: each step, what it works on, and which steps it needs. It runs nothing.",
      "--json prints the graph in the format that docs/formats.md describes; --export writes that for a scheduler, which",
      "finds the former file or the new one, whole."
    })
final class PipelineCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which pipeline; needed where there are several.")
  private String name;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "Write the graph there, for a scheduler that reads it at any moment.")
  private Path export;

  @Override
  public void run() {
    Project project = options.project();
    PipelineGraph graph =
        PipelineGraph.of(
            project,
            project.pipeline(
                "show the pipeline of project " + project.name(),
                Optional.ofNullable(name).stream().toList()));
    if (export != null) {
      write(graph);
      return;
    }
    if (options.json()) {
      options.print(graph);
      return;
    }
    options
        .out()
        .printf(
            "Pipeline %s, schedule %s in %s%s%s%n",
            graph.pipeline(),
            graph.schedule(),
            graph.zone(),
            graph.history().map(h -> ", history " + h).orElse(""),
            graph.until().map(u -> ", until " + u).orElse(""));
    TextTable columns = new TextTable("STEP", "RUNS", "WORKS ON", "NEEDS");
    for (Step step : graph.steps()) {
      columns.add(
          step.command() + " " + step.subject(),
          step.phase() == PipelineGraph.Phase.INTERVAL ? "each interval" : "once",
          switch (step.span()) {
            case HISTORY -> "the history";
            case INTERVAL -> "the interval";
            case NONE -> "all there is";
          },
          shown(step.needs()));
    }
    columns.print(options.out());
  }

  private void write(PipelineGraph graph) {
    try {
      AtomicFiles.replace(export, (Json.write(graph) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot export pipeline %s to %s: %s. Is there such a folder, and may you write to it?"
              .formatted(graph.pipeline(), export, e),
          e);
    }
    if (options.json()) {
      options.print(Map.of("exported", export.toString()));
    } else {
      options.out().printf("exported: %s%n", export);
      options.out().flush();
    }
  }

  /** A whole line of many is named by its ends. */
  private static String shown(List<String> needs) {
    return needs.size() <= 2
        ? String.join(", ", needs)
        : "%s … %s (%d)".formatted(needs.get(0), needs.get(needs.size() - 1), needs.size());
  }
}
