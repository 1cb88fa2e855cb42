package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.check.ProjectCheck;
import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.PipelineGraph.Phase;
import io.tributary.definition.PipelineGraph.Step;
import io.tributary.definition.Project;
import io.tributary.ingest.Ingest;
import io.tributary.lake.Lake;
import io.tributary.monitor.Breaches;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.runtime.RunnerOption;
import io.tributary.runtime.SnapshotOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary run}: the whole nightly flow. */
@Command(
    description = {
      "Runs a pipeline: what was delivered, the history in one go, the models, then night by"
          + " night.",
      "With --night, or --from and --to, only those nights. What is unchanged since an earlier run"
          + " is not done again."
    })
public final class RunMain implements JobMain.Body {
  @Mixin private SnapshotOptions named;
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.spark);

  RunMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("run", args, new RunMain()));
  }

  @Override
  public void run(JobMain main) {
    Instant start = Instant.now();
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    Pipeline pipeline = project.pipeline("run project " + project.name(), main.subjects());
    PipelineGraph graph = PipelineGraph.of(project, pipeline);
    List<Interval> intervals = named.intervals("run", project.zone());
    List<Step> steps = intervals.isEmpty() ? graph.steps() : graph.steps(Phase.INTERVAL);
    ProjectCheck.require(
        checked,
        steps.stream()
            .filter(step -> step.command().equals("ingest"))
            .map(Step::subject)
            .distinct()
            .toList());
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        OnlineStore online = OnlineStores.open(project.online());
        JobRunner runner =
            JobRunner.open(
                lake,
                main.progress(),
                checked.definitions(List.of("pipeline " + pipeline.name())))) {
      // Before any work: a view that means something else than here is refused first.
      lake.definitions()
          .require(
              "run pipeline " + pipeline.name(),
              checked.definitions(
                  steps.stream()
                      .filter(step -> !step.command().equals("ingest"))
                      .map(Step::definition)
                      .distinct()
                      .toList()));
      main.progress()
          .say("Project " + project.name() + " in " + project.folder() + ", lake " + lake.uri());
      Flow flow =
          new Flow(
              new Jobs(checked, lake, online, computing.choice()),
              pipeline,
              graph,
              project.zone(),
              runner);
      try {
        if (intervals.isEmpty()) {
          flow.runAll();
        }
        intervals.forEach(flow::runNights);
      } finally {
        Breaches breaches = new Breaches(project, lake);
        if (!flow.done().isEmpty()) {
          Duration took = Duration.between(start, Instant.now());
          Summary.of(project, flow.done(), took, breaches.blocked(), breaches.suspects())
              .lines()
              .forEach(main::say);
          Ingest.changed(checked, lake).forEach(main::say);
        }
        breaches.notify(main);
        main.result(flow.done());
      }
    }
  }
}
