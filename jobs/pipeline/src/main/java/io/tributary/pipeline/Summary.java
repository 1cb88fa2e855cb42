package io.tributary.pipeline;

import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.Ingest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a flow did, in words and figures for a person; made from the runs' records. */
final class Summary {
  /** How many breaches of a night are said one by one. */
  private static final int MOST_BREACHES = 5;

  private final Project project;
  private final List<StepRun> runs;
  private final Duration took;
  private final List<String> blocked;
  private final List<String> suspects;
  private final List<String> lines = new ArrayList<>();

  private Summary(
      Project project,
      List<StepRun> runs,
      Duration took,
      List<String> blocked,
      List<String> suspects) {
    this.project = project;
    this.runs = runs;
    this.took = took;
    this.blocked = blocked;
    this.suspects = suspects;
  }

  /**
   * @param blocked what keeps versions from being promoted at present, a sentence each
   * @param suspects the marks of suspect things that stand at present, a sentence each
   */
  static Summary of(
      Project project,
      List<StepRun> runs,
      Duration took,
      List<String> blocked,
      List<String> suspects) {
    Summary summary = new Summary(project, runs, took, blocked, suspects);
    summary.write();
    return summary;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  private void write() {
    long unchanged = runs.stream().filter(r -> r.record().outcome() == Outcome.UNCHANGED).count();
    heading(project.name());
    line(
        "%d steps: %d done, %d unchanged, in %s",
        runs.size(), runs.size() - unchanged, unchanged, seconds(took));
    sources();
    features();
    model();
    nights();
    breaches();
    followed();
    suspects();
    tables();
    times();
    next();
  }

  private void sources() {
    List<RunRecord> ingests = newest("ingest");
    if (ingests.isEmpty()) {
      return;
    }
    heading("Sources");
    row("%-12s %12s %12s %12s %12s", "", "lines", "admitted", "quarantined", "malformed");
    Map<String, Map<Long, Duplicates>> duplicates = new TreeMap<>();
    for (RunRecord r : ingests) {
      Optional<IngestFacts.Judged> judged = r.facts(IngestFacts.class).flatMap(IngestFacts::judged);
      Optional<RowCounts> counts = judged.map(IngestFacts.Judged::counts);
      judged.ifPresent(j -> duplicates.put(r.key().subject(), j.duplicates()));
      row(
          "%-12s %12s %12s %12s %12s   %s",
          r.key().subject(),
          count(counts.map(RowCounts::lines)),
          count(counts.map(RowCounts::admitted)),
          count(counts.map(RowCounts::quarantined)),
          count(counts.map(RowCounts::malformed)),
          outcome(r));
    }
    for (RunRecord r : ingests) {
      if (r.outcome() != Outcome.UNCHANGED) {
        r.facts(IngestFacts.class)
            .flatMap(IngestFacts::judged)
            .ifPresent(
                j -> Ingest.changes(r.key().subject(), j).forEach(change -> line("%s", change)));
      }
    }
    duplicates.forEach(
        (source, byDelivery) ->
            byDelivery.forEach(
                (delivery, d) ->
                    line("DUPLICATES in %s, delivery %d: %s", source, delivery, d.line())));
  }

  private void features() {
    List<RunRecord> views = newest("materialize");
    if (views.isEmpty()) {
      return;
    }
    heading("Features");
    row("%-28s %12s %12s %s", "", "new rows", "online rows", "  read back and compared");
    Map<String, RunRecord> published = new TreeMap<>();
    newest("publish").forEach(r -> published.put(r.key().subject(), r));
    for (RunRecord r : views) {
      long rows =
          runs.stream()
              .map(StepRun::record)
              .filter(
                  m ->
                      m.key().job().equals("materialize")
                          && m.key().subject().equals(r.key().subject()))
              .mapToLong(m -> m.resources().flatMap(Resources::rowsWritten).orElse(0L))
              .sum();
      Optional<PublicationFacts> online =
          Optional.ofNullable(published.get(r.key().subject()))
              .flatMap(p -> p.facts(PublicationFacts.class));
      row(
          "%-28s %,12d %12s   %s",
          r.key().subject(),
          rows,
          count(online.map(PublicationFacts::rows)),
          online
              .flatMap(PublicationFacts::differences)
              .map(n -> n == 0 ? "equal" : n + " differ")
              .orElse(""));
    }
  }

  private void model() {
    for (RunRecord r : byKey("train")) {
      FitFacts fit = r.facts(FitFacts.class).orElse(null);
      if (fit == null) {
        continue;
      }
      heading("Model " + fit.model());
      for (RunRecord set : newest("training-set")) {
        if (fit.trainingSet().startsWith(set.key().subject() + "@")) {
          set.facts(TrainingSetFacts.class)
              .ifPresent(built -> built.report().forEach(text -> row("%s", text)));
        }
      }
      fit.report().forEach(text -> row("%s", text));
    }
  }

  private void nights() {
    List<StepRun> judged =
        runs.stream()
            .filter(
                r ->
                    r.record().key().job().equals("score")
                        || r.record().key().job().equals("monitor"))
            .toList();
    if (judged.isEmpty()) {
      return;
    }
    heading("Nights");
    Map<String, List<RunRecord>> byNight = new LinkedHashMap<>();
    judged.forEach(r -> byNight.computeIfAbsent(r.phase(), p -> new ArrayList<>()).add(r.record()));
    byNight.forEach(
        (night, records) -> {
          for (RunRecord r : records) {
            if (r.key().job().equals("score")) {
              Optional<ScoringFacts> scored = r.facts(ScoringFacts.class);
              row(
                  "%-12s %s: %s predictions, mean %s",
                  night,
                  r.key().subject(),
                  count(scored.map(ScoringFacts::rows)),
                  decimal(scored.flatMap(ScoringFacts::meanScore)));
              scored.ifPresent(s -> others(night, r, s));
              scored
                  .flatMap(ScoringFacts::suspect)
                  .ifPresent(used -> used.forEach(u -> row("%-12s %s: %s", night, r.key(), u)));
              scored
                  .filter(s -> s.rows() == 0)
                  .ifPresent(s -> row("%-12s WARN %s: %s", night, r.key(), s.nearest()));
              scored
                  .filter(s -> s.superseded() > 0)
                  .ifPresent(
                      s ->
                          row(
                              "%-12s %s: %,d of them in force as before, %,d former ones"
                                  + " superseded",
                              night, r.key().subject(), s.kept(), s.superseded()));
            } else {
              row("%-12s %s: %s", night, r.key().subject(), verdicts(r));
              r.facts(MonitoringFacts.class)
                  .flatMap(MonitoringFacts::unanswered)
                  .ifPresent(why -> row("%-12s WARN %s: %s", night, r.key(), why));
            }
          }
        });
  }

  /** Loud, as a run that found a breach ends well. */
  private void breaches() {
    List<StepRun> breached = runs.stream().filter(r -> !r.breached().isEmpty()).toList();
    if (breached.isEmpty()) {
      return;
    }
    heading(
        "BREACH in " + intervals(breached) + " of " + intervals(judged()) + " that were judged");
    for (StepRun r : breached) {
      String monitor = r.record().key().subject();
      String night =
          r.record()
              .key()
              .interval()
              .map(i -> Interval.dayOf(i.from(), project.zone()).toString())
              .orElse(r.phase());
      r.breached().stream()
          .limit(MOST_BREACHES)
          .forEach(words -> row("%-12s %s: %s", night, monitor, words));
      if (r.breached().size() > MOST_BREACHES) {
        row("%-12s %s: and %d more", night, monitor, r.breached().size() - MOST_BREACHES);
      }
    }
  }

  /** Monitors' runs whose interval had a row in force. */
  private List<StepRun> judged() {
    return runs.stream()
        .filter(
            r ->
                r.record()
                    .facts(MonitoringFacts.class)
                    .filter(found -> found.unanswered().isEmpty() || !r.breached().isEmpty())
                    .isPresent())
        .toList();
  }

  /** How many intervals these are, of each monitor: one may be judged again with a later night. */
  private static long intervals(List<StepRun> monitored) {
    return monitored.stream().map(r -> r.record().key()).distinct().count();
  }

  /** What followed from breaches, of this run and those before. */
  private void followed() {
    List<StepRun> followed = runs.stream().filter(r -> !r.followed().isEmpty()).toList();
    if (followed.isEmpty() && blocked.isEmpty()) {
      return;
    }
    heading("What follows from breaches, and what is overdue");
    followed.forEach(r -> r.followed().forEach(words -> row("%-12s %s", r.phase(), words)));
    blocked.forEach(why -> line("No version may be promoted: %s", why));
  }

  private void suspects() {
    if (!suspects.isEmpty()) {
      heading("Suspect");
      suspects.forEach(mark -> line("%s", mark));
    }
  }

  private void others(String night, RunRecord r, ScoringFacts scored) {
    for (ScoringFacts.Said other : scored.others()) {
      row(
          "%-12s %s, %s %s: mean %s",
          night, r.key().subject(), other.role(), other.model(), decimal(other.meanScore()));
    }
    scored.unscored().forEach(u -> row("%-12s WARN %s: %s", night, r.key(), u.text()));
  }

  private static String verdicts(RunRecord r) {
    Optional<MonitoringFacts> found = r.facts(MonitoringFacts.class);
    if (found.isEmpty()) {
      return "no verdict";
    }
    List<String> words = new ArrayList<>();
    for (String question : List.of("inputs", "predictions", "bounds", "actuals", "population")) {
      List<String> items = found.get().verdicts().get(question);
      if (items == null && question.equals("population")) {
        // Of an interval that is no day.
        continue;
      }
      words.add(
          question
              + " "
              + (items != null
                  ? items.isEmpty() ? standing(found.get(), question) : "BREACH " + items
                  : question.equals("actuals") ? "not judged yet" : "not judged"));
    }
    return String.join(", ", words);
  }

  private static String standing(MonitoringFacts found, String question) {
    List<String> items =
        found.standing().stream()
            .filter(breach -> breach.question().equals(question))
            .map(breach -> breach.item() + " " + breach.measure())
            .toList();
    return items.isEmpty() ? "ok" : "as before " + items;
  }

  private void tables() {
    Map<TableName, TableVersion> newest = new TreeMap<>();
    for (StepRun r : runs) {
      r.record()
          .outputs()
          .forEach(v -> newest.merge(v.table(), v, (a, b) -> a.version() >= b.version() ? a : b));
    }
    if (newest.isEmpty()) {
      return;
    }
    heading("Tables");
    StringBuilder text = new StringBuilder();
    for (TableVersion version : newest.values()) {
      if (text.length() + version.shortName().length() > 110) {
        line("%s", text.toString().stripTrailing());
        text.setLength(0);
      }
      text.append(version.shortName()).append("  ");
    }
    line("%s", text.toString().stripTrailing());
  }

  private void times() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    runs.stream()
        .filter(r -> r.record().outcome() != Outcome.UNCHANGED)
        .forEach(r -> seconds.merge(r.record().key().job(), r.record().seconds(), Double::sum));
    if (seconds.isEmpty()) {
      return;
    }
    heading("Time");
    List<String> words = new ArrayList<>();
    seconds.forEach((job, s) -> words.add(String.format(Locale.ROOT, "%s %.1f s", job, s)));
    line("%s", String.join(", ", words));
    line("(steps run side by side, so that they add up to more than the clock)");
  }

  private void next() {
    heading("Next");
    project.views().keySet().stream()
        .filter(v -> project.views().get(v).entity().size() == 1)
        .findFirst()
        .ifPresent(v -> line("tributary features list --project %s", project.folder()));
    newest("train").stream()
        .findFirst()
        .ifPresent(
            r ->
                line(
                    "tributary registry show %s --project %s",
                    r.key().subject(), project.folder()));
    project.scores().keySet().stream()
        .findFirst()
        .ifPresent(s -> line("tributary lineage scores.%s --project %s", s, project.folder()));
    line("tributary runs --project %s", project.folder());
  }

  /**
   * The records of a job, of each work the newest: a challenger is trained by a work of its own.
   */
  private List<RunRecord> byKey(String job) {
    Map<JobKey, RunRecord> newest = new LinkedHashMap<>();
    runs.stream()
        .map(StepRun::record)
        .filter(r -> r.key().job().equals(job))
        .forEach(r -> newest.merge(r.key(), r, Summary::telling));
    return List.copyOf(newest.values());
  }

  /** The later of two records, but for one that says only that nothing had to be done. */
  private static RunRecord telling(RunRecord a, RunRecord b) {
    return b.outcome() == Outcome.UNCHANGED && a.outcome() != Outcome.UNCHANGED ? a : b;
  }

  /** The newest record of each subject of a job, in the order in which they first ran. */
  private List<RunRecord> newest(String job) {
    Map<String, RunRecord> newest = new LinkedHashMap<>();
    for (StepRun r : runs) {
      if (r.record().key().job().equals(job)) {
        newest.merge(r.record().key().subject(), r.record(), Summary::telling);
      }
    }
    return List.copyOf(newest.values());
  }

  private static String outcome(RunRecord r) {
    return r.outcome() == Outcome.UNCHANGED ? "unchanged" : "";
  }

  private static String count(Optional<Long> n) {
    return n.map(v -> String.format(Locale.ROOT, "%,d", v)).orElse("-");
  }

  private static String decimal(Optional<Double> value) {
    return value.map(v -> String.format(Locale.ROOT, "%.4f", v)).orElse("-");
  }

  private static String seconds(Duration duration) {
    long s = duration.toSeconds();
    return s < 60 ? s + " s" : s / 60 + " min " + s % 60 + " s";
  }

  private void heading(String text) {
    lines.add("");
    lines.add(text);
  }

  private void line(String format, Object... values) {
    lines.add("  " + String.format(Locale.ROOT, format, values));
  }

  private void row(String format, Object... values) {
    lines.add("  " + String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
