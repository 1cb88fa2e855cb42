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
     * @param runner runs jobs at once, and prints their results
     */
    void run(CheckedProject project, Lake lake, Runner runner);
  }

  /** Runs the jobs of a main class. */
  public static final class Runner implements Consumer<Job> {
    private final JobMain main;
    private final JobRunner runner;
    private final List<RunRecord> records = new ArrayList<>();

    private Runner(JobMain main, JobRunner runner) {
      this.main = main;
      this.runner = runner;
    }

    /** Runs one job. */
    @Override
    public void accept(Job job) {
      ran(runner.run(job));
    }

    /** Runs jobs that do not need each other, as a pipeline does. */
    public void sideBySide(List<Job> jobs) {
      SideBySide.run(jobs, runner::run, this::ran);
    }

    private void ran(RunRecord record) {
      records.add(record);
      main.say(line(record));
      record.facts().ifPresent(did -> did.report().forEach(line -> main.say("  " + line)));
    }
  }

  /**
   * Reads and checks the project, opens its lake and runs the jobs; their records are the result.
   */
  public static void run(JobMain main, Jobs jobs) {
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    List<RunRecord> records;
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        JobRunner jobRunner = JobRunner.open(lake, main.progress())) {
      Runner runner = new Runner(main, jobRunner);
      jobs.run(checked, lake, runner);
      records = runner.records;
    }
    main.result(records);
  }

  private static String line(RunRecord record) {
    String did =
        record.facts().filter(facts -> facts.report().isEmpty()).map(Json::write).orElse("");
    return (record.key() + ": " + record.outcome() + " " + did).stripTrailing();
  }
}
