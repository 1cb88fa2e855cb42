package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bad delivery that is read by way of snapshots alone: of its two events one is in the window of
 * a snapshot, beside the same nights in a copy of the lake without it.
 */
@Tag("long")
class ITSnapshotImpact {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Duration DELAY = Duration.ofMinutes(30);
  private static final String VIEW = "fuel_seen@1";

  /** Of driver a, whose window is over before a snapshot is taken. */
  private static final Instant UNSEEN = Instant.parse("2024-01-26T03:00:00Z");

  /** Of driver b. */
  private static final Instant SEEN = Instant.parse("2024-01-26T19:00:00Z");

  @TempDir Path folder;

  private record Said(String driver, Instant asOf, String inputs) {}

  private static Interval night(int number) {
    return Interval.day(TinyProject.FIRST_NIGHT.plusDays(number), ZONE);
  }

  private void write(Path project) throws IOException {
    TinyProject.write(project, 3);
    Files.writeString(
        project.resolve("sources/fuel.yaml"),
        """
        source: fuel
        read: {format: csv, path: "data/fuel*.csv", header: true}
        columns:
          id: int
          driver: string
          litres: double
          filled: timestamp
        event-key: [id]
        event-time: filled
        known-time: filled + interval 1 hour
        """);
    Files.writeString(
        project.resolve("features/fuel_seen.yaml"),
        """
        view: fuel_seen@1
        entity: [driver]
        source: fuel
        accuracy: snapshot
        publish-delay: 30m
        features:
          litres: sum(litres) over 6h
        """);
    TinyProject.edit(
        project.resolve("training-sets/lateness.yaml"), text -> text + "  - fuel_seen@1\n");
    int id = 0;
    StringBuilder csv = new StringBuilder("id,driver,litres,filled\n");
    for (int day = 0; day < 27; day++) {
      Instant filled = Instant.parse("2024-01-01T20:30:00Z").plus(Duration.ofDays(day));
      for (String driver : List.of("a", "b", "c")) {
        csv.append("%d,%s,%d,%s\n".formatted(id++, driver, 20 + (7 * day) % 30, filled));
      }
    }
    Files.writeString(project.resolve("data/fuel.csv"), csv);
  }

  private static Jobs jobs(Path project, Lake lake, OnlineStore online) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
        lake,
        online,
        RunnerChoice.valueOf(DrawnRunner.name()));
  }

  /** Snapshots and scores of two nights, by prediction. */
  private Map<String, Said> scored(Path project, Path folder, boolean ingested) {
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(folder.toString(), Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(project, lake, online);
      if (ingested) {
        jobs.ingest().forEach(runner::run);
      }
      for (int night = 1; night < 3; night++) {
        runner.run(jobs.materialize(Optional.of(VIEW), night(night)).get(0));
        runner.run(jobs.score(Optional.of("next"), night(night)).get(0));
      }
      Map<String, Said> said = new TreeMap<>();
      for (Row row :
          lake.spark()
              .read()
              .format("delta")
              .load(lake.path(TableName.of("scores", "next")))
              .collectAsList()) {
        said.put(
            row.getAs("_prediction_id"),
            new Said(
                row.getAs("driver"),
                row.<Timestamp>getAs("_as_of").toInstant(),
                row.getAs("_inputs_digest")));
      }
      return said;
    }
  }

  @Test
  void rowsThatReadASnapshotWithoutTheDeliveryAreNotListed() throws IOException {
    Path project = folder.resolve("project");
    Path lakeFolder = folder.resolve("lake");
    write(project);
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder.toString(), Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + lakeFolder.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(project, lake, online);
      jobs.ingest().forEach(runner::run);
      Interval history = Interval.of(night(-24).from(), night(0).to());
      runner.run(jobs.materialize(Optional.of(VIEW), history).get(0));
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
    }
    Path copy = folder.resolve("copy");
    ITImpact.copy(lakeFolder, copy);
    Map<String, Said> without = scored(project, copy, false);
    Files.writeString(
        project.resolve("data/fuel_bad.csv"),
        "id,driver,litres,filled\n9001,a,900,%s\n9002,b,900,%s\n".formatted(UNSEEN, SEEN));
    Map<String, Said> with = scored(project, lakeFolder, true);

    Answered told =
        Answered.by(
            "impact",
            project,
            lakeFolder.toString(),
            "fuel",
            "--delivery",
            "2",
            "--predictions",
            "--json");

    assertThat(told.err()).isEmpty();
    Set<String> listed = new TreeSet<>();
    for (JsonNode node : Json.read(told.out(), JsonNode.class).get("nodes")) {
      node.path("facts").path("ids").forEach(id -> listed.add(id.asText()));
    }
    Instant first = night(1).snapshotInstant().plus(DELAY);
    Instant next = night(2).snapshotInstant().plus(DELAY);
    assertThat(with.keySet()).isEqualTo(without.keySet());
    assertThat(listed)
        .isEqualTo(
            ids(
                with,
                id ->
                    with.get(id).driver().equals("b")
                        && !with.get(id).asOf().isBefore(first)
                        && with.get(id).asOf().isBefore(next)))
        .isEqualTo(ids(with, id -> !with.get(id).equals(without.get(id))))
        .hasSizeGreaterThan(3);
  }

  private static Set<String> ids(Map<String, Said> said, Predicate<String> filter) {
    return said.keySet().stream().filter(filter).collect(Collectors.toCollection(TreeSet::new));
  }
}
