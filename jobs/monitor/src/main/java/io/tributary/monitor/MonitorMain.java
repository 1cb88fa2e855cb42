package io.tributary.monitor;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary monitor}. */
@Command(
    description =
        "Answers a monitor's questions for the scores of nights, or of another interval, and stores the verdicts.",
    footer = {"", "tributary monitor show says what they are, in words and as a page."})
public final class MonitorMain implements JobMain.Body {
  @Mixin private IntervalOptions named;

  private MonitorMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("monitor", args, new MonitorMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (checked, lake, runner) -> {
          FeatureStore store = FeatureStore.open(checked, lake);
          Project project = checked.project();
          try {
            for (Interval interval : named.require("monitor", project.zone())) {
              for (String name : main.subjects(project.monitors().keySet())) {
                MonitorJobs.of(store, monitor(project, name), interval).forEach(runner);
              }
            }
          } finally {
            // Of the intervals that were judged before one failed, too.
            new Breaches(project, lake).notify(main);
          }
        });
  }

  static Monitor monitor(Project project, String name) {
    Monitor monitor = project.monitors().get(name);
    if (monitor == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find monitor %s: the project has none of that name.%s"
              .formatted(name, Nearest.hint(name, project.monitors().keySet())));
    }
    return monitor;
  }
}
