package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
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

  private void ran(String phase, JobKey key, Outcome outcome, Map<String, Object> facts) {
    runs.add(
        new StepRun(
            phase,
            new RunRecord(
                RunId.startingAt(AT),
                key,
                1,
                outcome,
                Optional.empty(),
                "",
                AT,
                2.5,
                List.of(),
                List.of(
                    new TableVersion(TableName.of("platform", key.job().replace('-', '_')), "", 3)),
                facts,
                Optional.of(new Resources(0, 1_200, 0, 0, 0)),
                new Environment("abc", false, "17", "Linux", "ada", "here"))));
  }

  private void ran(String phase, JobKey key, Map<String, Object> facts) {
    ran(phase, key, Outcome.SUCCEEDED, facts);
  }

  private List<String> lines() {
    return Summary.of(project, runs, Duration.ofSeconds(75)).lines().stream()
        .map(String::strip)
        .toList();
  }

  @Test
  void saysOfHowManyRowsFeaturesAndLabelSeeTheSameEventsOrNeitherDoes() {
    ran(
        "train",
        JobKey.of("training-set", "lateness"),
        Map.of(
            "rows",
            1_234L,
            "leaks",
            Map.of(
                "driver_history", Map.of("events", 9L, "rows", 1_007L),
                "last_ride", Map.of("events", 0L, "rows", 0L)),
            "blind-spots",
            Map.of("last_ride", Map.of("events", 3L, "rows", 2L))));
    ran(
        "train",
        JobKey.of("train", "lateness"),
        Map.of(
            "model", "lateness@4", "training-set", "lateness@7", "auc", 0.75, "admitted", false));

    assertThat(lines())
        .containsSubsequence(
            "Model lateness@4",
            "trained on lateness@7: 1,234 rows",
            "LEAK: rows that see in driver_history what their label tells of: 1,007",
            "blind spot: rows with events that neither last_ride nor their label has: 2",
            "test              model   logistic   constant",
            "auc              0.7500          -          -",
            "NOT admitted: see tributary registry show lateness")
        .noneMatch(line -> line.startsWith("LEAK") && line.contains("last_ride"));
  }

  @Test
  void saysNothingOfWhatATrainingSetDoesNotReport() {
    ran("train", JobKey.of("training-set", "lateness"), Map.of("rows", 5L, "leaks", Map.of()));
    ran("train", JobKey.of("train", "lateness"), Map.of("model", "lateness@1", "admitted", true));

    assertThat(lines())
        .contains("trained on lateness: 5 rows", "admitted: all its rules hold")
        .noneMatch(line -> line.startsWith("LEAK") || line.startsWith("blind spot"));
  }

  @Test
  void countsWhatWasDoneAndListsSourcesViewsNightsAndTables() {
    Interval night = Interval.parse("2024-01-25/2024-01-26");
    ran("load", JobKey.of("ingest", "drivers"), Outcome.UNCHANGED, Map.of("lines-read", 3L));
    ran(
        "load",
        JobKey.of("ingest", "rides"),
        Map.of(
            "lines-read", 1_000L,
            "rows-admitted", 990L,
            "rows-quarantined", 7L,
            "lines-malformed", 3L));
    ran("history", JobKey.of("materialize", "last_ride@1", night), Map.of());
    ran("2024-01-25", JobKey.of("materialize", "last_ride@1", night), Map.of());
    ran("2024-01-25", JobKey.of("materialize", "driver@1", night), Map.of());
    ran(
        "2024-01-25",
        JobKey.of("publish", "last_ride@1", night),
        Map.of("rows", 3L, "parity-differences", 0L));
    ran(
        "2024-01-25",
        JobKey.of("publish", "driver@1", night),
        Map.of("rows", 3L, "parity-differences", 2L));
    ran("2024-01-25", JobKey.of("score", "next", night), Map.of("rows", 24L, "mean-score", 0.25));
    ran(
        "2024-01-25",
        JobKey.of("monitor", "lateness", night),
        Map.of("verdicts", Map.of("inputs", List.of("kilometres"), "bounds", List.of())));

    List<String> lines = lines();
    assertThat(lines)
        .containsSubsequence(
            "tiny",
            "9 steps: 8 done, 1 unchanged, in 1 min 15 s",
            "Sources",
            "drivers                 3            -            -            -   unchanged",
            "rides               1,000          990            7            3",
            "Features",
            "last_ride@1                         2,400            3   equal",
            "driver@1                            1,200            3   2 differ",
            "Nights",
            "2024-01-25   next: 24 predictions, mean 0.2500",
            "2024-01-25   lateness: inputs BREACH [kilometres], predictions not due yet, bounds ok,"
                + " actuals not due yet",
            "Time",
            "ingest 2.5 s, materialize 7.5 s, publish 5.0 s, score 2.5 s, monitor 2.5 s",
            "Next");
    assertThat(lines.get(lines.indexOf("Tables") + 1))
        .contains("platform.ingest@3", "platform.score@3");
    assertThat(lines).doesNotContain("Model lateness");
  }
}
