package io.tributary.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.FailPoints;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.LakeTable;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that works on a tiny project is killed just before or just after a file becomes part of
 * what is stored; then the command is given again, and leaves what an undisturbed run leaves.
 *
 * <p>Each point begins with a copy of the lake as it is when the step begins, so that it costs
 * seconds.
 */
class ITKillPoints {
  private static final String MAIN = "io.tributary.pipeline.RunMain";
  private static final long SEED = 20240125;
  private static final int POINTS_A_STEP = 6;
  private static final int TIMED = 6;
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final String RUN = "\\d{8}T\\d{6}Z-[0-9a-f]{8}";

  /** The same settings as in a process of its own; one session for all laps in this process. */
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir static Path folder;
  private static Path project;
  private static CheckedProject checked;

  /** The same project with another decision: its night is scored again. */
  private static Path changed;

  private static Left left;
  private static Left leftAgain;
  private static final List<Point> POINTS = new ArrayList<>();

  /**
   * An instant at which a process is ended.
   *
   * @param state where it begins
   * @param step in whose work it lies
   * @param instant {@code before PATH} or {@code after PATH}, the path relative to the lake, with a
   *     star for what is random
   */
  private record Point(Path state, String step, String instant) {
    Path project() {
      return step.equals("score again") ? changed : ITKillPoints.project;
    }

    /** The runs of before, whose work is to be done again. */
    Set<RunId> overtaken() {
      return step.equals("score again")
          ? RunLog.open(state.toString()).list().stream()
              .map(RunRecord::run)
              .collect(Collectors.toSet())
          : Set.of();
    }

    Left left() {
      return step.equals("score again") ? leftAgain : ITKillPoints.left;
    }

    boolean isAt(String text) {
      return instant.contains(text);
    }
  }

  /** What a lake holds in the end. */
  private record Left(
      Map<String, String> contents,
      Map<String, Integer> work,
      Map<String, String> succeeded,
      Map<String, Integer> told) {
    static Left in(Lake lake) {
      return new Left(
          Contents.of(lake), Contents.work(lake), Contents.succeeded(lake), Contents.told(lake));
    }
  }

  @BeforeAll
  static void prepare() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, 1);
    mark();
    settle();
    checked = CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
    runStepByStep(folder.resolve("steps"));
  }

  /**
   * Until files are two seconds old they are recognized by a commit of their own, of which a later
   * process has no need.
   */
  private static void settle() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2_100));
  }

  /**
   * Has each night breach a bound, which blocks promotions. Gives a ride that is trained on, one
   * that is tested on and one that is scored a driver and a length of their own, which is a feature
   * too.
   */
  private static void mark() throws IOException {
    Path rides = project.resolve("data/rides.csv");
    String marked = Files.readString(rides);
    for (int id : List.of(300, 550, 580)) {
      marked =
          marked.replaceFirst(
              "(?m)^%d,[^,]*,[^,]*,(.*)$".formatted(id), id + ",zorkmid,918273.645,$1");
    }
    Files.writeString(rides, marked);
    Path view = project.resolve("features/last_ride.yaml");
    Files.writeString(view, Files.readString(view) + "  kilometres: kilometres\n");
    Path monitor = project.resolve("monitors/lateness.yaml");
    Files.writeString(
        monitor,
        Files.readString(monitor)
            .replace("score: [0, 1]", "score: [0, 1], mean: [0.99, 1]")
            .replace("breach: alert", "breach: block-promotion"));
  }

  /** Values that stand in one ride only are looked for wherever a log is kept. */
  @Test
  void noLogOfTheWholeWaySaysWhatIsInRows() throws IOException {
    Path lake = folder.resolve("steps");
    try (Lake kept = lake(lake)) {
      for (String table : List.of("training.lateness", "scores.next")) {
        LakeTable rows = kept.table(TableName.parse(table));
        assertThat(
                rows.read(rows.requireVersion())
                    .where("driver = 'zorkmid' or kilometres = 918273.645")
                    .count())
            .as(table)
            .isPositive();
      }
    }
    List<String> said = new ArrayList<>();
    try (Stream<Path> files = Files.walk(lake)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(
                  f ->
                      f.startsWith(lake.resolve("platform"))
                          || f.startsWith(lake.resolve("definitions"))
                          || f.toString().contains("_delta_log")
                          || f.getFileName().toString().matches("(manifest|parity)-\\d+\\.json"))
              .toList()) {
        String bytes = Files.readString(file, ISO_8859_1);
        Stream.of(
                "zorkmid",
                "918273.645",
                "9.18273645",
                "86753300",
                "8.67533",
                "86753580",
                "8.675358")
            .filter(bytes::contains)
            .forEach(marker -> said.add(marker + " in " + file));
      }
    }
    assertThat(said).isEmpty();
  }

  /** What a run can measure it has measured, and what its work has not is left out. */
  @Test
  void runsSayWhatTheyUsedPartByPart() {
    Map<String, List<Resources>> used = new TreeMap<>();
    RunLog.open(folder.resolve("steps").toString())
        .list()
        .forEach(
            run ->
                run.resources()
                    .ifPresent(
                        r -> used.computeIfAbsent(run.key().job(), j -> new ArrayList<>()).add(r)));
    assertThat(used)
        .containsOnlyKeys(
            "ingest", "materialize", "publish", "training-set", "train", "score", "monitor");
    used.forEach(
        (job, runs) -> {
          assertThat(runs)
              .as(job)
              .allSatisfy(
                  r -> {
                    assertThat(r.driverCpuSeconds().orElseThrow()).isPositive();
                    assertThat(r.peakMemoryBytes().orElseThrow()).isGreaterThan(1L << 20);
                    assertThat(r.executorCpuSeconds()).isPresent();
                    assertThat(r.rowsRead()).isPresent();
                    assertThat(r.bytesRead()).isPresent();
                    assertThat(r.nativeTrainingSeconds().isPresent())
                        .isEqualTo(job.equals("train"));
                    assertThat(r.onlineFiles().isPresent()).isEqualTo(job.equals("publish"));
                    assertThat(r.onlineBytes().isPresent()).isEqualTo(job.equals("publish"));
                  });
        });
    assertThat(used.get("train"))
        .allSatisfy(r -> assertThat(r.nativeTrainingSeconds().get()).isPositive());
    assertThat(used.get("publish"))
        .allSatisfy(
            r -> {
              assertThat(r.onlineFiles().get()).isPositive();
              assertThat(r.onlineBytes().get()).isPositive();
            });
    for (String job : List.of("ingest", "materialize", "training-set", "score")) {
      assertThat(used.get(job))
          .as(job)
          .anySatisfy(
              r -> {
                assertThat(r.executorCpuSeconds().get()).isPositive();
                assertThat(r.rowsWritten().get()).isPositive();
                assertThat(r.bytesWritten().get()).isPositive();
                if (!r.runner().equals(Optional.of("local"))) {
                  // What this process reads by itself is not counted yet.
                  assertThat(r.bytesRead().get()).isPositive();
                }
              });
    }
    if (RunnerChoice.valueOf(DrawnRunner.name()) == RunnerChoice.spark) {
      assertThat(used.get("materialize"))
          .anySatisfy(
              r -> {
                assertThat(r.shuffleBytesRead().get()).isPositive();
                assertThat(r.shuffleBytesWritten().get()).isPositive();
              });
    }
  }

  private static void scoreAgain(Path at) throws IOException {
    changed = folder.resolve("changed");
    Folders.copy(project, changed);
    Path scores = changed.resolve("scores/next.yaml");
    Files.writeString(
        scores, Files.readString(scores).replace("decide: score > 0.5", "decide: score <= 0.5"));
    settle();
    Path state = folder.resolve("before score again");
    Folders.copy(at, state);
    Path list = folder.resolve("score again.instants");
    System.setProperty(FailPoints.INSTANTS, list.toString());
    try (Lake lake = lake(at)) {
      run(changed, lake);
      leftAgain = Left.in(lake);
    } finally {
      System.clearProperty(FailPoints.INSTANTS);
    }
    POINTS.addAll(points(state, "score again", Files.readAllLines(list), at));
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  /** What is expected, each step by itself: keeps the lake before each, and the step's instants. */
  private static void runStepByStep(Path at) throws IOException {
    Pipeline pipeline = checked.project().pipelines().get("nightly");
    Interval history = pipeline.history().orElseThrow();
    Interval night = Interval.of(history.to(), pipeline.until().orElseThrow());
    try (Lake lake = lake(at);
        OnlineStore online = OnlineStores.open("rocksdb:" + at.resolve("online"))) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      Map<String, Supplier<List<Job>>> steps = new LinkedHashMap<>();
      steps.put("ingest", jobs::ingest);
      steps.put("history", () -> jobs.materialize(Optional.empty(), history));
      steps.put("training-set", () -> List.of(jobs.trainingSetOf("lateness")));
      steps.put("train", () -> List.of(jobs.train("lateness")));
      steps.put("features", () -> jobs.materialize(Optional.empty(), night));
      steps.put("publish", () -> jobs.publish(Optional.empty(), night));
      steps.put("score", () -> jobs.score(Optional.empty(), night));
      steps.put("monitor", () -> jobs.monitor(Optional.empty(), night));
      for (Map.Entry<String, Supplier<List<Job>>> step : steps.entrySet()) {
        Path state = folder.resolve("before " + step.getKey());
        Folders.copy(at, state);
        Path list = folder.resolve(step.getKey() + ".instants");
        System.setProperty(FailPoints.INSTANTS, list.toString());
        try (JobRunner runner = JobRunner.open(lake)) {
          for (Job job : step.getValue().get()) {
            assertThat(runner.run(job).outcome()).isEqualTo(Outcome.SUCCEEDED);
          }
          jobs.followUp();
        } finally {
          System.clearProperty(FailPoints.INSTANTS);
        }
        POINTS.addAll(points(state, step.getKey(), Files.readAllLines(list), at));
      }
      left = Left.in(lake);
    }
    scoreAgain(at);
  }

  private static List<Point> points(Path state, String step, List<String> instants, Path lake) {
    Set<Point> points = new LinkedHashSet<>();
    for (String instant : instants) {
      String relative = relative(instant, lake);
      points.add(new Point(state, label(step, relative), relative));
    }
    return List.copyOf(points);
  }

  /** The option that ends a process at an instant. */
  static String halt(String instant, Path lake) {
    int space = instant.indexOf(' ');
    return "-D%s=%s%s/%s"
        .formatted(
            FailPoints.HALT, instant.substring(0, space + 1), lake, instant.substring(space + 1));
  }

  /**
   * Runs a command on a lake in a process that ends at an instant, which it has to reach.
   *
   * @param words its main class and what that is given
   */
  static void haltedAt(String instant, Path lake, String... words) throws Exception {
    Path said = output(lake);
    Process process =
        JavaProcess.of(List.of(halt(instant, lake)), words)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    assertThat(ended && process.exitValue() == FailPoints.HALTED)
        .as("%s was reached; it said: %s", instant, Files.readString(said))
        .isTrue();
  }

  /** An instant with its path relative to the lake, and a star for what is random. */
  static String relative(String instant, Path lake) {
    return instant
        .replace(lake + "/", "")
        .replaceAll(UUID, "*")
        .replaceAll(RUN, "*")
        .replaceAll("[0-9a-f]{64}\\.sst", "*.sst")
        .replaceFirst("locks/([a-z-]+)-[0-9a-f]+-\\*", "locks/$1-*");
  }

  private static String label(String step, String path) {
    if (path.matches(".* (quarantine|validated|platform/quality|platform/metrics)/.*")) {
      return "gate";
    }
    if (path.contains(" platform/registry/")) {
      return "register";
    }
    if (path.contains(" platform/notices/")) {
      return "notice";
    }
    return step.equals("history") ? "features" : step;
  }

  @Test
  void aFewPointsLeaveWhatAnUndisturbedRunLeaves() throws Exception {
    Map<String, List<String>> differences =
        trials(
            List.of(
                point("gate", "before validated/rides/_delta_log/"),
                point("register", "after platform/registry/_delta_log/00000000000000000000.json"),
                point("notice", "after platform/notices/_delta_log/00000000000000000000.json"),
                point("publish", "after online/last_ride_v1/manifest-"),
                point(
                    "score again", "after superseded/next/_delta_log/00000000000000000000.json")));
    assertThat(differences.values().stream().flatMap(List::stream)).isEmpty();
  }

  @Test
  @Tag("long")
  void manyPointsLeaveWhatAnUndisturbedRunLeaves() throws Exception {
    List<Point> sample = List.copyOf(sample());
    Map<String, Integer> tried = new LinkedHashMap<>();
    sample.forEach(point -> tried.merge(point.step(), 1, Integer::sum));
    Map<String, List<String>> differences = trials(sample);

    Path whole = folder.resolve("whole");
    long longest = timedRun(whole, TimeUnit.MINUTES.toNanos(5));
    try (Lake lake = lake(whole)) {
      assertThat(Contents.of(lake)).isEqualTo(left.contents());
    }
    Random random = new Random(SEED);
    for (int i = 0; i < TIMED; i++) {
      long nanos = (long) (longest * random.nextDouble());
      Path lake = folder.resolve("timed" + i);
      timedRun(lake, nanos);
      tried.merge("by the clock", 1, Integer::sum);
      differences
          .computeIfAbsent("by the clock", s -> new ArrayList<>())
          .addAll(again(lake, "after %.1f s".formatted(nanos / 1e9), project, Set.of(), left));
    }
    String table = table(tried, differences);
    Files.writeString(Path.of("target", "kill-points.txt"), table);
    System.out.println(table);
    assertThat(tried.values().stream().mapToInt(Integer::intValue).sum())
        .isGreaterThanOrEqualTo(50);
    assertThat(differences.values().stream().flatMap(List::stream)).isEmpty();
  }

  /** Some points of each step by the seed, and the commits of tables beside those tried always. */
  private static Set<Point> sample() {
    Map<String, List<Point>> bySteps = new LinkedHashMap<>();
    for (Point point : POINTS) {
      bySteps.computeIfAbsent(point.step(), s -> new ArrayList<>()).add(point);
    }
    Set<Point> sample =
        new LinkedHashSet<>(
            List.of(
                point("monitor", "after monitor/lateness/_delta_log/00000000000000000000.json"),
                point("score", "after scores/next/_delta_log/00000000000000000000.json"),
                point("score again", "after scores/next/_delta_log/00000000000000000001.json")));
    bySteps.forEach(
        (step, points) -> {
          List<Point> shuffled = new ArrayList<>(points);
          Collections.shuffle(shuffled, new Random(SEED));
          Set<Point> chosen = new LinkedHashSet<>();
          shuffled.stream()
              .filter(ITKillPoints::isCommit)
              .limit(POINTS_A_STEP - 2)
              .forEach(chosen::add);
          shuffled.stream()
              .filter(p -> !chosen.contains(p))
              .limit(POINTS_A_STEP - (long) chosen.size())
              .forEach(chosen::add);
          sample.addAll(chosen);
        });
    return sample;
  }

  /**
   * Whether a table, a manifest, an artefact has just become, or is about to become, the new one.
   */
  private static boolean isCommit(Point point) {
    return point
        .instant()
        .matches(".*(_delta_log/\\d+\\.json|manifest-\\d+\\.json|models/[0-9a-f]{64})");
  }

  private static Point point(String step, String instant) {
    return POINTS.stream()
        .filter(p -> p.step().equals(step) && p.isAt(instant))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no point " + instant + " in " + POINTS));
  }

  /**
   * Kills a process at each point, gives the command again, and says what differs, by step. While
   * one command is given again here, the next process is on its way to its end.
   */
  private static Map<String, List<String>> trials(List<Point> points) throws Exception {
    Map<String, List<String>> differences = new LinkedHashMap<>();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      List<Future<Path>> killed =
          points.stream().map(point -> thread.submit(() -> killedAt(point))).toList();
      for (int i = 0; i < points.size(); i++) {
        Path lake = killed.get(i).get();
        Point point = points.get(i);
        List<String> found =
            again(lake, point.instant(), point.project(), point.overtaken(), point.left());
        System.out.println(point.step() + ", " + point.instant() + ": " + found);
        differences.computeIfAbsent(point.step(), s -> new ArrayList<>()).addAll(found);
        Folders.delete(lake);
      }
    } finally {
      thread.shutdownNow();
    }
    return differences;
  }

  private static Path killedAt(Point point) throws Exception {
    // A path of its own: this process keeps what it has read of a table by its path.
    Path lake = Files.createTempDirectory(folder, "point");
    Folders.copy(point.state(), lake);
    haltedAt(point.instant(), lake, MAIN, point.project().toString(), "--lake", lake.toString());
    return lake;
  }

  private static List<String> again(
      Path path, String name, Path project, Set<RunId> overtaken, Left left) {
    List<String> differences = new ArrayList<>();
    Set<JobKey> finished =
        RunLog.open(path.toString()).list().stream()
            .filter(r -> r.outcome() == Outcome.SUCCEEDED)
            .filter(r -> !overtaken.contains(r.run()))
            .map(RunRecord::key)
            .collect(Collectors.toSet());
    try (Lake lake = lake(path)) {
      List<StepRun> steps = run(project, lake);
      for (StepRun step : steps) {
        if (finished.contains(step.record().key())
            && step.record().outcome() != Outcome.UNCHANGED) {
          differences.add(name + ": did again " + step.record().key());
        }
      }
      Left found = Left.in(lake);
      differences.addAll(differences(name, left.contents(), found.contents()));
      differences.addAll(differences(name, left.work(), found.work()));
      differences.addAll(differences(name, left.succeeded(), found.succeeded()));
      differences.addAll(differences(name, left.told(), found.told()));
    }
    return differences;
  }

  private static List<String> differences(
      String name, Map<String, ?> expected, Map<String, ?> found) {
    Set<String> keys = new LinkedHashSet<>(expected.keySet());
    keys.addAll(found.keySet());
    return keys.stream()
        .filter(k -> !String.valueOf(expected.get(k)).equals(String.valueOf(found.get(k))))
        .map(k -> name + ": " + k + " is " + found.get(k) + ", not " + expected.get(k))
        .toList();
  }

  private static List<StepRun> run(Path project, Lake lake) {
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(lake.uri())));
    try (OnlineStore online =
            OnlineStores.open("rocksdb:" + Path.of(lake.uri()).resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Pipeline nightly = checked.project().pipelines().get("nightly");
      Flow flow =
          new Flow(
              new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name())),
              nightly,
              PipelineGraph.of(checked.project(), nightly),
              checked.project().zone(),
              runner);
      flow.runAll();
      return flow.done();
    }
  }

  /** Runs the whole command in a process for at most so long; returns how long it ran. */
  private static long timedRun(Path lake, long nanos) throws Exception {
    long start = System.nanoTime();
    Process process = start(project, lake);
    if (!process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return System.nanoTime() - start;
  }

  private static Process start(Path project, Path lake) throws IOException {
    return JavaProcess.of(List.of(), MAIN, project.toString(), "--lake", lake.toString())
        .redirectErrorStream(true)
        .redirectOutput(output(lake).toFile())
        .start();
  }

  private static Path output(Path lake) {
    return lake.resolveSibling(lake.getFileName() + ".out");
  }

  private static String table(Map<String, Integer> tried, Map<String, List<String>> differences) {
    StringBuilder table =
        new StringBuilder("%-14s %6s %12s%n".formatted("step", "points", "differences"));
    tried.forEach(
        (step, points) ->
            table.append("%-14s %6d %12d%n".formatted(step, points, differences.get(step).size())));
    table.append(
        "%-14s %6d %12d%n"
            .formatted(
                "all",
                tried.values().stream().mapToInt(Integer::intValue).sum(),
                differences.values().stream().mapToInt(List::size).sum()));
    return table.toString();
  }

  private static Lake lake(Path path) {
    return Lake.open(path.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }
}
