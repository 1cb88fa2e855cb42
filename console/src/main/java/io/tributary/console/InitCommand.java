package io.tributary.console;

import io.tributary.console.init.NewProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary init}: creates a project that runs as it is. */
@Command(
    description = {
      "Makes a project that runs as it is: from a CSV file, or with a small one of its own.",
      "Types, the time, the key and the entity of the rows are guessed; what was guessed stands in the files as comments,",
      "and what is not clear is printed. Nothing is overwritten."
    })
final class InitCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The project's folder, new or empty.")
  private Path folder;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "A CSV file with a header line, in UTF-8, packed with gzip or not.")
  private Path from;

  @Option(
      names = "--time",
      paramLabel = "COLUMN",
      description = "The column that says when a row happened (default: guessed).")
  private String time;

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      split = ",",
      description = "The columns that identify a row (default: guessed).")
  private List<String> key = List.of();

  @Option(
      names = "--entity",
      paramLabel = "COLUMN",
      description = "The column whose features are made: a customer, a device (default: guessed).")
  private String entity;

  /** The order of day and month in numeric dates. */
  enum Dates {
    DMY,
    MDY
  }

  @Option(
      names = "--dates",
      paramLabel = "dmy|mdy",
      description =
          "Whether 03/04/2024 is in April (dmy) or in March (mdy), where the file does not show which.")
  private Dates dates;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      defaultValue = "UTC",
      description = "What days, and times without an offset, mean (default: ${DEFAULT-VALUE}).")
  private String zone;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public void run() {
    NewProject made =
        NewProject.make(
            folder,
            Optional.ofNullable(from),
            Optional.ofNullable(time),
            key,
            Optional.ofNullable(entity),
            Optional.ofNullable(dates).map(d -> d == Dates.DMY),
            zone(),
            System.console() == null
                ? line -> {}
                : line -> {
                  spec.commandLine().getErr().println(line);
                  spec.commandLine().getErr().flush();
                });
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(made));
    } else {
      out.println(
          "Made "
              + made.folder()
              + " from "
              + String.format(Locale.ROOT, "%,d", made.rows())
              + " rows.");
      out.println("  source  " + made.source());
      out.println(
          "  time    "
              + made.time().orElse("none: reference data, its newest delivery is its content"));
      out.println(
          "  key     "
              + (made.key().isEmpty()
                  ? "none: each row is an event of its own"
                  : String.join(", ", made.key())));
      out.println("  view    " + made.view().orElse("none"));
      if (!made.attention().isEmpty()) {
        out.println("Look at this, it was not clear:");
        made.attention().forEach(a -> out.println("  - " + a));
      }
      out.println("Next: tributary run " + folder);
    }
    out.flush();
  }

  private ZoneId zone() {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot make a project: there is no zone \"%s\". Name one as in America/New_York."
              .formatted(zone),
          e);
    }
  }
}
