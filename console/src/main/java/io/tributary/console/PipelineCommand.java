package io.tributary.console;

import io.tributary.definition.PipelineGraph;
import io.tributary.definition.PipelineGraph.Step;
import io.tributary.definition.Project;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tributary pipeline}: what a pipeline runs, as a graph. */
@Command(
    description = {
      "What a pipeline runs: each step, what it works on, and which steps it needs. It runs nothing.",
      "--json prints the graph in the format that docs/formats.md describes, for a scheduler."
    })
final class PipelineCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Which pipeline; needed where there are several.")
  private String name;

  @Override
  public void run() {
    Project project = options.project();
    PipelineGraph graph =
        PipelineGraph.of(
            project,
            project.pipeline(
                "show the pipeline of project " + project.name(),
                Optional.ofNullable(name).stream().toList()));
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

  /** A whole line of many is named by its ends. */
  private static String shown(List<String> needs) {
    return needs.size() <= 2
        ? String.join(", ", needs)
        : "%s … %s (%d)".formatted(needs.get(0), needs.get(needs.size() - 1), needs.size());
  }
}
