package io.tributary.features;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
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

/** {@code tributary materialize}. */
@Command(description = "Takes the snapshots of feature views for each day of an interval.")
public final class MaterializeMain implements JobMain.Body {
  private MaterializeMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("materialize", args, new MaterializeMain()));
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
                        "Cannot materialize: no interval is named. Say --from and --to, as in --from 2013-12-28 --to 2013-12-29."));
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(CheckedProject.check(project), lake);
      for (Job job : FeatureJobs.materialize(store, main.subjects(), interval)) {
        RunRecord record = runner.run(job);
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
