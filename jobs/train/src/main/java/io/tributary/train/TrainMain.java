package io.tributary.train;

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
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code tributary train}. */
@Command(description = "Makes, registers and, if they are admitted, promotes versions of models.")
public final class TrainMain implements JobMain.Body {
  /** The alias that scoring uses by default. */
  public static final String PRODUCTION = "production";

  private TrainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("train", args, new TrainMain()));
  }

  @Override
  public void run(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    CheckedProject checked = CheckedProject.check(project);
    List<String> names =
        main.subjects().isEmpty() ? List.copyOf(project.models().keySet()) : main.subjects();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(checked, lake);
      for (String name : names) {
        RunRecord record =
            runner.run(
                new TrainJob(store, checked.model(name).definition(), Optional.of(PRODUCTION)));
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
