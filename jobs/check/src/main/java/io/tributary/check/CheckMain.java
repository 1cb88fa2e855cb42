package io.tributary.check;

import io.tributary.core.ErrorCode;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.LakeTables;
import io.tributary.runtime.JobMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tributary check}: everything that can be known without doing the work. No session. */
@Command(
    description = {
      "Checks a project without running it: definitions, SQL, suites beside columns, files beside contracts, keys in the",
      "first lines of files that no run has admitted, secrets, steps of pipelines. All problems at once, each with its place.",
      "The exit code is 0 when nothing is wrong, else it says who must act first: 2 a definition, 3 the data, 4 something outside."
    })
public final class CheckMain implements JobMain.Body {
  @Option(
      names = "--exported",
      paramLabel = "FILE",
      description =
          "Also that a pipeline still is what \"pipeline NAME --export\" wrote to this file, for a scheduler.")
  private Optional<Path> exported;

  @Option(
      names = "--needs-locks",
      description =
          "Also that the lake's file system has locks, which keep two runs at once from the same work.")
  private boolean needsLocks;

  CheckMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("check", args, new CheckMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectCheck.Report report = ProjectCheck.of(main.project(), System.getenv(), main.lake());
    if (exported.isPresent() || needsLocks) {
      report =
          ProjectReader.check(main.project(), System.getenv(), main.lake())
              .project()
              .map(this::ofScheduler)
              .map(report::with)
              .orElse(report);
    }
    report.problems().forEach(problem -> main.say(problem.toString()));
    report.notes().forEach(note -> main.say("note: " + note));
    report.done().forEach(main::say);
    main.say(
        report.problems().isEmpty()
            ? "Nothing is wrong."
            : report.problems().size() == 1
                ? "1 problem."
                : report.problems().size() + " problems.");
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("project", report.project());
    result.put("problems", report.problems());
    result.put("notes", report.notes());
    result.put("checked", report.done());
    main.result(result);
    report.worst().ifPresent(main::endsWith);
  }

  /** What a scheduler that runs the project would fail by. */
  private List<PlacedProblem> ofScheduler(Project project) {
    List<PlacedProblem> problems = new ArrayList<>();
    exported
        .flatMap(file -> new ExportedPipeline(file.toAbsolutePath(), project).problem())
        .ifPresent(problems::add);
    if (needsLocks && LakeTables.local(project.lake()).isEmpty()) {
      problems.add(
          PlacedProblem.of(
              ErrorCode.REFUSED,
              "tributary.yaml",
              1,
              "Cannot run nights of project %s beside each other: the file system of its lake, %s, has no locks. Give its tasks a pool of one slot: tributary airflow setup makes it, and dags(…, pool=\"tributary-%s\") uses it."
                  .formatted(project.name(), project.lake(), project.name())));
    }
    return problems;
  }
}
