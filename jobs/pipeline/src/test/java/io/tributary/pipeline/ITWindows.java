package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.monitor.MonitorShowMain;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Windows of inputs: a ride every twenty minutes, and from the third night on all are one driver's.
 */
class ITWindows {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final int NIGHTS = 8;
  private static final int SHIFTED = 3;
  private static final int WINDOW = 8;

  @TempDir static Path folder;
  private static CheckedProject checked;

  /** A lake whose nights are scored and not judged. */
  private static Path scored;

  /** The same with all nights judged in order. */
  private static Path inOrder;

  @BeforeAll
  static void prepare() throws Exception {
    checked = project(folder.resolve("project"));
    scored = folder.resolve("scored");
    try (Lake lake = lake(scored);
        OnlineStore online = online(scored);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(checked, lake, online);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      for (int night = 0; night < NIGHTS; night++) {
        jobs.score(Optional.empty(), nights(night, night + 1)).forEach(runner::run);
      }
    }
    inOrder = folder.resolve("in-order");
    Folders.copy(scored, inOrder);
    judge(inOrder, IntStream.range(0, NIGHTS).boxed().toList());
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  private static CheckedProject project(Path project) throws IOException {
    TinyProject.writeWatched(project, NIGHTS, night -> driver -> night >= SHIFTED ? "a" : driver);
    return CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
  }

  /** Whatever order the nights are judged in, and although one dies between two of its commits. */
  @Test
  void anyOrderLeavesTheSameWindowsAndTellsEachBreach() throws Exception {
    Set<String> breached = breached(inOrder);
    assertThat(breached)
        .as("once an episode, in the first window that can be judged")
        .isNotEmpty()
        .allMatch(
            breach -> breach.startsWith(TinyProject.FIRST_NIGHT.plusDays(WINDOW - 1) + " inputs "));
    assertThat(told(inOrder)).containsExactlyInAnyOrderElementsOf(breached);

    Path shuffled = folder.resolve("shuffled");
    Folders.copy(scored, shuffled);
    judge(shuffled, List.of(4, 0, 6, 1, 5, 7, 2));
    // The last one completes all windows: what breaches by it, is for it to tell.
    try (Lake lake = lake(shuffled);
        OnlineStore online = online(shuffled);
        JobRunner runner = JobRunner.open(lake)) {
      Job night = jobs(checked, lake, online).monitor(Optional.empty(), nights(3, 4)).get(0);
      assertThatThrownBy(() -> runner.run(dying(night)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("dies");
    }
    judge(shuffled, List.of(3));
    assertThat(tables(shuffled)).isEqualTo(tables(inOrder));
    assertThat(told(shuffled)).containsExactlyInAnyOrderElementsOf(breached);

    // Run again for another reason, a night says the same: no notice is sent for it.
    List<Breach> before = facts(shuffled).get(nights(3, 4));
    assertThat(before).isNotEmpty();
    Path project = folder.resolve("project-changed");
    Folders.copy(folder.resolve("project"), project);
    TinyProject.edit(
        project.resolve("monitors/lateness.yaml"),
        text -> text.replace("score: [0, 1]", "score: [0, 1.5]"));
    CheckedProject changed =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    try (Lake lake = lake(shuffled);
        OnlineStore online = online(shuffled);
        JobRunner runner = JobRunner.open(lake)) {
      assertThat(
              runner
                  .run(jobs(changed, lake, online).monitor(Optional.empty(), nights(3, 4)).get(0))
                  .outcome())
          .isEqualTo(Outcome.SUCCEEDED);
    }
    assertThat(facts(shuffled).get(nights(3, 4))).isEqualTo(before);
  }

  /** Dies when all is stored but the verdicts. */
  private static Job dying(Job job) {
    return proxy(
        Job.class,
        job,
        arguments ->
            arguments[0] instanceof Attempt attempt
                ? new Object[] {
                  Proxy.newProxyInstance(
                      Attempt.class.getClassLoader(),
                      new Class<?>[] {Attempt.class},
                      (proxy, method, given) -> {
                        if (method.getName().equals("commitPoint")) {
                          throw new IllegalStateException("dies");
                        }
                        return method.invoke(attempt, given);
                      })
                }
                : arguments);
  }

  private static <T> T proxy(Class<T> type, T of, UnaryOperator<Object[]> arguments) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, given) -> {
              try {
                return method.invoke(
                    of, method.getName().equals("run") ? arguments.apply(given) : given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** By the same days a window says the same. */
  @Test
  void aLongIntervalHasVerdictsOfItsOwn() throws Exception {
    Path own = folder.resolve("long");
    Folders.copy(inOrder, own);
    Interval week = nights(0, WINDOW);
    try (Lake lake = lake(own);
        OnlineStore online = online(own);
        JobRunner runner = JobRunner.open(lake)) {
      List<Row> before = rows(lake, "monitor").collectAsList();
      jobs(checked, lake, online).monitor(Optional.empty(), week).forEach(runner::run);
      Dataset<Row> verdicts = rows(lake, "monitor");
      assertThat(
              verdicts
                  .where(
                      "interval_from <> timestamp'%s' or interval_to <> timestamp'%s'"
                          .formatted(week.from(), week.to()))
                  .collectAsList())
          .containsExactlyInAnyOrderElementsOf(before);
      Dataset<Row> its =
          verdicts.where(
              "interval_from = timestamp'%s' and interval_to = timestamp'%s'"
                  .formatted(week.from(), week.to()));
      Map<String, Double> expected =
          values(
              rows(lake, "windows")
                  .where("_at = timestamp'%s'".formatted(week.snapshotInstant()))
                  .where("measure = 'psi'"));
      assertThat(expected).hasSize(5).containsKey("inputs driver");
      assertThat(values(its.where("measure = 'psi'"))).isEqualTo(expected);
      assertThat(values(its.where("measure = 'rows'")).get("population rows"))
          .isEqualTo(
              rows(lake, "scores", "next")
                  .where(
                      "_as_of >= timestamp'%s' and _as_of < timestamp'%s'"
                          .formatted(week.from(), week.to()))
                  .count());
      assertThat(its.where("question = 'population'").head().<String>getAs("detail"))
          .startsWith("on these 8 days ");
    }
    Document page = page(own, week.option(ZONE).split(" "));
    assertThat(page.select(".answers .badge").first().text()).isEqualTo("breached");
    assertThat(
            page.select("figure:has(strong:matchesOwn(^driver$)) figcaption span").first().text())
        .matches("Of the rows, \\d\\d\\.\\d % are in group “a”, and 3\\d\\.\\d % of training's\\.");
  }

  /** Half of a day by the next version, which has groups of its own. */
  @Test
  void aDayThatTwoVersionsScoredIsInTheWindowOfTheOneThatScoredMost() throws Exception {
    Path own = folder.resolve("two");
    Folders.copy(scored, own);
    Path project = folder.resolve("project-two");
    Folders.copy(folder.resolve("project"), project);
    TinyProject.edit(
        project.resolve("models/lateness.yaml"), text -> text.replace("seed: 1", "seed: 2"));
    TinyProject.edit(
        project.resolve("models/lateness.yaml"),
        text -> text.replace("train: 2023-12-11", "train: 2023-12-12"));
    CheckedProject next =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    Interval night = nights(NIGHTS - 1, NIGHTS);
    Interval evening = Interval.of(night.from().plusSeconds(18 * 3_600), night.to());
    try (Lake lake = lake(own);
        OnlineStore online = online(own);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(next, lake, online);
      runner.run(jobs.train("lateness"));
      TinyProject.promote(lake, 2);
      jobs.score(Optional.empty(), evening).forEach(runner::run);
      jobs.monitor(Optional.empty(), night).forEach(runner::run);
      assertThat(
              rows(lake, "windows")
                  .where("question = 'inputs'")
                  .where("_at = timestamp'%s'".formatted(night.snapshotInstant()))
                  .select("model_version", "days")
                  .distinct()
                  .collectAsList())
          .extracting(row -> row.getLong(0) + " " + row.getInt(1))
          .containsExactly("1 1");
      List<Row> population = rows(lake, "monitor").where("question = 'population'").collectAsList();
      assertThat(population)
          .extracting(row -> row.<Long>getAs("model_version"))
          .containsExactly(2L);
    }
    Document page = page(own, night.option(ZONE).split(" "));
    assertThat(page.select("summary").eachText())
        .contains("Distributions of all inputs, rows of lateness@2");
    assertThat(
            page.select("figure:has(strong:matchesOwn(^driver$)) figcaption span").first().text())
        .startsWith("Of the rows, 100.0 % are in group “a”");
  }

  /** The rows are gone: nothing that was judged before decides by what it is judged. */
  @Test
  void anEmptyNightIsJudgedByTheVersionThatFoundNothingToScore() throws Exception {
    Path own = folder.resolve("empty");
    Folders.copy(scored, own);
    Interval empty = nights(40, 41);
    try (Lake lake = lake(own);
        OnlineStore online = online(own);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(checked, lake, online);
      jobs.score(Optional.empty(), empty).forEach(runner::run);
      jobs.monitor(Optional.empty(), empty).forEach(runner::run);
      Row verdict = rows(lake, "monitor").where("question = 'population'").head();
      assertThat(verdict.<Boolean>getAs("breached")).isTrue();
      assertThat(verdict.<Double>getAs("value")).isZero();
      assertThat(verdict.<Double>getAs("limit"))
          .isCloseTo(0.55 * TinyProject.RIDES_A_DAY, within(1.0));
    }
  }

  /** A ride of the fifth night is delivered after all nights were judged. */
  @Test
  void labelsThatComeLateHaveTheNightsOfTheWindowJudgedAgain() throws Exception {
    Path own = folder.resolve("late");
    Folders.copy(inOrder, own);
    Path project = folder.resolve("project-late");
    Folders.copy(folder.resolve("project"), project);
    Files.writeString(
        project.resolve("data/rides2.csv"),
        "id,driver,kilometres,starts,delay\n99999,a,5,%s,40\n"
            .formatted(nights(4, 5).from().plusSeconds(3_600)));
    CheckedProject next =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    try (Lake lake = lake(own);
        OnlineStore online = online(own);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(next, lake, online);
      assertThat(jobs.monitor(Optional.empty(), nights(6, 7))).hasSize(1);
      jobs.ingest().forEach(runner::run);
      List<Job> again = jobs.monitor(Optional.empty(), nights(6, 7));
      assertThat(again)
          .extracting(job -> job.key().interval().orElseThrow())
          .as("those of the window, and the next, whose matured rows are of this night")
          .containsExactly(nights(6, 7), nights(4, 5), nights(5, 6), nights(7, 8));
      again.forEach(runner::run);
      assertThat(jobs.monitor(Optional.empty(), nights(6, 7))).hasSize(1);
    }
  }

  private static Document page(Path lake, String... options) throws IOException {
    Path file = folder.resolve("page.html");
    List<String> words = new ArrayList<>(List.of("lateness"));
    words.addAll(List.of(options));
    words.addAll(
        List.of(
            "--project",
            folder.resolve("project").toString(),
            "--lake",
            lake.toString(),
            "--html",
            file.toString()));
    assertThat(JobMain.run("monitor show", words.toArray(String[]::new), new MonitorShowMain()))
        .isZero();
    return Jsoup.parse(file);
  }

  private static Map<String, Double> values(Dataset<Row> rows) {
    return rows.collectAsList().stream()
        .filter(row -> row.getAs("value") != null)
        .collect(
            Collectors.toMap(
                row -> row.getAs("question") + " " + row.getAs("item"),
                row -> row.<Double>getAs("value")));
  }

  /** What breaches, by the table of windows. */
  private static Set<String> breached(Path path) {
    try (Lake lake = lake(path)) {
      return rows(lake, "windows").where("breached").collectAsList().stream()
          .map(
              row ->
                  LocalDate.ofInstant(row.<java.sql.Timestamp>getAs("_at").toInstant(), ZONE)
                      + " "
                      + row.getAs("question")
                      + " "
                      + row.getAs("item")
                      + " "
                      + row.getAs("measure"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** What breaches of windows, by the newest commit of each night. */
  private static List<String> told(Path path) {
    return facts(path).values().stream()
        .flatMap(List::stream)
        .filter(breach -> breach.window().isPresent())
        .map(b -> b.window().get() + " " + b.question() + " " + b.item() + " " + b.measure())
        .sorted()
        .toList();
  }

  private static Map<Interval, List<Breach>> facts(Path path) {
    Map<Interval, List<Breach>> newest = new HashMap<>();
    try (Lake lake = lake(path)) {
      lake.table(TableName.of("monitor", "lateness")).commits().stream()
          .flatMap(commit -> commit.facts().stream())
          .filter(CommitFacts::commitPoint)
          .forEach(
              facts ->
                  newest.put(
                      facts.key().interval().orElseThrow(),
                      facts.facts(MonitoringFacts.class).orElseThrow().breaches()));
    }
    return newest;
  }

  private static Map<String, String> tables(Path path) {
    try (Lake lake = lake(path)) {
      Map<String, String> tables = new HashMap<>(Contents.of(lake));
      tables
          .keySet()
          .retainAll(
              List.of(
                  "monitor.lateness", "windows.lateness", "counts.lateness", "actuals.lateness"));
      assertThat(tables).hasSize(4);
      return tables;
    }
  }

  private static Dataset<Row> rows(Lake lake, String layer) {
    return rows(lake, layer, "lateness");
  }

  private static Dataset<Row> rows(Lake lake, String layer, String subject) {
    TableName table = TableName.of(layer, subject);
    return lake.table(table).read(lake.table(table).requireVersion());
  }

  private static void judge(Path path, List<Integer> order) {
    try (Lake lake = lake(path);
        OnlineStore online = online(path);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(checked, lake, online);
      for (int night : order) {
        jobs.monitor(Optional.empty(), nights(night, night + 1)).forEach(runner::run);
      }
    }
  }

  private static Jobs jobs(CheckedProject project, Lake lake, OnlineStore online) {
    return new Jobs(project, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
  }

  private static Lake lake(Path path) {
    return Lake.open(path.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  private static OnlineStore online(Path lake) {
    return OnlineStores.open("rocksdb:" + lake.resolve("online"));
  }

  private static Interval nights(int from, int to) {
    return Interval.of(
        TinyProject.FIRST_NIGHT.plusDays(from).atStartOfDay(ZONE).toInstant(),
        TinyProject.FIRST_NIGHT.plusDays(to).atStartOfDay(ZONE).toInstant());
  }
}
