package io.tributary.ingest.quarantine;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.ingest.ledger.LineSet;
import io.tributary.ingest.quarantine.Quarantine.Selection;
import io.tributary.lake.Lake;
import io.tributary.runtime.JobMain;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the gate has held back, and a person's decisions on it: {@code tributary quarantine show |
 * release [PROJECT] SOURCE}.
 */
public final class QuarantineMain {
  private QuarantineMain() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    String verb = args.length == 0 ? "" : args[0];
    String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
    return switch (verb) {
      case "show" -> JobMain.run("quarantine show", rest, new Show());
      case "release" -> JobMain.run("quarantine release", rest, new Decide());
      default -> JobMain.run("quarantine", args, main -> refuse());
    };
  }

  private static void refuse() {
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot run quarantine: what to do is missing. Write tributary quarantine show SOURCE, or tributary quarantine release SOURCE.");
  }

  /** What both commands share. */
  private abstract static class Selecting implements JobMain.Body {
    @Option(names = "--delivery", paramLabel = "N", description = "Only rows of this delivery.")
    private Long delivery;

    @Option(names = "--run", paramLabel = "RUN", description = "Only rows that this run loaded.")
    private String run;

    @Option(
        names = "--reason",
        paramLabel = "RULE",
        description =
            "Only rows with this reason: a rule as show prints it, or RULE/COLUMN. The rule \"delivery\": nothing is wrong with the row but its delivery's rejection.")
    private String reason;

    @Option(
        names = "--rows",
        paramLabel = "FILE:LINES",
        description =
            "Only these rows: data/flights.csv:3,7-9. May be repeated for several files. With --delivery where a file of that name came twice.")
    private List<String> rows = List.of();

    Selection selection() {
      Map<String, LineSet> places = new TreeMap<>();
      for (String place : rows) {
        int colon = place.lastIndexOf(':');
        if (colon <= 0) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot select rows \"%s\": it has no lines. Write FILE:LINES, as in data/flights.csv:3,7-9."
                  .formatted(place));
        }
        String file = place.substring(0, colon);
        if (places.put(file, LineSet.parse(place.substring(colon + 1))) != null) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot select rows of %s: it is named twice. Name its lines at once, as in %s:3,7-9."
                  .formatted(file, file));
        }
      }
      return new Selection(
          Optional.ofNullable(delivery),
          Optional.ofNullable(run),
          Optional.ofNullable(reason),
          places);
    }

    void with(JobMain main, BiConsumer<Quarantine, String> work) {
      if (main.subjects().size() != 1) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot look into quarantine: %s. Name one source."
                .formatted(
                    main.subjects().isEmpty()
                        ? "no source is named"
                        : "several sources are named"));
      }
      String source = main.subjects().get(0);
      Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
      try (Lake lake = main.open(project.lake(), project.retention(), project::revision)) {
        work.accept(Quarantine.of(project, source, lake), source);
      }
    }
  }

  /** {@code show}. */
  @Command(
      description =
          "Shows what the gate holds back of a source: how many rows for which reason, then rows with their place, reasons and text.")
  private static final class Show extends Selecting {
    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "So many rows (default: ${DEFAULT-VALUE}); --json prints all.")
    private int limit;

    @Override
    public void run(JobMain main) {
      with(
          main,
          (quarantine, source) -> {
            Quarantine.Held held =
                quarantine.held(selection(), main.json() ? Integer.MAX_VALUE : Math.max(0, limit));
            QuarantineText.of(held).forEach(main::say);
            main.result(held);
          });
    }
  }

  /** {@code release}. */
  @Command(
      description = {
        "Releases rows that are good as they are: a decision, kept with who made it and why. The next ingest admits the rows, once, as a delivery of their own; what is built of the source sees them as late.",
        "",
        "Malformed lines, and rows without key or time or on which an expression fails, stay: mend them and deliver the file again. Of a delivery that was rejected as a whole, --delivery N --reason delivery admits the rows with nothing else against them, and --delivery N all that can be; once none is left that only the rejection holds back, ingest no longer fails for it."
      })
  private static final class Decide extends Selecting {
    @Option(
        names = "--because",
        paramLabel = "TEXT",
        required = true,
        description = "Why they are good; kept for ever.")
    private String because;

    @Override
    public void run(JobMain main) {
      Selection selection = selection();
      if (selection.equals(Selection.ALL)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot release rows: none are selected. Give --rows, --delivery, --reason or --run.");
      }
      with(
          main,
          (quarantine, source) -> {
            Quarantine.Released released =
                quarantine.release(selection, because, Principal.ofProcess());
            QuarantineText.of(released).forEach(main::say);
            main.result(released);
          });
    }
  }
}
