package io.tributary.runtime;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Json;
import io.tributary.definition.Project;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the main classes of a project's jobs share. */
public final class ProjectMain {
  private ProjectMain() {}

  /** The jobs of a main class. */
  @FunctionalInterface
  public interface Jobs {
    /**
     * Creates the jobs and passes them to the runner.
     *
     * @param runner runs a job at once, and prints its result
     */
    void run(CheckedProject project, Lake lake, Consumer<Job> runner);
  }

  /**
   * Reads and checks the project, opens its lake and runs the jobs; their records are the result.
   */
  public static void run(JobMain main, Jobs jobs) {
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    List<RunRecord> records = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      jobs.run(
          checked,
          lake,
          job -> {
            RunRecord record = runner.run(job);
            records.add(record);
            main.say(line(record));
            record.facts().ifPresent(did -> did.report().forEach(line -> main.say("  " + line)));
          });
    }
    main.result(records);
  }

  private static String line(RunRecord record) {
    String did =
        record.facts().filter(facts -> facts.report().isEmpty()).map(Json::write).orElse("");
    return (record.key() + ": " + record.outcome() + " " + did).stripTrailing();
  }
}
