package io.tributary.monitor;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.Job;
import io.tributary.lake.JobMain;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary monitor}. */
@Command(description = "Asks the four questions of an interval's scores and stores the verdicts.")
public final class MonitorMain implements JobMain.Body {
  private MonitorMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("monitor", args, new MonitorMain()));
  }

  @Override
  public void run(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    Interval interval =
        main.interval(project.zone())
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.INVALID_REQUEST,
                        "Cannot monitor: no interval is named. Say --from and --to, as in --from 2013-12-28 --to 2013-12-29."));
    List<String> names =
        main.subjects().isEmpty() ? List.copyOf(project.monitors().keySet()) : main.subjects();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(CheckedProject.check(project), lake);
      for (String name : names) {
        for (Job job : MonitorJobs.of(store, monitor(project, name), interval)) {
          RunRecord record = runner.run(job);
          records.add(record);
          main.say(record.key() + ": " + record.outcome() + " " + record.facts());
        }
      }
    }
    main.result(records);
  }

  private static Monitor monitor(Project project, String name) {
    Monitor monitor = project.monitors().get(name);
    if (monitor == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find monitor "
              + name
              + ": the project has none of that name."
              + Nearest.hint(name, project.monitors().keySet()));
    }
    return monitor;
  }
}
