package io.tributary.check;

import io.tributary.runtime.JobMain;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code tributary check}: everything that can be known without doing the work. No session. */
@Command(
    description = {
      "Checks a project without running it: definitions, SQL, suites beside columns, files beside contracts, keys in the",
      "first lines of files that no run has admitted, secrets, steps of pipelines. All problems at once, each with its place.",
      "The exit code is 0 when nothing is wrong, else it says who must act first: 2 a definition, 3 the data, 4 something outside."
    })
public final class CheckMain implements JobMain.Body {
  CheckMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("check", args, new CheckMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectCheck.Report report = ProjectCheck.of(main.project(), System.getenv(), main.lake());
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
}
