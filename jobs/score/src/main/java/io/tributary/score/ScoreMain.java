package io.tributary.score;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary score}. */
@Command(description = "Scores the rows of an interval with the registered models of score sets.")
public final class ScoreMain implements JobMain.Body {
  private ScoreMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("score", args, new ScoreMain()));
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
                        "Cannot score: no interval is named. Say --from and --to, as in --from 2013-12-28 --to 2013-12-29."));
    CheckedProject checked = CheckedProject.check(project);
    List<String> names =
        main.subjects().isEmpty() ? List.copyOf(project.scores().keySet()) : main.subjects();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(checked, lake);
      for (String name : names) {
        RunRecord record =
            runner.run(new ScoreJob(store, checked.scores(name).definition(), interval));
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
