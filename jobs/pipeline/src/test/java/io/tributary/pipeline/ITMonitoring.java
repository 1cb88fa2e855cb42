package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.LakeTable;
import io.tributary.model.BinaryMetrics;
import io.tributary.monitor.MonitorShowMain;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.train.ModelCardMain;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What monitors say of nights that several versions of a model scored. */
class ITMonitoring {
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final int NIGHTS = 7;

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void judgesEachIntervalAndEachVersionByItself() throws Exception {
    CheckedProject checked = sliced(folder.resolve("project"));
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      for (int night = 0; night < NIGHTS; night++) {
        if (night == 3) {
          promoteAnother(lake);
        }
        run(runner, jobs.score(Optional.empty(), nights(night, night + 1)));
        run(runner, jobs.monitor(Optional.empty(), nights(night, night + 1)));
      }
      Dataset<Row> single = verdicts(lake);
      List<Row> before = single.orderBy("_at", "question", "item", "measure").collectAsList();
      assertThat(single.select("interval_from").distinct().count()).isEqualTo(NIGHTS);
      assertThat(single.selectExpr("input_file_name()").distinct().count())
          .as("files of nights that no later night has written again")
          .isEqualTo(NIGHTS);

      LakeTable counts = lake.table(TableName.of("counts", "lateness"));
      assertThat(
              counts
                  .read(counts.requireVersion())
                  .select("interval_from", "model_version")
                  .collectAsList())
          .as("each night is counted once")
          .hasSize(NIGHTS);
      keepsWhatMaturedByVersionAndSlice(lake);
      RunRecord wide = run(runner, jobs.monitor(Optional.empty(), nights(0, NIGHTS))).get(0);
      assertThat(wide.facts(MonitoringFacts.class).orElseThrow().verdicts()).containsKeys("bounds");
      Dataset<Row> all = verdicts(lake);
      String isWide = "interval_to > interval_from + interval 2 days";
      assertThat(
              all.where("not (" + isWide + ")")
                  .orderBy("_at", "question", "item", "measure")
                  .collectAsList())
          .isEqualTo(before);

      Map<Long, String> expected = aucs(lake, nights(0, NIGHTS - 1));
      assertThat(expected).hasSize(2);
      Map<Long, String> said = new TreeMap<>();
      for (Row row : all.where(isWide + " and question = 'actuals'").collectAsList()) {
        said.put(
            row.<Long>getAs("model_version"),
            row.<Double>getAs("value")
                + " of "
                + row.<String>getAs("detail").replaceFirst(" matured.*", ""));
      }
      assertThat(said).isEqualTo(expected);
      assertThat(
              all.where(isWide + " and question = 'bounds'")
                  .select("model_version")
                  .orderBy("model_version")
                  .collectAsList())
          .extracting(row -> row.getLong(0))
          .containsExactly(1L, 2L);
      assertThat(run(runner, jobs.monitor(Optional.empty(), nights(0, NIGHTS))).get(0).outcome())
          .isEqualTo(Outcome.UNCHANGED);

      judgesAgainWhatWasScoredAgain(lake, jobs, runner);
      tellsOfRowsThatAreScoredLate(lake, jobs, runner);
      saysThatNoRowIsThere(lake, jobs);
      showsWhatTheTableHas(lake);
      writesACard();
    }
  }

  private void showsWhatTheTableHas(Lake lake) throws IOException {
    String night = nights(5, 6).option(ZoneId.of("Europe/Berlin"));
    Document page = page("monitor show", new MonitorShowMain(), night.split(" ", 2));

    List<String> stored =
        verdicts(lake)
            .where("interval_from = timestamp'" + nights(5, 6).from() + "'")
            .where("interval_to = timestamp'" + nights(5, 6).to() + "'")
            .collectAsList()
            .stream()
            .map(
                row ->
                    String.join(
                        " ",
                        row.<String>getAs("item"),
                        row.<String>getAs("question"),
                        row.<String>getAs("measure"),
                        row.<String>getAs("detail"),
                        row.getAs("model") + "@" + row.getAs("model_version")))
            .toList();
    assertThat(
            page.select("caption:containsOwn(Verdicts on the interval) ~ tbody tr").stream()
                .map(
                    row ->
                        Stream.of(0, 1, 2, 6, 7)
                            .map(cell -> row.child(cell).wholeText())
                            .collect(Collectors.joining(" "))))
        .containsExactlyInAnyOrderElementsOf(stored)
        .isNotEmpty();
    assertThat(page.select("h1").text()).isEqualTo("Monitor lateness");
    assertThat(page.select(".answers .badge").eachText()).hasSize(5);
    assertThat(page.select("figure").size()).isGreaterThan(2);
  }

  private void writesACard() throws IOException {
    Document card = page("registry card", new ModelCardMain(), "lateness@1");

    assertThat(card.select("h1").text()).isEqualTo("Model lateness@1");
    assertThat(card.select("h2").eachText())
        .containsExactly(
            "How good it is",
            "Calibration",
            "Slices",
            "What inputs do to the score",
            "Nights",
            "What a monitor could not see",
            "Leaks",
            "How it was fitted",
            "What it was made from");
    assertThat(card.select("tbody th").eachText()).contains("auc", "log-loss", "calibration");
  }

  private Document page(String command, JobMain.Body body, String... words) throws IOException {
    Path file = folder.resolve(command.replace(' ', '-') + ".html");
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(
        List.of(
            "--project",
            folder.resolve("project").toString(),
            "--lake",
            folder.resolve("lake").toString(),
            "--html",
            file.toString()));
    assertThat(JobMain.run(command, all.toArray(String[]::new), body)).isZero();
    return Jsoup.parse(file);
  }

  /** With more days that no fit has seen, so that each driver's rows promise something. */
  private static CheckedProject sliced(Path project) throws Exception {
    TinyProject.write(project, NIGHTS);
    Path model = project.resolve("models/lateness.yaml");
    Files.writeString(
        model,
        Files.readString(model)
            .replaceFirst(
                "split: .*",
                "split: {train: 2024-01-02/2024-01-08, validate: 2024-01-08/2024-01-15, test: 2024-01-15/2024-01-25}")
            .replaceFirst(
                "evaluate: .*", "evaluate: {metrics: [auc, log-loss], slices: [driver]}"));
    return CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
  }

  /** Row by row, by what the rides' file says. */
  private static void keepsWhatMaturedByVersionAndSlice(Lake lake) {
    Map<Integer, Boolean> late = late();
    List<Row> scored = read(lake, TableName.of("scores", "next")).collectAsList();
    List<Row> kept = read(lake, TableName.of("actuals", "lateness")).collectAsList();
    Set<String> slices = new TreeSet<>();
    for (Row row : kept) {
      Interval asOf =
          Interval.of(
              row.<Timestamp>getAs("interval_from").toInstant().minus(Duration.ofDays(1)),
              row.<Timestamp>getAs("interval_to").toInstant().minus(Duration.ofDays(1)));
      String driver = row.getAs("slice_value");
      slices.add(row.<Long>getAs("model_version") + " " + driver);
      List<Row> theirs =
          scored.stream()
              .filter(s -> s.<Long>getAs("model_version").equals(row.getAs("model_version")))
              .filter(s -> asOf.contains(s.<Timestamp>getAs("_as_of").toInstant()))
              .filter(s -> driver == null || driver.equals(s.getAs("driver")))
              .toList();
      if (driver == null) {
        assertThat(row.<Long>getAs("scored")).isEqualTo(theirs.size());
      }
      List<Row> labelled =
          theirs.stream().filter(s -> late.containsKey(s.<Integer>getAs("id"))).toList();
      boolean[] labels = new boolean[labelled.size()];
      double[] scores = new double[labels.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = late.get(labelled.get(i).<Integer>getAs("id"));
        scores[i] = labelled.get(i).<Row>getAs("output").<Double>getAs("probability");
      }
      BinaryMetrics expected = BinaryMetrics.of(scores, labels);
      assertThat(row.<Long>getAs("rows")).isEqualTo(expected.rows());
      assertThat(row.<Long>getAs("positives")).isEqualTo(expected.positives());
      assertThat(Optional.ofNullable(row.<Double>getAs("auc"))).isEqualTo(expected.auc());
      assertThat(row.<Double>getAs("log_loss")).isCloseTo(expected.logLoss(), within(1e-8));
      assertThat(row.<Double>getAs("brier")).isCloseTo(expected.brier(), within(1e-8));
    }
    assertThat(slices)
        .containsExactly("1 a", "1 b", "1 c", "1 null", "2 a", "2 b", "2 c", "2 null");
    assertThat(
            read(lake, TableName.of("windows", "lateness"))
                .where("question = 'actuals' and item = 'auc'")
                .orderBy("_at", "model_version")
                .select("model_version", "days")
                .collectAsList())
        .as("a version's window has its own days")
        .extracting(row -> row.getLong(0) + " " + row.getInt(1))
        .containsExactly("1 1", "1 2", "1 3", "2 1", "2 2", "2 3");
  }

  private static Dataset<Row> read(Lake lake, TableName table) {
    return lake.table(table).read(lake.table(table).requireVersion());
  }

  private static void judgesAgainWhatWasScoredAgain(Lake lake, Jobs jobs, JobRunner runner) {
    TinyProject.promote(lake, 1);
    run(runner, jobs.score(Optional.empty(), nights(5, 6)));
    List<Job> again = jobs.monitor(Optional.empty(), nights(5, 6));
    assertThat(again)
        .extracting(job -> job.key().interval().orElseThrow())
        .containsExactlyInAnyOrder(nights(5, 6), nights(6, 7), nights(0, NIGHTS));
    // What matured in a night is judged as it is pinned, whoever scores it meanwhile.
    Job meanwhile =
        (Job)
            Proxy.newProxyInstance(
                Job.class.getClassLoader(),
                new Class<?>[] {Job.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("run")) {
                    try (JobRunner other = JobRunner.open(lake)) {
                      run(other, jobs.score(Optional.empty(), nights(4, 5)));
                    }
                  }
                  return method.invoke(again.get(0), arguments);
                });
    assertThat(runner.run(meanwhile).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(versions(lake, nights(5, 6), "actuals")).containsExactly(2L);
    assertThat(versions(lake, nights(5, 6), "bounds")).containsExactly(1L);

    run(runner, jobs.monitor(Optional.empty(), nights(4, 5)));
    run(runner, jobs.monitor(Optional.empty(), nights(5, 6)));
    assertThat(versions(lake, nights(4, 5), "bounds")).containsExactly(1L);
    assertThat(versions(lake, nights(5, 6), "actuals")).containsExactly(1L);
    for (int night = 0; night < NIGHTS; night++) {
      assertThat(run(runner, jobs.monitor(Optional.empty(), nights(night, night + 1))))
          .extracting(RunRecord::outcome)
          .containsExactly(Outcome.UNCHANGED);
    }
  }

  /** Two rides that nobody had delivered when their night was scored, others of which it was. */
  private void tellsOfRowsThatAreScoredLate(Lake lake, Jobs jobs, JobRunner runner)
      throws IOException {
    assertThat(verdicts(lake).where("item = 'late'").isEmpty())
        .as("rows that were scored again had a score before")
        .isTrue();
    Instant starts = nights(5, 6).from().plus(Duration.ofHours(10));
    Files.writeString(
        folder.resolve("project/data/rides2.csv"),
        "id,driver,kilometres,starts,delay\n9001,a,5,%s,3\n9002,b,5,%s,30\n"
            .formatted(starts, starts.plusSeconds(60)));
    jobs.ingest().forEach(runner::run);
    run(runner, jobs.score(Optional.empty(), nights(5, 6)));
    run(runner, jobs.monitor(Optional.empty(), nights(5, 6)));
    Instant scored =
        read(lake, TableName.of("scores", "next"))
            .where("id = 9002")
            .first()
            .<Timestamp>getAs("_scored_at")
            .toInstant();
    assertThat(
            verdicts(lake)
                .where("item = 'late'")
                .where("interval_to = timestamp'" + nights(5, 6).to() + "'")
                .collectAsList())
        .extracting(
            row -> row.<Timestamp>getAs("interval_from").toInstant(),
            row -> row.getAs("question"),
            row -> row.getAs("value"),
            row -> row.getAs("breached"),
            row -> row.getAs("detail"))
        .containsExactly(
            tuple(
                nights(5, 6).from(),
                "population",
                2.0,
                false,
                "2 rows were scored late, in a later scoring of the interval than its first: the"
                    + " last at "
                    + scored.truncatedTo(ChronoUnit.SECONDS)));
  }

  private static void saysThatNoRowIsThere(Lake lake, Jobs jobs) {
    Interval empty = nights(400, 401);
    List<String> said = new ArrayList<>();
    try (JobRunner runner = JobRunner.open(lake, said::add)) {
      run(runner, jobs.score(Optional.empty(), empty));
      RunRecord record = run(runner, jobs.monitor(Optional.empty(), empty)).get(0);
      assertThat(record.facts(MonitoringFacts.class).orElseThrow().unanswered()).isPresent();
    }
    assertThat(said)
        .contains(
            "WARN monitor lateness "
                + empty
                + ": no row of it is in force, so that inputs, predictions and bounds are not judged");
  }

  private static List<Long> versions(Lake lake, Interval interval, String question) {
    return verdicts(lake)
        .where("question = '" + question + "'")
        .where("interval_from = timestamp'" + interval.from() + "'")
        .where("interval_to = timestamp'" + interval.to() + "'")
        .select("model_version")
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getLong(0))
        .sorted()
        .toList();
  }

  private static Interval nights(int from, int to) {
    ZoneId zone = ZoneId.of("Europe/Berlin");
    return Interval.of(
        TinyProject.FIRST_NIGHT.plusDays(from).atStartOfDay(zone).toInstant(),
        TinyProject.FIRST_NIGHT.plusDays(to).atStartOfDay(zone).toInstant());
  }

  private static List<RunRecord> run(JobRunner runner, List<Job> jobs) {
    return jobs.stream().map(runner::run).toList();
  }

  private static Dataset<Row> verdicts(Lake lake) {
    TableName monitor = TableName.of("monitor", "lateness");
    return lake.table(monitor).read(lake.table(monitor).requireVersion());
  }

  /** The same model under another number. */
  private static void promoteAnother(Lake lake) {
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    ModelVersion first = registry.resolve("lateness@1");
    ModelVersion second =
        new ModelVersion(
            first.model(),
            0,
            first.artefact(),
            first.metrics(),
            first.baselines(),
            first.parameters(),
            first.admission(),
            first.environment(),
            first.trainingSet(),
            first.onlineUse(),
            first.definition(),
            first.fit(),
            first.definitions(),
            first.run(),
            Digest.of("again"),
            Optional.empty(),
            Optional.empty());
    TinyProject.promote(lake, registry.register(second, Principal.osUser("ada")).number());
  }

  private static Map<Integer, Boolean> late() {
    Map<Integer, Boolean> late = new TreeMap<>();
    TinyProject.rides(0, 24 * (25 + NIGHTS))
        .lines()
        .skip(1)
        .map(line -> line.split(",", -1))
        .filter(cells -> cells.length == 5 && cells[4].matches("\\d+"))
        .forEach(cells -> late.put(Integer.parseInt(cells[0]), Integer.parseInt(cells[4]) > 15));
    return late;
  }

  /** By version, of the rows whose as-of lies in an interval, by what the rides' file says. */
  private static Map<Long, String> aucs(Lake lake, Interval asOf) {
    Map<Integer, Boolean> late = late();
    TableName scores = TableName.of("scores", "next");
    Map<Long, String> aucs = new TreeMap<>();
    for (long version = 1; version <= 2; version++) {
      List<Row> rows =
          lake
              .table(scores)
              .read(lake.table(scores).requireVersion())
              .where("model_version = " + version)
              .collectAsList()
              .stream()
              .filter(row -> asOf.contains(row.<java.sql.Timestamp>getAs("_as_of").toInstant()))
              .filter(row -> late.containsKey(row.<Integer>getAs("id")))
              .toList();
      double[] values = new double[rows.size()];
      boolean[] labels = new boolean[values.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = rows.get(i).<Row>getAs("output").<Double>getAs("probability");
        labels[i] = late.get(rows.get(i).<Integer>getAs("id"));
      }
      aucs.put(version, BinaryMetrics.auc(values, labels).orElseThrow() + " of " + values.length);
    }
    return aucs;
  }
}
