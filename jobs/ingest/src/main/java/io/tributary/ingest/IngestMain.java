package io.tributary.ingest;

import io.tributary.core.Outcome;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.RunRecord;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.lake.JobRunner;
import io.tributary.lake.Lake;
import java.util.List;

/** Loads what sources have newly delivered: {@code tributary ingest [PROJECT] [SOURCE…]}. */
public final class IngestMain {
  private IngestMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("ingest", args, IngestMain::ingest));
  }

  private static void ingest(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    CheckedProject checked = CheckedProject.check(project);
    try (Lake lake = main.open(project.lake(), project.retention());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      Ingest ingest = new Ingest(checked, lake, main.interval(project.zone()));
      List<RunRecord> records =
          main.subjects().isEmpty() ? ingest.run(runner) : ingest.run(runner, main.subjects());
      records.forEach(r -> main.say(line(r)));
      main.result(records);
    }
  }

  private static String line(RunRecord record) {
    if (record.outcome() == Outcome.UNCHANGED) {
      return "%-16s unchanged".formatted(record.key().subject());
    }
    RowCounts counts =
        record
            .facts(IngestFacts.class)
            .flatMap(IngestFacts::judged)
            .map(IngestFacts.Judged::counts)
            .orElse(RowCounts.NONE);
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
