package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary runs}: the runs, their outcomes and their cost. */
@Command
final class RunsCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RUN",
      description = "One run with all that is known of it.")
  private String run;

  @Option(
      names = "--job",
      paramLabel = "JOB",
      description = "Only runs of this step: ingest, materialize, train …")
  private String job;

  @Option(names = "--failed", description = "Only runs that failed.")
  private boolean failed;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "30",
      description = "The newest N (default: ${DEFAULT-VALUE}).")
  private int last;

  @Override
  public void run() {
    RunLog log = RunLog.open(options.lake());
    if (run != null) {
      show(log);
      return;
    }
    List<RunRecord> newest = log.newest(last, Optional.ofNullable(job), failed);
    if (options.json()) {
      options.print(newest);
      return;
    }
    if (newest.isEmpty()) {
      options.out().println("No runs yet. Start with: tributary run");
      options.out().flush();
      return;
    }
    TextTable columns =
        new TextTable("RUN", "WORK", "OUTCOME", "SECONDS", "CPU", "ROWS OUT", "WROTE");
    for (RunRecord r : newest) {
      columns.add(
          r.run(),
          r.key(),
          r.outcome().name().toLowerCase(Locale.ROOT)
              + r.error().map(e -> " (" + e.group() + ")").orElse(""),
          number(r.seconds()),
          r.resources().flatMap(Resources::cpuSeconds).map(RunsCommand::number).orElse(""),
          r.resources().flatMap(Resources::rowsWritten).map(Object::toString).orElse(""),
          String.join(" ", r.outputs().stream().map(TableVersion::shortName).toList()));
    }
    columns.print(options.out());
  }

  private void show(RunLog log) {
    Optional<RunRecord> found = log.find(RunId.parse(run));
    RunRecord record =
        found.orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot show run " + run + ": the log has no such run. See tributary runs."));
    if (options.json()) {
      options.print(record);
      return;
    }
    try {
      options
          .out()
          .println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(record));
      options.out().flush();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot print run " + run + ": " + e.getOriginalMessage() + ". Report this as a bug.",
          e);
    }
  }

  private static String number(double seconds) {
    return String.format(Locale.ROOT, "%.1f", seconds);
  }
}
