package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same bad delivery among a million predictions of ten nights and 10,000 runs, beside the same
 * nights without it. How long an impact takes there is in docs/performance.md.
 */
@Tag("long")
class ITImpactAtSize {
  private static final int NIGHTS = 10;
  private static final int A_NIGHT = 100_000;
  private static final int DRIVERS = 2_000;
  private static final int RUNS = 10_000;

  /** Every so many drivers one has a bad filling. */
  private static final int BAD = 40;

  private static final Instant FIRST = Instant.parse("2024-01-24T23:00:00Z");
  private static final Instant FILLED = Instant.parse("2024-01-26T17:30:00Z");
  private static final Instant KNOWN = FILLED.plus(Duration.ofHours(1));

  @TempDir Path folder;
  private Path project;

  private void write() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, NIGHTS);
    ITImpact.fuel(project);
    try (Writer csv = Files.newBufferedWriter(project.resolve("data/rides_many.csv"))) {
      csv.write("id,driver,kilometres,starts,delay\n");
      long step = Duration.ofDays(1).toMillis() / A_NIGHT;
      for (int id = 0; id < NIGHTS * A_NIGHT; id++) {
        csv.write(
            "%d,d%d,%d.5,%s,%d\n"
                .formatted(
                    100_000 + id,
                    (id * 7_919L) % DRIVERS,
                    id % 13,
                    FIRST.plus(Duration.ofHours(1)).plusMillis(id * step),
                    id % 41));
      }
    }
    StringBuilder drivers =
        new StringBuilder(Files.readString(project.resolve("data/drivers.csv")));
    StringBuilder fillings = new StringBuilder("id,driver,litres,filled,known\n");
    StringBuilder bad = new StringBuilder("id,driver,litres,filled,known\n");
    for (int driver = 0; driver < DRIVERS; driver++) {
      drivers.append("d%d,%s\n".formatted(driver, driver % 2 == 0 ? "Ulm" : "Kiel"));
      for (int day = 0; day < NIGHTS + 3; day++) {
        Instant filled = FIRST.plus(Duration.ofDays(day - 3L)).plusSeconds(30L * driver);
        fillings.append(
            "%d,d%d,%d,%s,%s\n"
                .formatted(
                    10_000 + day * DRIVERS + driver,
                    driver,
                    20 + (driver + day) % 30,
                    filled,
                    filled.plusSeconds(600)));
      }
      if (driver % BAD == 0) {
        bad.append("%d,d%d,900,%s,%s\n".formatted(1_000_000 + driver, driver, FILLED, KNOWN));
      }
    }
    Files.writeString(project.resolve("data/drivers.csv"), drivers);
    Files.writeString(project.resolve("data/fuel_many.csv"), fillings);
    Files.writeString(folder.resolve("fuel_bad.csv"), bad);
  }

  private Jobs jobs(Lake lake, OnlineStore online) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
        lake,
        online,
        RunnerChoice.auto);
  }

  /** Of nights before, as of a lake that has been at work for years: the same again and again. */
  private static void years(Lake lake) {
    List<RunRecord> known =
        lake.runs().list().stream()
            .filter(run -> run.outcome() == Outcome.SUCCEEDED)
            .filter(run -> !run.key().job().startsWith("train"))
            .toList();
    List<RunRecord> more = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      RunRecord of = known.get(i % known.size());
      more.add(
          new RunRecord(
              RunId.parse("20200101T000000Z-%08x".formatted(i)),
              of.key(),
              of.attempt(),
              of.outcome(),
              of.found(),
              of.error(),
              of.message(),
              of.started(),
              of.seconds(),
              of.inputs(),
              of.outputs(),
              of.facts(),
              of.notes(),
              of.reads(),
              of.writes(),
              of.definitions(),
              of.resources(),
              of.environment()));
    }
    RunLog.open(lake.uri()).append(more);
  }

  private static Dataset<Row> said(Lake lake) {
    TableName scores = TableName.of("scores", "next");
    return lake.table(scores)
        .read(lake.table(scores).requireVersion())
        .select(
            col("_prediction_id"),
            col("driver"),
            col("_as_of"),
            col("_inputs_digest"),
            col("output.probability").as("score"));
  }

  @Test
  void holdsAllThatARecomputationChangesAndNothingThatDoesNotReadIt() throws IOException {
    write();
    Path with = folder.resolve("with");
    Path without = folder.resolve("without");
    Interval nights = Interval.of(ITImpact.night(0).from(), ITImpact.night(NIGHTS - 1).to());
    try (LakeSession session = LakeSession.lazy()) {
      try (Lake lake = Lake.open(with.toString(), Lake.DEFAULT_RETENTION, session);
          OnlineStore online = OnlineStores.open("rocksdb:" + with.resolve("online"));
          JobRunner runner = JobRunner.open(lake)) {
        Jobs jobs = jobs(lake, online);
        jobs.ingest().forEach(runner::run);
        runner.run(jobs.trainingSetOf("lateness"));
        runner.run(jobs.train("lateness"));
        runner.run(jobs.score(Optional.of("next"), ITImpact.night(-1)).get(0));
        for (String view : List.of("fuel_day@1", "driver_history@1")) {
          runner.run(jobs.materialize(Optional.of(view), ITImpact.night(-1)).get(0));
        }
      }
      Folders.copy(with, without);
      try (Lake lake = Lake.open(with.toString(), Lake.DEFAULT_RETENTION, session);
          OnlineStore online = OnlineStores.open("rocksdb:" + with.resolve("online"));
          JobRunner runner = JobRunner.open(lake);
          Lake other = Lake.open(without.toString(), Lake.DEFAULT_RETENTION, session);
          OnlineStore otherOnline = OnlineStores.open("rocksdb:" + without.resolve("online"));
          JobRunner otherRunner = JobRunner.open(other)) {
        years(lake);
        otherRunner.run(jobs(other, otherOnline).score(Optional.of("next"), nights).get(0));
        Files.copy(folder.resolve("fuel_bad.csv"), project.resolve("data/fuel_bad.csv"));
        Jobs jobs = jobs(lake, online);
        jobs.ingest().forEach(runner::run);
        for (int night = 0; night < NIGHTS; night++) {
          runner.run(jobs.score(Optional.of("next"), ITImpact.night(night)).get(0));
        }
        Dataset<Row> said = said(lake);
        Dataset<Row> then = said(other);
        long predictions = said.count();
        assertThat(predictions).isGreaterThan(990_000).isEqualTo(then.count());
        Set<String> changed =
            ids(
                said.join(
                        then.withColumnRenamed("_inputs_digest", "_then")
                            .select("_prediction_id", "_then"),
                        "_prediction_id")
                    .where("_inputs_digest != _then"));
        Set<String> reading =
            ids(
                said.where(
                    "driver like 'd%%' and cast(substr(driver, 2) as int) %% %d = 0 and _as_of >= timestamp'%s' and _as_of <= timestamp'%s'"
                        .formatted(BAD, KNOWN, FILLED.plus(Duration.ofDays(2)))));
        Set<String> listed = listed(with);
        assertThat(changed).hasSizeGreaterThan(2_000);
        assertThat(listed).containsAll(changed).isEqualTo(reading);
      }
    }
  }

  private static Set<String> ids(Dataset<Row> rows) {
    Set<String> ids = new TreeSet<>();
    rows.select("_prediction_id").collectAsList().forEach(row -> ids.add(row.getString(0)));
    return ids;
  }

  /** By what an impact says of three of the nights. */
  private Set<String> listed(Path lake) {
    Answered answered =
        Answered.by(
            "impact",
            project,
            lake.toString(),
            "fuel",
            "--delivery",
            "2",
            "--predictions",
            "--json");
    assertThat(answered.err()).isEmpty();
    Set<String> ids = new TreeSet<>();
    int nights = 0;
    for (JsonNode node : Json.read(answered.out(), JsonNode.class).get("nodes")) {
      if (node.get("name").asText().startsWith("scores.next@")) {
        nights++;
        node.get("facts").get("ids").forEach(id -> ids.add(id.asText()));
      }
    }
    assertThat(nights).isEqualTo(3);
    return ids;
  }
}
