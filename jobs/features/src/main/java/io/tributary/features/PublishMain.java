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
import io.tributary.online.RocksDbOnlineStore;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary publish}. */
@Command(
    description =
        "Publishes the snapshots of an interval's last instant to the online store, and compares every row with the snapshot.")
public final class PublishMain implements JobMain.Body {
  private PublishMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("publish", args, new PublishMain()));
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
                        "Cannot publish: no interval is named. Say --from and --to, as in --from 2013-12-28 --to 2013-12-29."));
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress());
        RocksDbOnlineStore online = RocksDbOnlineStore.open(project.online())) {
      FeatureStore store = FeatureStore.open(CheckedProject.check(project), lake);
      for (Job job : FeatureJobs.publish(store, online, main.subjects(), interval)) {
        RunRecord record = runner.run(job);
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
