package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.FailPoints;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.CommitLog;
import io.tributary.events.facts.CleaningFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.pipeline.CleaningPlan.Kind;
import io.tributary.pipeline.CleaningPlan.Removal;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.keeping.Kept;
import io.tributary.registry.keeping.TableFiles;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A lake of which much was made twice, and some for nothing, is cleaned with the shortest
 * retention: whatever somebody may go back to is as it was, and the rest is gone.
 */
class ITClean {
  private static final RunnerChoice RUNNER = RunnerChoice.valueOf(DrawnRunner.name());
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Interval HISTORY =
      Interval.parse("2023-12-31T23:00:00Z/2024-01-24T23:00:00Z");
  private static final Interval FIRST = Interval.day(TinyProject.FIRST_NIGHT, BERLIN);
  private static final Interval SECOND = Interval.day(TinyProject.FIRST_NIGHT.plusDays(1), BERLIN);
  private static final Principal ADA = Principal.osUser("ada");
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir static Path folder;
  private static Path project;
  private static Path made;
  private static long releasedBuild;

  @BeforeAll
  static void makeTheLake() throws IOException {
    project = folder.resolve("project");
    made = folder.resolve("lake");
    TinyProject.write(project, 2);
    edit("tributary.yaml", text -> text + "retention: 1d\n");
    edit("features/last_ride.yaml", text -> text + "accuracy: snapshot\npublish-delay: 1h\n");
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 24 * 26));
    try (Lake lake = lake(made);
        OnlineStore online = online(made);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      jobs.materialize(Optional.empty(), HISTORY).forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      night(jobs, runner, FIRST);
      elsewhere();

      // Rides of the first night that come late: it is done again.
      Files.writeString(
          project.resolve("data/rides2.csv"),
          TinyProject.rides(24 * 26, 24 * 27)
              + "10001,a,3,2024-01-25T06:30:00Z,50\n10002,b,3,2024-01-25T09:30:00Z,1\n");
      jobs.ingest().forEach(runner::run);
      night(jobs, runner, FIRST);
      night(jobs, runner, SECOND);

      // Builds: the second one is trained on, the third by nobody, the fourth is the newest.
      for (String label : List.of("delay > 16", "delay > 17", "delay > 18")) {
        edit("training-sets/lateness.yaml", text -> text.replaceFirst("delay > 1\\d", label));
        jobs = jobs(lake, online);
        runner.run(jobs.trainingSetOf("lateness"));
        if (label.endsWith("16")) {
          for (int seed : List.of(2, 3, 4)) {
            train(lake, online, runner, seed);
          }
        }
      }
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      registry.hold("lateness", 4, ADA, "asked for");
      registry.retire("lateness", 3, ADA, "of no use");
      for (String archive : List.of("kept.zip", "retired.zip")) {
        registry("import", folder.resolve(archive).toString());
      }
      registry.retire("lateness", 6, ADA, "of no use");
      releasedBuild = lake.find(TableName.of("training", "lateness")).orElseThrow().version() - 1;
    }
    leave();
  }

  /** Two versions of another lake, of different training sets, as archives with their rows. */
  private static void elsewhere() throws IOException {
    Path other = folder.resolve("other");
    Folders.copy(made, other);
    LakeIdentity.renew(other.toString());
    Path before = folder.resolve("before");
    Folders.copy(project, before);
    try (Lake lake = lake(other);
        OnlineStore online = online(other);
        JobRunner runner = JobRunner.open(lake)) {
      for (String label : List.of("delay > 14", "delay > 13")) {
        edit("training-sets/lateness.yaml", text -> text.replaceFirst("delay > 1\\d", label));
        runner.run(jobs(lake, online).trainingSetOf("lateness"));
        train(lake, online, runner, label.endsWith("4") ? 7 : 8);
      }
    }
    for (Map.Entry<String, String> archive :
        Map.of("lateness@2", "kept.zip", "lateness@3", "retired.zip").entrySet()) {
      assertThat(
              Answered.by(
                      "registry",
                      project,
                      other.toString(),
                      "export",
                      archive.getKey(),
                      "--to",
                      folder.resolve(archive.getValue()).toString(),
                      "--with-data")
                  .err())
          .isEmpty();
    }
    for (String file : List.of("training-sets/lateness.yaml", "models/lateness.yaml")) {
      Files.writeString(project.resolve(file), Files.readString(before.resolve(file)));
    }
  }

  /** What killed runs, and sources that are no more, leave. */
  private static void leave() throws IOException {
    for (String file :
        List.of(
            "validated/rides/part-00000-uncommitted.snappy.parquet",
            "platform/staging/former/" + "ab".repeat(32) + ".jsonl.gz",
            "models/" + "cd".repeat(32) + "/bundle.json",
            "imported/" + "ef".repeat(32) + "/part-00001.parquet",
            "definitions/.x.01234567-89ab-cdef-0123-456789abcdef.tmp",
            "online/last_ride_v1/" + "01".repeat(32) + ".sst")) {
      Files.createDirectories(made.resolve(file).getParent());
      Files.writeString(made.resolve(file), "left");
    }
  }

  private static void night(Jobs jobs, JobRunner runner, Interval night) {
    jobs.materialize(Optional.empty(), night).forEach(runner::run);
    jobs.publish(Optional.empty(), night).forEach(runner::run);
    jobs.score(Optional.empty(), night).forEach(runner::run);
    jobs.monitor(Optional.empty(), night).forEach(runner::run);
  }

  private static void train(Lake lake, OnlineStore online, JobRunner runner, int seed)
      throws IOException {
    edit("models/lateness.yaml", text -> text.replaceFirst("seed: \\d", "seed: " + seed));
    runner.run(jobs(lake, online).train("lateness"));
  }

  private static void edit(String file, UnaryOperator<String> how) throws IOException {
    Path path = project.resolve(file);
    Files.writeString(path, how.apply(Files.readString(path)));
  }

  private static Answered registry(String... words) {
    Answered answered = Answered.by("registry", project, made.toString(), words);
    assertThat(answered.code()).as(answered.err()).isZero();
    return answered;
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  private static Lake lake(Path at) {
    return Lake.open(at.toString(), Duration.ofDays(1), SESSION);
  }

  private static OnlineStore online(Path at) {
    return OnlineStores.open("rocksdb:" + at.resolve("online"));
  }

  private static Jobs jobs(Lake lake, OnlineStore online) {
    return new Jobs(CheckedProject.check(read()), lake, online, RUNNER);
  }

  private static Project read() {
    return ProjectReader.read(project, Map.of(), Optional.empty());
  }

  /** The age at which nothing stays for its age: of a lake that was made just now. */
  private static Instant later() {
    return Instant.now().plus(Kept.LEAST).plus(Duration.ofDays(1));
  }

  /** A copy whose files have their times. */
  private static Path copy(String name) throws IOException {
    Path copy = folder.resolve(name);
    Folders.copy(made, copy);
    return copy;
  }

  /** The size of each file, by its path. */
  private static Map<String, Digest> files(Path lake) throws IOException {
    Map<String, Digest> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(lake)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(lake.relativize(file).toString(), Digest.of(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  private static Set<String> named(CleaningPlan plan, Path lake) throws IOException {
    Set<String> named = new TreeSet<>();
    for (Removal removal : plan.removals()) {
      Path root =
          removal
              .table()
              .map(table -> lake.resolve(table.layer()).resolve(table.subject()))
              .orElse(lake);
      for (CleaningPlan.Entry entry : removal.entries()) {
        try (Stream<Path> all = Files.walk(root.resolve(entry.path()))) {
          all.filter(Files::isRegularFile)
              .flatMap(file -> Stream.of(file, TableFiles.checksum(file)))
              .filter(Files::exists)
              .forEach(file -> named.add(lake.relativize(file).toString()));
        }
      }
    }
    return named;
  }

  private static List<String> of(CleaningPlan plan, Kind kind) {
    return plan.removals().stream()
        .filter(removal -> removal.kind() == kind)
        .map(Removal::of)
        .toList();
  }

  @Test
  void saysWhatGoesAndWhoKeepsTheRest() throws IOException {
    Path at = copy("told");
    Map<String, Digest> before = files(at);
    try (Lake lake = lake(at);
        OnlineStore online = online(at)) {
      CleaningPlan plan = new Cleaning(read(), lake, online, later()).plan();
      assertThat(files(at)).as("a plan changes nothing").isEqualTo(before);
      assertThat(plan.leftAlone()).isEmpty();
      assertThat(of(plan, Kind.PUBLICATIONS)).containsExactly("driver_history_v1", "last_ride_v1");
      assertThat(of(plan, Kind.UNPUBLISHED)).containsExactly("last_ride_v1");
      assertThat(of(plan, Kind.ARTEFACTS)).containsExactlyInAnyOrder("lateness@3", "lateness@6");
      assertThat(of(plan, Kind.IMPORTED)).hasSize(1);
      assertThat(of(plan, Kind.STAGED)).hasSize(1);
      assertThat(of(plan, Kind.LEFTOVERS))
          .containsExactly(
              "temporary files",
              "artefacts that no model version has",
              "imported rows that no model version has");
      assertThat(of(plan, Kind.TABLE_FILES)).contains("training.lateness", "validated.rides");
      assertThat(plan.keeps())
          .extracting(keeping -> keeping.table() + " for " + keeping.by())
          .contains(
              "training.lateness for model lateness@1",
              "training.lateness for model lateness@2",
              "training.lateness for model lateness@4, held",
              "features.last_ride_v1 for score next");
      assertThat(plan.keeps())
          .allSatisfy(
              keeping -> {
                assertThat(keeping.bytes()).isPositive();
                assertThat(keeping.onlyBytes()).isBetween(0L, keeping.bytes());
              });
      assertThat(new Cleaning(read(), lake, online, Instant.now()).plan().removals())
          .as("nothing is old")
          .isEmpty();
    }
  }

  /** What is told is what goes; what is left is all that somebody may go back to. */
  @Test
  void removesWhatItSaidAndNothingElse() throws IOException {
    Path at = copy("cleaned");
    Map<String, Digest> before;
    Map<String, String> contents;
    Map<String, String> again;
    Set<String> named;
    CleaningPlan plan;
    try (Lake lake = lake(at);
        OnlineStore online = online(at)) {
      contents = Contents.of(lake);
      again = goneBackTo(lake);
      before = files(at);
      plan = new Cleaning(read(), lake, online, later()).plan();
      named = named(plan, at);
      List<Removal> removed = new ArrayList<>();
      assertThat(new Cleaning(read(), lake, online, later()).carryOut(plan, removed::add))
          .isEmpty();
      assertThat(removed).isEqualTo(plan.removals());
    }
    Map<String, Digest> after = files(at);
    Set<String> gone = new TreeSet<>(before.keySet());
    gone.removeAll(after.keySet());
    assertThat(gone).isEqualTo(named).hasSizeGreaterThan(20);
    assertThat(after.keySet().stream().filter(file -> !before.containsKey(file)))
        .as("what Delta says of it")
        .allMatch(file -> file.contains("/_delta_log/"));
    before.forEach(
        (file, digest) -> {
          if (after.containsKey(file) && !file.contains("/_delta_log/")) {
            assertThat(after.get(file)).as(file).isEqualTo(digest);
          }
        });
    try (Lake lake = lake(at);
        OnlineStore online = online(at);
        JobRunner runner = JobRunner.open(lake)) {
      assertThat(Contents.of(lake)).isEqualTo(contents);
      assertThat(goneBackTo(lake)).isEqualTo(again);
      CleaningPlan next = new Cleaning(read(), lake, online, later()).plan();
      assertThat(next.removals()).as("nothing is left to remove").isEmpty();
      assertThat(next.keeps()).isEqualTo(plan.keeps());
      publishesScoresAndMonitorsOldNights(lake, online, runner);
    }
  }

  /** What is made again, or derived again, of all that the lake keeps; by what it came to. */
  private static Map<String, String> goneBackTo(Lake lake) {
    Map<String, String> came = new TreeMap<>();
    Reproducer reproducer = new Reproducer(lake, RUNNER, line -> {});
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    for (long number = 1; number <= 6; number++) {
      ModelVersion version = registry.find("lateness@" + number).version();
      came.put(
          "registry show " + number,
          Answered.by("registry", project, lake.uri(), "show", "lateness@" + number, "--json")
              .out());
      if (number != 3 && number != 6) {
        Reproduction made = reproducer.model(version);
        assertThat(made.found()).as(made.why().toString()).contains(version.artefact().digest());
        came.put("reproduce " + number, made.found() + " of " + made.rows());
        came.put("bundle " + number, registry.artefact(version).keySet().toString());
      }
    }
    for (String table : List.of("scores.next", "superseded.next")) {
      TableName name = TableName.parse(table);
      List<String> ids =
          lake.table(name).read(lake.find(name).orElseThrow()).collectAsList().stream()
              .map(row -> row.<String>getAs("_prediction_id"))
              .distinct()
              .toList();
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids);
      assertThat(links.broken()).as(table).isEmpty();
      assertThat(links.answers()).isPositive();
      came.put("verify " + table, links.proven().toString());
    }
    return came;
  }

  private static void publishesScoresAndMonitorsOldNights(
      Lake lake, OnlineStore online, JobRunner runner) throws IOException {
    Jobs jobs = jobs(lake, online);
    for (Interval night : List.of(HISTORY, FIRST, SECOND)) {
      for (Job publish : jobs.publish(Optional.empty(), night)) {
        assertThat(runner.run(publish).outcome()).isIn(Outcome.SUCCEEDED, Outcome.UNCHANGED);
      }
    }
    Path before = folder.resolve("before-again");
    Folders.copy(project, before);
    try {
      edit("scores/next.yaml", text -> text.replace("score > 0.5", "score > 0.4"));
      edit("monitors/lateness.yaml", text -> text.replace("psi: 0.2", "psi: 0.3"));
      Jobs changed = jobs(lake, online);
      for (Interval night : List.of(FIRST, SECOND)) {
        changed
            .monitor(Optional.empty(), night)
            .forEach(job -> assertThat(runner.run(job).outcome()).isEqualTo(Outcome.SUCCEEDED));
        changed
            .score(Optional.empty(), night)
            .forEach(job -> assertThat(runner.run(job).outcome()).isEqualTo(Outcome.SUCCEEDED));
      }
    } finally {
      for (String file : List.of("scores/next.yaml", "monitors/lateness.yaml")) {
        Files.writeString(project.resolve(file), Files.readString(before.resolve(file)));
      }
    }
  }

  /** Rows stay as they are, and no value of people's columns gets into the log. */
  @Test
  void writesSmallFilesTogether() throws IOException {
    Path at = copy("small");
    TableName rides = TableName.of("bronze", "rides");
    try (Lake lake = lake(at);
        OnlineStore online = online(at)) {
      String contents = Contents.of(lake).get(rides.toString());
      lake.table(rides)
          .read(lake.find(rides).orElseThrow())
          .repartition(40)
          .write()
          .format("delta")
          .mode("overwrite")
          .save(lake.path(rides));
      CleaningPlan plan = new Cleaning(read(), lake, online, Instant.now()).plan();
      assertThat(plan.compactions())
          .singleElement()
          .satisfies(
              compaction -> {
                assertThat(compaction.table()).isEqualTo(rides);
                assertThat(compaction.files()).isEqualTo(40);
              });
      assertThat(plan.removals()).as("the many are young").isEmpty();
      new Cleaning(read(), lake, online, Instant.now()).carryOut(plan, removal -> {});
      assertThat(Contents.of(lake)).containsEntry(rides.toString(), contents);
      long version = lake.find(rides).orElseThrow().version();
      assertThat(CommitLog.open(lake.path(rides)).files(version)).hasSize(1);
      assertThat(
              Files.readString(at.resolve("bronze/rides/_delta_log/%020d.json".formatted(version))))
          .contains("OPTIMIZE", "_delivery")
          .doesNotContain("kilometres", "driver");
      CleaningPlan later = new Cleaning(read(), lake, online, later()).plan();
      assertThat(later.compactions()).isEmpty();
      assertThat(later.removals())
          .filteredOn(removal -> removal.of().equals(rides.toString()))
          .singleElement()
          .satisfies(removal -> assertThat(removal.entries()).hasSizeGreaterThanOrEqualTo(40));
    }
  }

  /** An owner that is left out loses its files: each rule holds something that no other does. */
  @Test
  void nothingOfTheRetiredVersionAndTheBuildThatNobodyTrainedOnIsKept() throws IOException {
    Path at = copy("of-nobody");
    try (Lake lake = lake(at);
        OnlineStore online = online(at)) {
      Cleaning cleaning = new Cleaning(read(), lake, online, later());
      cleaning.carryOut(cleaning.plan(), removal -> {});
      TableName training = TableName.of("training", "lateness");
      assertThat(readable(lake, training, releasedBuild)).isFalse();
      for (long version = 0; version < releasedBuild; version++) {
        assertThat(readable(lake, training, version)).as("build of version " + version).isTrue();
      }
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      assertThatThrownBy(() -> registry.artefact(registry.find("lateness@3").version()))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("Cannot use artefact");
      assertThat(registry("show", "lateness@3").out()).contains("retired");
    }
  }

  private static boolean readable(Lake lake, TableName table, long version) throws IOException {
    String id = lake.find(table).orElseThrow().id();
    Path root = Path.of(lake.path(table));
    return CommitLog.open(root.toString()).files(version).stream()
        .allMatch(file -> Files.exists(root.resolve(file)) && !id.isEmpty());
  }

  @Test
  void leavesALakeAloneThatIsBeingWritten() throws IOException {
    Path at = copy("busy");
    Map<String, Digest> before = files(at);
    JobKey key = JobKey.of("score", "next", FIRST);
    JobLocks locks = new JobLocks(at);
    RunId run = RunId.startingAt(Instant.now());
    JobLocks.Holder holder;
    try (Lake lake = lake(at)) {
      holder =
          new JobLocks.Holder(
              run, key, key, 1, Instant.now(), ProcessHandle.current().pid(), lake.environment());
    }
    try (JobLocks.Share share = locks.share(() -> {});
        JobLocks.Held held = locks.acquire(holder)) {
      assertThat(locks.alone()).isEmpty();
      assertThatThrownBy(() -> CleanMain.alone(at, locks))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("run " + run + " of score next")
          .hasMessageContaining("Clean it when that has ended; nothing was changed.");
    }
    before.keySet().forEach(file -> assertThat(at.resolve(file)).exists());
    try (JobLocks.Lock alone = locks.alone().orElseThrow()) {
      assertThat(locks.alone()).as("one cleans").isEmpty();
    }
  }

  /** A command in a process of its own, by a later clock; what it answered. */
  private static JsonNode clean(Path at, int exit, String option, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                CleanLater.class.getName(),
                "--project",
                project.toString(),
                "--lake",
                at.toString(),
                "--json"));
    words.addAll(List.of(more));
    Path out = at.resolveSibling(at.getFileName() + ".out");
    Process process =
        JavaProcess.of(List.of(option), words.toArray(String[]::new))
            .redirectOutput(out.toFile())
            .redirectError(at.resolveSibling(at.getFileName() + ".err").toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String said = Files.readString(out);
    assertThat(process.exitValue()).as(said).isEqualTo(exit);
    return said.lines()
        .filter(line -> line.startsWith("{"))
        .findFirst()
        .map(line -> Json.read(line, JsonNode.class))
        .orElse(null);
  }

  /** The data of a lake: what is neither a log nor about runs. */
  private static Map<String, Digest> data(Path at) throws IOException {
    Map<String, Digest> data = files(at);
    data.keySet()
        .removeIf(
            file ->
                file.contains("_delta_log")
                    || (file.startsWith("platform/") && !file.startsWith("platform/staging")));
    return data;
  }

  private static List<RunRecord> cleanings(Path at) {
    return RunLog.open(at.toString()).list().stream()
        .filter(run -> run.key().job().equals("clean"))
        .toList();
  }

  @Test
  void aCommandThatIsKilledIsCompletedByTheNext() throws Exception {
    killedAndDoneAgain(List.of("after models/01"));
  }

  @Test
  @Tag("long")
  void aCommandThatIsKilledElsewhereIsCompletedByTheNext() throws Exception {
    killedAndDoneAgain(
        List.of(
            "after online/driver_history_v1/manifest-000000000001.json",
            "before models/.",
            "after training/lateness/_delta_log/"));
  }

  /** Whenever it is killed, it does the rest when it is started again; and each is on record. */
  private static void killedAndDoneAgain(List<String> killed) throws Exception {
    Path whole = copy("whole-" + killed.size());
    Map<String, Digest> before = files(whole);
    JsonNode told = clean(whole, 0, "-Dx=y", "--dry-run");
    assertThat(files(whole)).as("a dry run changes no byte").isEqualTo(before);
    Path instants = folder.resolve("instants-" + killed.size());
    JsonNode done = clean(whole, 0, "-D" + FailPoints.INSTANTS + "=" + instants);
    assertThat(done.get("plan").get("removals")).isEqualTo(told.get("plan").get("removals"));
    assertThat(done.get("bytes")).isEqualTo(told.get("bytes"));
    assertThat(cleanings(whole))
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.outcome()).isEqualTo(Outcome.SUCCEEDED);
              CleaningFacts facts = run.facts(CleaningFacts.class).orElseThrow();
              assertThat(facts.removed().stream().mapToLong(CleaningFacts.Removed::files).sum())
                  .isEqualTo(told.get("files").asLong());
              assertThat(facts.removed())
                  .extracting(CleaningFacts.Removed::of)
                  .contains("lateness@3", "training.lateness");
            });
    Map<String, Digest> left = data(whole);
    assertThat(left.keySet()).isSubsetOf(before.keySet());

    List<String> points =
        Files.readAllLines(instants).stream()
            .map(instant -> ITKillPoints.relative(instant, whole))
            .distinct()
            .toList();
    for (String wanted : killed) {
      String point =
          points.stream()
              .filter(instant -> instant.startsWith(wanted))
              .findFirst()
              .or(
                  () ->
                      points.stream()
                          .filter(i -> i.startsWith(wanted.substring(0, 13)))
                          .findFirst())
              .orElseThrow(() -> new IllegalStateException("no " + wanted + " in " + points));
      Path at = copy("killed-" + points.indexOf(point));
      clean(at, FailPoints.HALTED, ITKillPoints.halt(point, at));
      assertThat(data(at)).as(point).isNotEqualTo(left);
      try (OnlineStore online = online(at)) {
        online
            .views()
            .forEach(view -> online.publications(view).forEach(p -> online.rows(p).close()));
      }
      clean(at, 0, "-Dx=y");
      assertThat(data(at)).as(point).isEqualTo(left);
      assertThat(cleanings(at))
          .as(point)
          .extracting(RunRecord::outcome)
          .containsExactly(Outcome.FAILED, Outcome.SUCCEEDED);
    }
    assertThat(clean(whole, 0, "-Dx=y").get("files").asLong()).isZero();
    assertThat(cleanings(whole)).as("nothing was done").hasSize(1);
  }
}
