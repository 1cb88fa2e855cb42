package io.tributary.features;

import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import io.tributary.runtime.RunnerOption;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary materialize}. */
@Command(
    description = {
      "Takes snapshots of feature views: of each night at its last instant, or with --at of any instant.",
      "A snapshot that exists for the same deliveries and definition is not retaken."
    })
public final class MaterializeMain implements JobMain.Body {
  @Mixin private InstantOptions snapshots;
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.spark);

  private MaterializeMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("materialize", args, new MaterializeMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (project, lake, runner) -> {
          FeatureStore store = FeatureStore.open(project, lake, computing.choice());
          ZoneId zone = project.project().zone();
          for (Interval interval : snapshots.require("materialize", zone)) {
            runner.sideBySide(FeatureJobs.materialize(store, main.subjects(), interval));
          }
        });
  }
}
