package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of rows that ask goes through ingest, training set, model and scores. */
class ITSpineKinds {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final Interval NIGHT = Interval.parse("2024-01-24T23:00:00Z/2024-01-25T23:00:00Z");

  private static final String MODEL =
      """
      model: %s
      training-set: %s
      split: %s
      inputs:
        default: standardize
      network:
        - dense(4, relu)
      fit: {updater: adam, learning-rate: 0.01, batch: 16, epochs: 2, patience: 2, seed: 1}
      evaluate: {metrics: [log-loss]}
      """;

  private static final String SCORES =
      """
      scores: %s
      model: %s@production
      rows: %s
      """;

  /** One that deals the three drivers to three parts. */
  private static final String SALT = "1";

  @TempDir private Path folder;
  private Path project;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void write() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, 1);
    write(
        "sources/judged.yaml",
        """
        source: judged
        static: true
        read: {format: csv, path: "data/judged*.csv", header: true}
        columns:
          number: int
          driver: string
          asked: timestamp
          good: boolean
        """);
    write(
        "sources/ends.yaml",
        """
        source: ends
        read: {format: csv, path: data/ends.csv, header: true}
        columns:
          driver: string
          at: timestamp
          ended: boolean
        event-key: [driver]
        event-time: at
        """);
    write(
        "data/ends.csv",
        "driver,at,ended\na,2024-03-01T00:00:00Z,true\n"
            + "b,2024-03-01T00:00:00Z,false\nc,2024-03-01T00:00:00Z,true\n");
    write("data/judged.csv", judged(0));
    write(
        "training-sets/judged.yaml",
        """
        training-set: judged
        rows:
          source: judged
          as-of: asked
        label:
          name: good
          value: good
        features:
          - driver_history@1
        """);
    write(
        "training-sets/daily.yaml",
        """
        training-set: daily
        rows:
          source: rides
          every: 6h
          entity: [driver]
        label:
          name: ended
          source: ends
          value: ended
        features:
          - driver_history@1
        """);
    write(
        "training-sets/far.yaml",
        """
        training-set: far
        rows:
          source: plan
          where: kilometres > 8
          as-of: starts - interval 1 hour
        label:
          name: late
          source: rides
          value: delay > 15
        features:
          - driver_history@1
        """);
    write(
        "monitors/judged.yaml",
        """
        monitor: judged
        model: judged
        scores: judged
        actuals: {after: 0s}
        """);
    write(
        "training-sets/busy.yaml",
        """
        training-set: busy
        rows:
          source: rides
          every: 6h
          entity: [driver]
        label:
          name: busy
          value: count(*) > 7 from rides
          during: "(0d, 1d]"
          maturity: 1h
          keys: [driver]
        features:
          - driver_history@1
        """);
    model(
        "busy",
        "{by: [driver], salt: \"%s\", train: 34%%, validate: 33%%, test: 33%%}".formatted(SALT));
    model("judged", "{by: [number], salt: s1, train: 60%, validate: 20%, test: 20%}");
    write(
        "scores/judged.yaml",
        SCORES.formatted("judged", "judged", "judged") + "shadows: [\"1\", \"2\"]\n");
    model(
        "daily",
        "{train: 2024-01-02/2024-01-15, validate: 2024-01-15/2024-01-20, test: 2024-01-20/2024-01-25}");
    model(
        "far",
        "{by: [id], train: 50% of 2024-01-01/2024-01-20, validate: 25%, test: 25% of 2024-01-10/2024-02-01}");
  }

  private void model(String name, String split) throws IOException {
    write("models/" + name + ".yaml", MODEL.formatted(name, name, split));
    write("scores/" + name + ".yaml", SCORES.formatted(name, name, name));
  }

  /** Label rows made by hand: some twice, some without instant, one that is none. */
  private static String judged(int flip) {
    StringBuilder csv = new StringBuilder("number,driver,asked,good\n");
    for (int i = 0; i < 600; i++) {
      String line =
          i
              + ","
              + "abc".charAt(i % 3)
              + ","
              + (i % 50 == 3 ? "" : FIRST.plusSeconds(3_600L * i + 1_800))
              + ","
              + ((i * 31 + flip) % 7 < 3)
              + "\n";
      csv.append(i == 77 ? "77,a,yesterday,true\n" : line);
      if (i % 40 == 0) {
        csv.append(line);
      }
    }
    return csv.toString();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(project.resolve(file).getParent());
    Files.writeString(project.resolve(file), text);
  }

  /** Who asks, by the files alone: the columns and the as-of of each row, sorted. */
  private static Map<String, List<String>> expected() {
    List<String> judged = new ArrayList<>();
    for (String line : judged(0).lines().skip(1).filter(l -> !l.contains("yesterday")).toList()) {
      String[] cells = line.split(",", -1);
      judged.add(cells[0] + " " + (cells[2].isEmpty() ? "null" : cells[2]));
    }
    List<String> far = new ArrayList<>();
    Map<String, Instant> since = new TreeMap<>();
    Instant end = Instant.MIN;
    for (String line : TinyProject.rides(0, 24 * 26).lines().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      if (cells[4].equals("soon") || cells[4].equals("900")) {
        continue;
      }
      Instant starts = Instant.parse(cells[3]);
      if (Double.parseDouble(cells[2]) > 8) {
        far.add(cells[0] + " " + starts.minus(Duration.ofHours(1)));
      }
      Instant known = starts.plus(Duration.ofHours(1));
      since.merge(cells[1], known, (x, y) -> x.isBefore(y) ? x : y);
      end = known.isAfter(end) ? known : end;
    }
    List<String> daily = new ArrayList<>();
    // Midnight of 2001-01-01 in Berlin, every six hours.
    for (Instant t = Instant.parse("2000-12-31T23:00:00Z");
        !t.isAfter(end);
        t = t.plusSeconds(21_600)) {
      Instant at = t;
      since.forEach(
          (driver, first) -> {
            if (!first.isAfter(at)) {
              daily.add(driver + " " + at);
            }
          });
    }
    List.of(judged, far, daily).forEach(rows -> rows.sort(null));
    Instant mature = end.minus(Duration.ofHours(25));
    List<String> busy = daily.stream().filter(row -> !at(row).isAfter(mature)).toList();
    return Map.of("judged", judged, "far", far, "daily", daily, "busy", busy);
  }

  private static Instant at(String row) {
    return Instant.parse(row.substring(row.indexOf(' ') + 1));
  }

  private static List<String> asked(Dataset<Row> rows, String column) {
    List<String> found = new ArrayList<>();
    for (Row row : rows.select(column, "_as_of").collectAsList()) {
      found.add(row.get(0) + " " + (row.isNullAt(1) ? "null" : row.getTimestamp(1).toInstant()));
    }
    found.sort(null);
    return found;
  }

  @Test
  void isIngestedBuiltTrainedScoredAndBuiltAgain() throws IOException {
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    Map<String, List<String>> expected = expected();
    Map<String, String> keys =
        Map.of("judged", "number", "far", "id", "daily", "driver", "busy", "driver");
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      ingest(jobs, runner);
      TableName quarantine = TableName.of("quarantine", "judged");
      List<Row> bad =
          lake.table(quarantine)
              .read(lake.table(quarantine).requireVersion())
              .select("_file", "_line", "raw")
              .collectAsList();
      assertThat(bad).hasSize(1);
      assertThat(bad.get(0).getString(0)).endsWith("judged.csv");
      assertThat(bad.get(0).getString(2)).contains("yesterday");

      Map<String, RunRecord> built = new TreeMap<>();
      for (String name : List.of("judged", "far", "daily", "busy")) {
        RunRecord record = runner.run(jobs.trainingSetOf(name));
        built.put(name, record);
        TableName table = TableName.of("training", name);
        List<String> rows =
            asked(lake.table(table).read(lake.table(table).requireVersion()), keys.get(name));
        assertThat(rows).as(name).isEqualTo(expected.get(name));

        RunRecord trained = runner.run(jobs.train(name));
        assertThat(trained.outcome()).as(name).isEqualTo(Outcome.SUCCEEDED);
        assertThat(trained.facts(FitFacts.class).orElseThrow().promoted())
            .as(name)
            .contains("production");
        if (name.equals("judged")) {
          trainAnother(name, lake, online, runner);
        }

        RunRecord scored = runner.run(jobs.score(Optional.of(name), NIGHT).get(0));
        TableName scores = TableName.of("scores", name);
        assertThat(
                asked(
                    lake.table(scores)
                        .read(lake.table(scores).requireVersion())
                        .where("_role = 'champion'"),
                    keys.get(name)))
            .as(name)
            .isEqualTo(
                expected.get(name.equals("busy") ? "daily" : name).stream()
                    .filter(row -> !row.endsWith("null"))
                    .filter(row -> NIGHT.contains(at(row)))
                    .toList())
            .isNotEmpty();
        assertThat(scored.facts(ScoringFacts.class)).isPresent();
      }
      RunRecord early =
          runner.run(
              jobs.score(
                      Optional.of("daily"),
                      Interval.parse("2000-01-01T00:00:00Z/2000-01-02T00:00:00Z"))
                  .get(0));
      assertThat(early.facts(ScoringFacts.class).orElseThrow().nearest())
          .isEqualTo(
              "no row has an as-of in it, nor at any other time in"
                  + " 1999-12-31T18:00:00Z/2000-01-02T06:00:00Z");

      RunRecord watched = runner.run(jobs.monitor(Optional.of("judged"), NIGHT).get(0));
      assertThat(watched.outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(watched.facts(MonitoringFacts.class).orElseThrow().verdicts())
          .containsKeys("bounds");
      assertThat(actuals(lake, "champion")).startsWith(labelled(0) + " matured rows");
      assertThat(actuals(lake, "shadow")).startsWith(labelled(0) + " matured rows");

      // The label rows are made anew in place of the old ones, and rides go on.
      write("data/judged.csv", judged(1).replaceFirst("(?m)^580,.*\\n", ""));
      write("data/rides2.csv", TinyProject.rides(24 * 26, 24 * 27));
      ingest(jobs, runner);
      assertThat(content(runner.run(jobs.trainingSetOf("judged"))))
          .isNotEqualTo(content(built.get("judged")));
      assertThat(runner.run(jobs.monitor(Optional.of("judged"), NIGHT).get(0)).outcome())
          .isEqualTo(Outcome.SUCCEEDED);
      assertThat(actuals(lake, "champion")).startsWith(labelled(580) + " matured rows");
      for (Map.Entry<String, RunRecord> former : built.entrySet()) {
        try (TrainingSetBuild again =
            FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name()))
                .trainingSets()
                .build(
                    checked.trainingSet(former.getKey()).definition(),
                    former.getValue().inputs())) {
          assertThat(again.content().digest())
              .as(former.getKey())
              .isEqualTo(content(former.getValue()));
        }
      }
    }
  }

  @Test
  void aTableOfLabelRowsIsReadAsItWasAlsoWhenItIsReplacedAndVacuumed() throws IOException {
    write(
        "sources/judged.yaml",
        Files.readString(project.resolve("sources/judged.yaml"))
            .replace(
                "{format: csv, path: \"data/judged*.csv\", header: true}",
                "{format: delta, path: data/judged}"));
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    table("id < 40 or id % 2 = 0");
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      ingest(jobs, runner);
      RunRecord first = runner.run(jobs.trainingSetOf("judged"));
      assertThat(first.facts(TrainingSetFacts.class).orElseThrow().rows()).isEqualTo(320);

      table("id < 50");
      SESSION.spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
      SESSION.spark().sql("vacuum delta.`" + project.resolve("data/judged") + "` retain 0 hours");
      ingest(jobs, runner);
      RunRecord second = runner.run(jobs.trainingSetOf("judged"));
      assertThat(second.facts(TrainingSetFacts.class).orElseThrow().rows()).isEqualTo(50);
      try (TrainingSetBuild again =
          FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name()))
              .trainingSets()
              .build(checked.trainingSet("judged").definition(), first.inputs())) {
        assertThat(again.content().digest()).isEqualTo(content(first));
      }
    }
  }

  /** A second version, so that one of both is the shadow. */
  private void trainAnother(String model, Lake lake, OnlineStore online, JobRunner runner)
      throws IOException {
    Path file = project.resolve("models/" + model + ".yaml");
    String former = Files.readString(file);
    Files.writeString(file, former.replace("seed: 1", "seed: 2"));
    Jobs jobs =
        new Jobs(
            CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
            lake,
            online,
            RunnerChoice.valueOf(DrawnRunner.name()));
    assertThat(runner.run(jobs.train(model)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    Files.writeString(file, former);
  }

  private static Digest content(RunRecord record) {
    return record.facts(TrainingSetFacts.class).orElseThrow().content();
  }

  private void table(String where) {
    SESSION
        .spark()
        .sql(
            "select cast(id as int) as number, element_at(array('a', 'b', 'c'), cast(id % 3 as int)"
                + " + 1) as driver, timestamp_seconds(1704067200 + 3600 * id) as asked, id % 5 < 2"
                + " as good from range(600) where "
                + where)
        .write()
        .format("delta")
        .mode("overwrite")
        .save(project.resolve("data/judged").toString());
  }

  /** What is said of the actuals of the night. */
  private static String actuals(Lake lake, String role) {
    TableName monitor = TableName.of("monitor", "judged");
    return lake.table(monitor)
        .read(lake.table(monitor).requireVersion())
        .where("question = 'actuals' and role = '" + role + "'")
        .select("detail")
        .head()
        .getString(0);
  }

  /** How many rows of the night say a label, without those of a number. */
  private static long labelled(int without) {
    return judged(0)
        .lines()
        .skip(1)
        .map(line -> line.split(",", -1))
        .filter(cells -> !cells[2].isEmpty() && !cells[2].equals("yesterday"))
        .filter(cells -> NIGHT.contains(Instant.parse(cells[2])))
        .filter(cells -> !cells[0].equals(String.valueOf(without)))
        .count();
  }

  private static void ingest(Jobs jobs, JobRunner runner) {
    jobs.ingest().forEach(runner::run);
  }
}
