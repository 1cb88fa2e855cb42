package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSummary {
  private static final Instant AT = Instant.parse("2024-01-25T06:00:00Z");

  @TempDir Path folder;
  private Project project;
  private final List<StepRun> runs = new ArrayList<>();

  @BeforeEach
  void makeProject() throws IOException {
    project = TinyProject.write(folder, 1).project();
  }

  private void ran(String phase, JobKey key, Outcome outcome, RunFacts facts) {
    runs.add(
        new StepRun(
            phase,
            new RunRecord(
                RunId.startingAt(AT),
                key,
                1,
                outcome,
                Optional.empty(),
                Optional.empty(),
                "",
                AT,
                2.5,
                List.of(),
                List.of(
                    new TableVersion(TableName.of("platform", key.job().replace('-', '_')), "", 3)),
                Optional.ofNullable(facts),
                Map.of(),
                List.of(),
                List.of(),
                Map.of(),
                Optional.of(Resources.ofTasks(0, 0, 1_200, 0, 0, 0, 0)),
                new Environment("abc", false, "17", "Linux", "ada", "here"))));
  }

  private void ran(String phase, JobKey key, RunFacts facts) {
    ran(phase, key, Outcome.SUCCEEDED, facts);
  }

  private static IngestFacts ingested(RowCounts counts) {
    return ingested(counts, Map.of());
  }

  private static IngestFacts ingested(RowCounts counts, Map<Long, Duplicates> duplicates) {
    return new IngestFacts(
        List.of(),
        List.of(),
        Optional.of(
            new IngestFacts.Judged(
                List.of(1L),
                counts,
                Optional.of(1L),
                Optional.of(1L),
                duplicates,
                List.of(),
                List.of())),
        Optional.empty());
  }

  private static TrainingSetFacts built(long rows, String... warnings) {
    return new TrainingSetFacts(
        1,
        rows,
        Digest.of("content"),
        Optional.empty(),
        List.of(),
        new LabelCounts(rows, 0, 0, 0, 0),
        new SharedEvents(Map.of(), Map.of()),
        new JoinCounts(rows, rows, 0, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of()),
        List.of(warnings),
        List.of(),
        Digest.of("meaning"));
  }

  private static FitFacts fitted(Optional<FitFacts.Incumbent> incumbent, String... refused) {
    Interval tested = Interval.parse("2024-01-25/2024-02-01");
    return new FitFacts(
        "lateness@4",
        Digest.of("artefact"),
        "lateness@7",
        new FitFacts.Split(
            List.of("driver"),
            "",
            tested.to(),
            List.of(
                new FitFacts.Part("train", Optional.of("70%"), Optional.empty(), 0, 7_000),
                new FitFacts.Part("validate", Optional.of("30%"), Optional.empty(), 7_000, 10_000),
                new FitFacts.Part("test", Optional.of("-7d/0d"), Optional.of(tested), 0, 10_000))),
        Optional.of(new FitFacts.Rows(1_000, 200, 30, 0, 0)),
        Map.of("auc", 0.75),
        Map.of("constant", Map.of("auc", 0.5)),
        List.of(refused),
        incumbent,
        refused.length == 0 ? Optional.of("production") : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private List<String> lines() {
    return lines(List.of());
  }

  private List<String> lines(List<String> blocked) {
    return lines(blocked, List.of());
  }

  private List<String> lines(List<String> blocked, List<String> suspects) {
    return Summary.of(project, runs, Duration.ofSeconds(75), blocked, suspects).lines().stream()
        .map(String::strip)
        .toList();
  }

  @Test
  void saysWhatAModelWasTrainedOnAndWhyItIsNotAdmitted() {
    ran(
        "train",
        JobKey.of("training-set", "lateness"),
        built(1_234, "LEAK: rows that see: 1007. Write another."));
    ran("train", JobKey.of("training-set", "other"), built(99, "of another model"));
    ran(
        "train",
        JobKey.of("train", "lateness"),
        fitted(
            Optional.of(new FitFacts.Incumbent("lateness@3", Map.of("auc", 0.8), false, List.of())),
            "\"leaks <= 0\" does not hold: leaks is 1007"));

    assertThat(lines())
        .containsSubsequence(
            "Model lateness@4",
            "build 1: 1,234 of 1,234 label rows (0 unknown, 0 filtered, 0 missing, 0 immature)",
            "LEAK: rows that see: 1007. Write another.",
            "lateness@4, trained on lateness@7: 1,000 rows to train, 200 to validate, 30 to test",
            "data ends at 2024-02-01T00:00:00Z: train any as-of of buckets 0 to 6999, validate any"
                + " as-of of buckets 7000 to 9999, test 2024-01-25T00:00:00Z/2024-02-01T00:00:00Z",
            "test                  model       logistic       constant",
            "auc                  0.7500              -         0.5000",
            "NOT admitted: \"leaks <= 0\" does not hold: leaks is 1007",
            "lateness@3 stays, which was tested on other rows, not comparable: auc 0.8000")
        .doesNotContain("of another model");
  }

  @Test
  void saysWhichEventsCameInRowsThatContradictOneAnother() {
    Duplicates duplicates = new Duplicates(1_200, 3_400, List.of("data/a.csv:4", "data/a.csv:9"));
    ran(
        "load",
        JobKey.of("ingest", "rides"),
        ingested(new RowCounts(9_000, 0, 0, 9_000, 0, 0), Map.of(2L, duplicates)));

    assertThat(lines())
        .contains(
            "DUPLICATES in rides, delivery 2: 3,400 rows have the event key and known time of"
                + " another, with other values, of 1,200 events (as data/a.csv:4 and"
                + " data/a.csv:9)");
  }

  @Test
  void saysWhenAVersionReplacesABetterOne() {
    ran(
        "train",
        JobKey.of("train", "lateness"),
        fitted(
            Optional.of(
                new FitFacts.Incumbent("lateness@3", Map.of("auc", 0.8), true, List.of("auc")))));
    assertThat(lines())
        .containsSubsequence(
            "test                  model     lateness@3       logistic       constant",
            "auc                  0.7500         0.8000              -         0.5000",
            "admitted: all its rules hold",
            "it takes production from lateness@3, which is BETTER by auc",
            "lateness@4 is in production");
  }

  @Test
  void countsWhatWasDoneAndListsSourcesViewsNightsAndTables() {
    Interval night = Interval.parse("2024-01-25/2024-01-26");
    ran(
        "load",
        JobKey.of("ingest", "drivers"),
        Outcome.UNCHANGED,
        ingested(new RowCounts(3, 0, 0, 3, 0, 0)));
    ran("load", JobKey.of("ingest", "rides"), ingested(new RowCounts(1_000, 3, 7, 990, 0, 0)));
    ran("history", JobKey.of("materialize", "last_ride@1", night), null);
    ran("2024-01-25", JobKey.of("materialize", "last_ride@1", night), null);
    ran("2024-01-25", JobKey.of("materialize", "driver@1", night), null);
    ran(
        "2024-01-25",
        JobKey.of("publish", "last_ride@1", night),
        PublicationFacts.of(AT, 3).compared(1, 3, 0));
    ran(
        "2024-01-25",
        JobKey.of("publish", "driver@1", night),
        PublicationFacts.of(AT, 3).compared(1, 3, 2));
    ran(
        "2024-01-25",
        JobKey.of("score", "next", night),
        ScoringFacts.of(
                new ScoringFacts.Said(
                    "champion",
                    "lateness@1",
                    Digest.of("a"),
                    24,
                    Optional.empty(),
                    Optional.of(0.25),
                    Map.of()),
                List.of(
                    new ScoringFacts.Said(
                        "challenger",
                        "lateness@2",
                        Digest.of("b"),
                        24,
                        Optional.empty(),
                        Optional.of(0.26),
                        Map.of())),
                List.of(
                    new ScoringFacts.Unscored(
                        "shadow", "lateness@3", "Its artefact is gone.", false)))
            .using(List.of("SUSPECT and used all the same, to use lateness@2.")));
    ran(
        "2024-01-25",
        JobKey.of("monitor", "lateness", night),
        new MonitoringFacts(
            Map.of("inputs", List.of("kilometres"), "bounds", List.of(), "actuals", List.of()),
            2,
            List.of(
                new MonitoringFacts.Breach(
                    "inputs",
                    "kilometres",
                    "deviation",
                    9.5,
                    2.15,
                    "mean",
                    "lateness@1",
                    Optional.empty())),
            Optional.of("alert"),
            List.of(
                new MonitoringFacts.Breach(
                    "actuals",
                    "auc",
                    "beside-promise",
                    -0.1,
                    -0.05,
                    "fell",
                    "lateness@1",
                    Optional.empty()))));

    List<String> lines = lines();
    assertThat(lines)
        .containsSubsequence(
            "tiny",
            "9 steps: 8 done, 1 unchanged, in 1 min 15 s",
            "Sources",
            "drivers                 3            3            0            0   unchanged",
            "rides               1,000          990            7            3",
            "source rides: its expectations have changed. They count from delivery 1 on; what was"
                + " admitted before stays as it is.",
            "Features",
            "last_ride@1                         2,400            3   equal",
            "driver@1                            1,200            3   2 differ",
            "Nights",
            "2024-01-25   next: 24 predictions, mean 0.2500",
            "2024-01-25   next, challenger lateness@2: mean 0.2600",
            "2024-01-25   WARN score next 2024-01-25T00:00:00Z/2024-01-26T00:00:00Z: shadow"
                + " lateness@3 did not score: Its artefact is gone.",
            "2024-01-25   score next 2024-01-25T00:00:00Z/2024-01-26T00:00:00Z: SUSPECT and used"
                + " all the same, to use lateness@2.",
            "2024-01-25   lateness: inputs BREACH [kilometres], predictions not judged, bounds ok,"
                + " actuals as before [auc beside-promise]",
            "BREACH in 1 of 1 that were judged",
            "2024-01-25   lateness: kilometres is unlike training's intervals (mean): deviation"
                + " 9.500, limit 2.150",
            "Time",
            "ingest 2.5 s, materialize 7.5 s, publish 5.0 s, score 2.5 s, monitor 2.5 s",
            "Next");
    assertThat(lines.get(lines.indexOf("Tables") + 1))
        .contains("platform.ingest@3", "platform.score@3");
    assertThat(lines).doesNotContain("Model lateness");
  }

  private static MonitoringFacts monitored(
      List<String> questions, MonitoringFacts.Breach... found) {
    Map<String, List<String>> verdicts = new TreeMap<>();
    questions.forEach(question -> verdicts.put(question, List.of()));
    return new MonitoringFacts(
        verdicts, 2, List.of(found), Optional.of("block-promotion"), List.of());
  }

  @Test
  void saysWhatFollowedFromBreachesAndWhatStands() {
    Interval first = Interval.parse("2024-01-25/2024-01-26");
    Interval night = Interval.parse("2024-01-26/2024-01-27");
    MonitoringFacts.Breach breach =
        new MonitoringFacts.Breach(
            "inputs", "kilometres", "deviation", 9.5, 2.15, "mean", "lateness@1", Optional.empty());
    ran("2024-01-25", JobKey.of("monitor", "lateness", first), monitored(List.of("population")));
    ran(
        "2024-01-26",
        JobKey.of("monitor", "lateness", night),
        monitored(List.of("bounds"), breach));
    ran(
        "2024-01-26",
        JobKey.of("monitor", "lateness", night),
        monitored(List.of("bounds"), breach));
    runs.set(
        2, runs.get(2).followedBy("lateness is trained again").followedBy("WARN not done yet"));
    FitFacts.Retraining again =
        new FitFacts.Retraining(
            "lateness",
            "2024-01-26",
            "auc fell",
            "beside @1: over 9 nights: surely not worse by 0.01",
            "not promoted: the model's file leaves promoting to a person");
    ran("2024-01-26", JobKey.of("train", "lateness"), Outcome.UNCHANGED, fitted(Optional.empty()));
    ran(
        "2024-01-26",
        JobKey.of("train", "lateness").with("decision", "retrain/lateness"),
        fitted(Optional.empty(), "auc")
            .followedBy(
                new FitFacts.Promotion(
                    "production",
                    Optional.of("lateness@1"),
                    Optional.of(again.comparison()),
                    Optional.of("not worse"),
                    again.followed(),
                    Optional.of("tributary registry promote lateness@4 --reason \"…\"")),
                Optional.of(again))
            .using(List.of("SUSPECT and used all the same, to train model lateness.")));

    assertThat(lines(List.of(), List.of("ada marked delivery rides@2 as suspect.")))
        .containsSubsequence(
            "SUSPECT and used all the same, to train model lateness.",
            "Suspect",
            "ada marked delivery rides@2 as suspect.");
    assertThat(lines(List.of("monitor lateness found a breach.")))
        .containsSubsequence(
            "Model lateness@4",
            "Model lateness@4",
            "trained again because of monitor lateness, 2024-01-26: auc fell",
            "beside @1: over 9 nights: surely not worse by 0.01",
            "not promoted: the model's file leaves promoting to a person",
            "lateness@1 stays in production; whoever promotes this version all the same: tributary"
                + " registry promote lateness@4 --reason \"…\"",
            "BREACH in 1 of 1 that were judged",
            "What follows from breaches, and what is overdue",
            "2024-01-26   lateness is trained again",
            "2024-01-26   WARN not done yet",
            "No version may be promoted: monitor lateness found a breach.");
    assertThat(Json.write(runs.get(2)))
        .contains("\"followed\":[\"lateness is trained again\",\"WARN not done yet\"]");
    assertThat(Json.write(runs.get(1))).doesNotContain("followed");
  }
}
