package io.tributary.console;

import io.tributary.console.doctor.Doctor;
import io.tributary.console.doctor.Finding;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.events.lake.Anchor;
import io.tributary.events.lake.LakeIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary doctor}: reports what is healthy, what it mended, and what a person must do. */
@Command(
    description = {
      "Examines the machine, the project and its lake: Java, memory, disk, whether the lake can be written, the tables' formats,",
      "whether what training sets were built from is still there, and what killed runs left.",
      "Runs that died unrecorded are recorded. Files that nothing refers to are listed, and removed with --mend.",
      "With --anchor or --verify it does that alone: who keeps an anchor outside of the lake can prove that its history is whole.",
      "The exit code is 0 when nothing is wrong, else that of the worst finding: 1 a bug, 3 data, 4 something outside, 2 a definition."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final List<ErrorGroup> WORST_FIRST =
      List.of(ErrorGroup.INTERNAL, ErrorGroup.DATA, ErrorGroup.EXTERNAL, ErrorGroup.USER);

  @Mixin private ProjectOptions options;

  @Option(
      names = "--mend",
      description = "Remove files that nothing refers to and that are older than an hour.")
  private boolean mend;

  @Option(
      names = "--new-id",
      description =
          "Give the lake an id of its own: for a copy, whose names would else be those of the lake it was copied from.")
  private boolean newId;

  @Option(
      names = "--anchor",
      description = "Print a digest over each event log up to now, as one line to keep elsewhere.")
  private boolean anchor;

  @Option(
      names = "--verify",
      paramLabel = "ANCHOR",
      description =
          "Say whether all events that were in the logs when that line was printed are there, unchanged.")
  private String verify;

  @Override
  public Integer call() {
    if (anchor) {
      Anchor made = Anchor.of(options.lake());
      if (options.json()) {
        options.print(Map.of("anchor", made.toString(), "of", made));
      } else {
        options.out().println(made);
        options.out().flush();
      }
      return 0;
    }
    if (verify != null) {
      return told(Anchor.parse(verify).verify(options.lake()).stream().map(Finding::of).toList());
    }
    if (newId) {
      LakeIdentity.renew(options.lake());
    }
    List<Finding> findings = new ArrayList<>(Doctor.machine());
    Optional<PlatformException> unreadable = Optional.empty();
    try {
      Project project = options.project();
      findings.add(
          new Finding(
              "project",
              Finding.State.OK,
              project.name() + " in " + project.folder(),
              Optional.empty()));
      findings.addAll(Doctor.examine(project, mend, Instant.now()));
    } catch (PlatformException e) {
      unreadable = Optional.of(e);
    }
    unreadable.ifPresent(
        e ->
            findings.add(
                new Finding(
                    "project",
                    Finding.State.WRONG,
                    e.getMessage(),
                    Optional.of(e.code().group()))));
    return told(findings);
  }

  private int told(List<Finding> findings) {
    Optional<ErrorGroup> worst =
        WORST_FIRST.stream()
            .filter(g -> findings.stream().anyMatch(f -> f.group().filter(g::equals).isPresent()))
            .findFirst();
    if (options.json()) {
      options.print(Map.of("healthy", worst.isEmpty(), "findings", findings));
    } else {
      print(findings);
    }
    return worst.map(ErrorGroup::exitCode).orElse(0);
  }

  private void print(List<Finding> findings) {
    for (Finding f : findings) {
      String state =
          f.group()
              .map(g -> f.state() + " (" + g.name().toLowerCase(Locale.ROOT) + ")")
              .orElse(f.state().toString());
      options
          .out()
          .printf(
              Locale.ROOT,
              "%-10s %-16s %s%n",
              f.check(),
              state.toLowerCase(Locale.ROOT),
              f.message());
    }
    options.out().println(verdict(findings));
    options.out().flush();
  }

  private static String verdict(List<Finding> findings) {
    if (findings.stream().anyMatch(f -> f.state() == Finding.State.WRONG)) {
      return "Action needed: see what is wrong above.";
    }
    return findings.stream().anyMatch(f -> f.state() == Finding.State.NOTICE)
        ? "Nothing is broken. Look at what is noticed above."
        : "No action needed.";
  }
}
