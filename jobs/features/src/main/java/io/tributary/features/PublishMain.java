package io.tributary.features;

import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import io.tributary.runtime.RunnerOption;
import java.time.ZoneId;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary publish}. */
@Command(
    description =
        "Publishes snapshots to the online store, and compares every row: for each night the one at its last instant, or with --at that of any instant for which one was taken.")
public final class PublishMain implements JobMain.Body {
  @Mixin private InstantOptions snapshots;
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.auto);

  @Option(
      names = "--replace",
      description =
          "Replace what was published from another lake, as if it were not there. Without it, publishing over that is refused.")
  private boolean replaces;

  private PublishMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("publish", args, new PublishMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (project, lake, runner) -> {
          FeatureStore store = FeatureStore.open(project, lake, computing.choice());
          ZoneId zone = project.project().zone();
          List<Interval> intervals = snapshots.require("publish", zone);
          try (OnlineStore online = OnlineStores.open(project.project().online())) {
            for (Interval interval : intervals) {
              runner.sideBySide(
                  FeatureJobs.publish(store, online, main.subjects(), interval, replaces));
            }
          }
        });
  }
}
