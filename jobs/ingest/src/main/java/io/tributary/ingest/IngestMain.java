package io.tributary.ingest;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.definition.Project;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.notify.Delivery;
import io.tributary.notify.Outbox;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Loads what sources have newly delivered: {@code tributary ingest [PROJECT] [SOURCE…]}. */
@Command(
    description = {
      "Loads what sources have newly delivered, and lets in what meets their expectations.",
      "Of sources with {from:…} in their path the files of the nights or the interval that are named, or all."
    })
public final class IngestMain implements JobMain.Body {
  @Mixin private IntervalOptions named;

  public IngestMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("ingest", args, new IngestMain()));
  }

  @Override
  public void run(JobMain main) {
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      List<RunRecord> records = new ArrayList<>();
      List<String> arrivals = new ArrayList<>();
      Set<String> sources = new LinkedHashSet<>();
      for (Optional<Interval> interval : intervals(project)) {
        Ingest ingest = new Ingest(checked, lake, interval);
        List<RunRecord> done =
            main.subjects().isEmpty() ? ingest.run(runner) : ingest.run(runner, main.subjects());
        records.addAll(done);
        done.forEach(record -> sources.add(record.key().subject()));
      }
      if (named.isGiven()) {
        // Once all that is there was ingested: a night that is awaited holds up no other.
        arrivals.addAll(look(main, project, lake, named.intervals(project.zone()), sources));
      }
      for (RunRecord record : records) {
        main.say(line(record));
        judged(record)
            .ifPresent(
                j ->
                    j.duplicates()
                        .forEach((n, d) -> main.say("  delivery %d: %s".formatted(n, d.line()))));
      }
      records.stream()
          .filter(r -> r.outcome() != Outcome.UNCHANGED)
          .forEach(
              r ->
                  judged(r)
                      .ifPresent(j -> Ingest.changes(r.key().subject(), j).forEach(main::say)));
      arrivals.forEach(main::say);
      Ingest.changed(checked, lake).forEach(main::say);
      main.result(records);
    }
  }

  /** What was expected and is not there, once receivers were told. */
  private static List<String> look(
      JobMain main, Project project, Lake lake, List<Interval> nights, Set<String> sources) {
    if (sources.stream().allMatch(name -> project.sources().get(name).expected().isEmpty())) {
      return List.of();
    }
    try {
      return new Arrivals(project, lake).look(sources, nights);
    } finally {
      Delivery.ofNight()
          .after("notices are not delivered yet", List::of, Outbox.open(lake.uri()), project)
          .forEach(main::say);
    }
  }

  /** Those that are named, or one time without any. */
  private List<Optional<Interval>> intervals(Project project) {
    return named.isGiven()
        ? named.intervals(project.zone()).stream().map(Optional::of).toList()
        : List.of(Optional.empty());
  }

  private static Optional<IngestFacts.Judged> judged(RunRecord record) {
    return record.facts(IngestFacts.class).flatMap(IngestFacts::judged);
  }

  private static String line(RunRecord record) {
    if (record.outcome() == Outcome.UNCHANGED) {
      return "%-16s unchanged".formatted(record.key().subject());
    }
    RowCounts counts = judged(record).map(IngestFacts.Judged::counts).orElse(RowCounts.NONE);
    long released = Math.max(0, counts.released());
    return "%-16s %,d lines%s: %,d admitted, %,d quarantined, %,d malformed (%.1f s)"
        .formatted(
            record.key().subject(),
            counts.lines(),
            released == 0 ? "" : ", %,d released rows".formatted(released),
            counts.admitted(),
            counts.quarantined(),
            counts.malformed(),
            record.seconds());
  }
}
