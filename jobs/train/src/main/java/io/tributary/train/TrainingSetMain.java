package io.tributary.train;

import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetJob;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary training-set}. */
@Command(description = "Builds training sets.")
public final class TrainingSetMain implements JobMain.Body {
  private TrainingSetMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("training-set", args, new TrainingSetMain()));
  }

  @Override
  public void run(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    CheckedProject checked = CheckedProject.check(project);
    List<String> names =
        main.subjects().isEmpty() ? List.copyOf(project.trainingSets().keySet()) : main.subjects();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(checked, lake);
      for (String name : names) {
        RunRecord record =
            runner.run(TrainingSetJob.of(store, checked.trainingSet(name).definition()));
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
