package io.tributary.train;

import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code tributary train}: makes, registers and, if they are admitted, promotes versions of a
 * project's models.
 */
public final class TrainMain {
  /** The alias that scoring uses by default. */
  public static final String PRODUCTION = "production";

  private TrainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("train", args, TrainMain::run));
  }

  private static void run(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    CheckedProject checked = CheckedProject.check(project);
    List<String> names =
        main.subjects().isEmpty() ? List.copyOf(project.models().keySet()) : main.subjects();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      for (String name : names) {
        RunRecord record =
            runner.run(
                new TrainJob(checked.model(name), project.zone(), lake, Optional.of(PRODUCTION)));
        records.add(record);
        main.say(record.key() + ": " + record.outcome() + " " + record.facts());
      }
    }
    main.result(records);
  }
}
