package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.console.AirflowProjectFolder.Said;
import io.tributary.console.airflow.Airflow;
import io.tributary.console.airflow.Backfill;
import io.tributary.console.airflow.Dag;
import io.tributary.console.airflow.DagRun;
import io.tributary.console.airflow.Following;
import io.tributary.console.airflow.Health;
import io.tributary.console.airflow.ImportError;
import io.tributary.console.airflow.LogMessage;
import io.tributary.console.airflow.Patience;
import io.tributary.console.airflow.Pool;
import io.tributary.console.airflow.SignIn;
import io.tributary.console.airflow.TaskInstance;
import io.tributary.core.Json;
import io.tributary.testing.AirflowServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and client on a real Airflow, which all tests share, each with nights of its own. */
class ITAirflow {
  private static final Instant START = Instant.parse("2014-06-01T00:00:00Z");

  @TempDir private static Path folder;
  private static Path dags;
  private static AirflowServer server;
  private static AirflowProjectFolder project;

  @BeforeAll
  static void start() throws IOException {
    dags = Files.createDirectories(folder.resolve("dags"));
    try (InputStream tiny = ITAirflow.class.getResourceAsStream("/airflow/tiny.py")) {
      Files.copy(tiny, dags.resolve("tiny.py"));
    }
    project = AirflowProjectFolder.write(folder.resolve("tiny"), "");
    server = AirflowServer.start(dags, Map.of());
    Airflow airflow = airflow(server.url().toString(), new ArrayList<>());
    awaited("the DAGs", () -> airflow.dags("tributary:tiny").size() == 5);
    airflow.unpause("tiny.nightly");
    airflow.unpause("tiny.train");
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private static Airflow airflow(String url, List<String> notes) {
    return Airflow.at(
        URI.create(url),
        SignIn.of(environment(url)),
        new Patience(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(100)),
        notes::add);
  }

  private static Map<String, String> environment(String url) {
    return AirflowProjectFolder.environment(URI.create(url), server.user(), server.password());
  }

  private static Said run(String... words) {
    Said said = project.run(environment(server.url().toString()), words);
    assertThat(said.out() + said.err()).doesNotContain(server.password(), "Bearer", "eyJ");
    return said;
  }

  private static JsonNode json(String... words) {
    String[] all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = "--json";
    return Json.read(run(all).out(), JsonNode.class);
  }

  /** Looks until something is so; its time is the test's own. */
  private static void awaited(String what, BooleanSupplier isSo) {
    Instant end = Instant.now().plusSeconds(120);
    while (!isSo.getAsBoolean()) {
      assertThat(Instant.now()).as("waited too long for " + what).isBefore(end);
      LockSupport.parkNanos(200_000_000L);
    }
  }

  @Test
  void asksForNothingThatTheServerDoesNotDescribe() throws IOException {
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      Airflow airflow = airflow(proxy.url().toString(), new ArrayList<>());
      airflow.health();
      airflow.importErrors();
      airflow.dags("tributary:tiny");
      airflow.dag("look", "tiny.train");
      airflow.unpause("tiny.train");
      airflow.lastRun("tiny.train");
      airflow.runs("tiny.train", Instant.EPOCH, Instant.EPOCH);
      airflow.runsWith("tiny.train", "x");
      airflow.runsByAssets("tiny.train");
      airflow.trigger("tiny.train", "described", Map.of("c", "d"), Optional.of(START));
      var following = new Following(airflow, ZoneOffset.UTC, Duration.ofSeconds(1), line -> {});
      assertThat(following.follow("tiny.train", "described").exitCode()).isZero();
      airflow.trigger("tiny.train", "early", Map.of(), Optional.of(Instant.EPOCH));
      assertThat(following.follow("tiny.train", "early").reason())
          .contains("it ran no task, as its logical date is before the start date of its DAG");
      var task = airflow.tasks("tiny.train", "described").get(0);
      assertThat(airflow.exitCode("tiny.train", task)).isEmpty();
      assertThat(airflow.intervalsOfEvents(airflow.run("tiny.train", "described").orElseThrow()))
          .isEmpty();
      List<LogMessage> log = new ArrayList<>();
      airflow.log("tiny.train", task, 1, log::add);
      assertThat(log).isNotEmpty();
      var clearing = new Airflow.Clearing("tiny.train", "described", List.of("train"), true, true);
      airflow.wouldClear(clearing);
      airflow.clear(clearing);
      airflow.wouldBackfill(
          new Airflow.Span("tiny.nightly", Instant.EPOCH, Instant.EPOCH, 1, "completed"));
      airflow.backfills("tiny.nightly");
      assertThatThrownBy(
              () ->
                  airflow.backfill(
                      new Airflow.Span("tiny.train", Instant.EPOCH, Instant.EPOCH, 1, "failed")))
          .hasMessageContaining("non-periodic");
      for (Airflow.BackfillChange change : Airflow.BackfillChange.values()) {
        assertThatThrownBy(() -> airflow.change(999, change)).hasMessageContaining("404");
      }
      assertThatThrownBy(() -> airflow.backfill(999)).hasMessageContaining("404");
      airflow.makePool("described", 1, "For a test.");
      airflow.pool("described");
      airflow.resizePool("described", 2);

      List<FaultyProxy.Request> seen = proxy.seen(" /api/v2/");
      assertThat(seen).hasSizeGreaterThan(25);
      AirflowDescription description = description();
      seen.forEach(description::requireKnown);
      description.requireGives("DAGResponse", Dag.class);
      description.requireGives("DAGRunResponse", DagRun.class);
      description.requireGives("TaskInstanceResponse", TaskInstance.class);
      description.requireGives("ImportErrorResponse", ImportError.class);
      description.requireGives("BackfillResponse", Backfill.class);
      description.requireGives("PoolResponse", Pool.class);
      description.requireGives("HealthInfoResponse", Health.class);
      for (String part : List.of("Scheduler", "Triggerer", "DagProcessor")) {
        description.requireGives(part + "InfoResponse", Health.Part.class);
      }
      description.requireHas("DAGCollectionResponse", "dags", "total_entries");
      description.requireHas("DAGRunCollectionResponse", "dag_runs", "total_entries");
      description.requireHas("TaskInstanceCollectionResponse", "task_instances", "total_entries");
      description.requireHas("ImportErrorCollectionResponse", "import_errors", "total_entries");
      description.requireHas("BackfillCollectionResponse", "backfills", "total_entries");
      description.requireHas("DryRunBackfillResponse", "logical_date");
      description.requireHas("AssetEventCollectionResponse", "asset_events");
      description.requireHas("AssetEventResponse", "extra");
      description.requireHas("XComResponseNative", "value");
      description.requireHas("VersionInfo", "version");
      assertThat(description.values("DagRunState"))
          .containsExactlyInAnyOrder("queued", "running", "success", "failed");
      assertThat(description.values("TaskInstanceState"))
          .contains(
              "scheduled",
              "queued",
              "running",
              "restarting",
              "failed",
              "up_for_retry",
              "upstream_failed");
      assertThat(description.values("ReprocessBehavior"))
          .containsExactlyInAnyOrder("none", "failed", "completed");
    }
  }

  private static AirflowDescription description() throws IOException {
    try (InputStream in = server.url().resolve("/openapi.json").toURL().openStream()) {
      return new AirflowDescription(Json.mapper().readTree(in));
    }
  }

  @Test
  void startsANightOnceHoweverOftenItIsAsked() {
    Said first = run("trigger", "--night", "2014-03-01", "--follow", "--every=1s");
    assertThat(first.code()).as(first.toString()).isZero();
    assertThat(first.out())
        .startsWith("Triggered night__2014-03-01 of DAG tiny.nightly")
        .containsSubsequence("ingest success", "materialize success", "score success")
        .endsWith("Run night__2014-03-01: success\n");

    Said second = run("trigger", "--night", "2014-03-01");
    assertThat(second.code()).isZero();
    assertThat(second.out())
        .isEqualTo(
            "Run night__2014-03-01 of DAG tiny.nightly is there: success. To run it again: tributary airflow clear tiny.nightly night__2014-03-01\n");

    Said other = run("trigger", "--night", "2014-03-01", "--conf", "why=late");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .isEqualTo(
            "Cannot trigger DAG tiny.nightly as night__2014-03-01: there is such a run (success), with another conf or logical date: {\"night\":\"2014-03-01\"}. To run that one again, clear it: tributary airflow clear tiny.nightly night__2014-03-01. For another run, name another --run-id.\n");
  }

  @Test
  void tellsATakenDateFromATakenId() {
    assertThat(run("trigger", "train", "--conf=a=1", "--logical-date=2014-03-02T00:00:00Z").code())
        .isZero();

    Said taken = run("trigger", "train", "--run-id=mine", "--logical-date=2014-03-02T00:00:00Z");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            "Cannot trigger DAG tiny.train as mine: another run of it has the logical date 2014-03-02T00:00:00Z. Clear that one, or name another date.\n");
  }

  @Test
  void endsWithTheFailedTasksExitCodeAndItsReasonUntilItIsMended() throws IOException {
    Path mended = folder.resolve("mended");
    Said failed =
        run(
            "trigger",
            "--night=2014-03-03",
            "--conf=fail=ingest",
            "--conf=unless=" + mended,
            "--follow",
            "--every=1s");
    assertThat(failed.code()).as(failed.toString()).isEqualTo(3);
    assertThat(failed.out())
        .contains("ingest failed: Cannot ingest rides: the file is broken. Deliver it again.\n")
        .contains("score did not run, as what it needs failed\n")
        .contains("Run night__2014-03-03 failed by task ingest. Read on: ");

    assertThat(run("logs", "2014-03-03", "ingest").out())
        // What a task prints and what is logged of it take two ways.
        .contains(
            "\ningest of night 2014-03-03\n",
            "\nRuntimeError: Cannot ingest rides: the file is broken. Deliver it again.\n")
        .doesNotContain("::group::");
    List<JsonNode> lines =
        run("logs", "2014-03-03", "ingest", "--json")
            .out()
            .lines()
            .map(line -> Json.read(line, JsonNode.class))
            .toList();
    assertThat(lines.get(0).path("taskState").asText()).isEqualTo("failed");
    assertThat(lines.subList(1, lines.size()))
        .allMatch(line -> line.path("task").asText().equals("ingest"))
        .allMatch(line -> line.path("try").asInt() == 1)
        .anyMatch(line -> line.at("/message/event").asText().equals("ingest of night 2014-03-03"));
    assertThat(run("logs", "2014-03-03", "score").out())
        .isEqualTo("Task score never started (upstream_failed), so it has no log.\n");
    assertThat(run("logs", "2014-03-03", "ingest", "--try=7").out())
        .isEqualTo("Task ingest has no try 7: it was tried 1 times.\n");
    assertThat(run("logs", "2014-03-03", "sleep").err())
        .contains("run night__2014-03-03 has no such task. It has [ingest, materialize, score].");

    Files.createFile(mended);
    assertThat(run("clear", "--night=2014-03-03", "--only-failed", "--dry-run").out())
        .isEqualTo(
            "ingest: failed\nmaterialize: upstream_failed\nscore: upstream_failed\nWould clear 3 tasks of run night__2014-03-03\n");
    assertThat(run("clear", "nightly", "2014-03-03", "--only-failed").out())
        .contains("Cleared 3 tasks of run night__2014-03-03.");
    Said followed = run("follow", "2014-03-03", "--every=1s");
    assertThat(followed.code()).as(followed.toString()).isZero();
    assertThat(run("clear", "2014-03-03", "--only-failed").out())
        .isEqualTo("Nothing of run night__2014-03-03 is to be cleared.\n");
    JsonNode would = json("clear", "2014-03-03", "--task=materialize", "--downstream", "--dry-run");
    assertThat(would.path("cleared").toString()).isEqualTo("[\"materialize\",\"score\"]");
  }

  @Test
  void saysThatNothingIsThere() {
    assertThat(run("follow", "2014-02-22").err())
        .isEqualTo(
            "Cannot follow the run of night 2014-02-22: DAG tiny.nightly has none. Trigger it: tributary airflow trigger --night 2014-02-22.\n");
    assertThat(run("follow", "train", "no-such").err())
        .isEqualTo(
            "Cannot follow the run no-such: DAG tiny.train has no such run. See tributary airflow status.\n");
    assertThat(run("trigger", "retrain", "--night=2014-02-22").err())
        .isEqualTo(
            "Cannot trigger DAG tiny.retrain: it is paused, and the run would wait until it is not. Add --unpause.\n");
  }

  @Test
  void namesFilesOfDagsThatCannotBeRead() throws IOException {
    Path broken = dags.resolve("broken.py");
    Files.writeString(
        broken, "from airflow.sdk import DAG\nDAG('tiny.broken', schedule=nowhere)\n");
    try {
      awaited("the import error", () -> !json("status").path("importErrors").isEmpty());

      Said said = run("trigger", "broken");

      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err())
          .startsWith(
              "Cannot trigger DAG tiny.broken: Airflow %s has no DAG tiny.broken. It could not read 1 files: "
                  .formatted(server.url()))
          .contains("broken.py: NameError: name 'nowhere' is not defined. Correct them.");
      assertThat(run("status").out())
          .containsPattern("It can't read .*broken.py: NameError: name 'nowhere' is not defined\n");
    } finally {
      Files.delete(broken);
      awaited("its end", () -> json("status").path("importErrors").isEmpty());
    }
  }

  @Test
  void preparesAnAirflowOnceAndKeepsWhatIsThere() {
    assertThat(run("setup").out())
        .contains("Pool tributary-tiny, one slot: ")
        .contains("DAGs: tiny.intervals, tiny.monthly, tiny.nightly, tiny.retrain, tiny.train\n")
        .endsWith("Not there: tiny.history, tiny.backfill, tiny.clean\n");
    assertThat(json("setup").path("did").asText()).isEqualTo("kept");

    airflow(server.url().toString(), new ArrayList<>()).resizePool("tributary-tiny", 3);
    Said refused = run("setup");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            "Cannot set up pool tributary-tiny: it has 3 slots, and two runs at once would meet on the same tables. Add --force to give it one.\n");
    assertThat(run("setup", "--force").out()).contains("resized, from 3 slots");

    JsonNode status = json("status");
    assertThat(status.path("pool").path("slots").asInt()).isEqualTo(1);
    assertThat(status.path("working").asBoolean()).isTrue();
    assertThat(status.path("dags").findValuesAsText("dag"))
        .contains("tiny.intervals", "tiny.nightly", "tiny.retrain", "tiny.train");
    assertThat(run("status").out())
        .startsWith("Airflow 3.3.2 at " + server.url() + ": database healthy, scheduler healthy")
        .containsPattern("tiny.train +none +no");
  }

  @Test
  void runsNightsThatHavePassed() {
    // Days on which New York's clocks change are among them.
    String[] nights = {"backfill", "create", "--from=2014-03-08", "--to=2014-03-11"};
    List<String> days = List.of("2014-03-08", "2014-03-09", "2014-03-10");
    assertThat(json(with(nights, "--dry-run", "--dag=intervals")).path("nights").toString())
        .isEqualTo(Json.write(days));
    assertThat(json(with(nights, "--dry-run")).path("nights").toString())
        .isEqualTo(Json.write(days));

    Said ran =
        run(
            with(
                nights, "--dag=intervals", "--watch", "--max-active=3", "--every=1s", "--unpause"));
    assertThat(ran.code()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .startsWith("night 2014-03-08 runs\nnight 2014-03-09 runs\nnight 2014-03-10 runs\n")
        .contains("night 2014-03-09 success\n")
        .containsPattern("Backfill \\d+ has ended: 3 success\n$");
    assertThat(run("backfill", "list", "--dag=intervals").out())
        .containsPattern(
            "Backfill \\d+ of DAG tiny.intervals: nights 2014-03-08 to 2014-03-10, 3 at once, completed\n");

    Said again = run(with(nights, "--dag=intervals"));
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err())
        .isEqualTo(
            "Cannot backfill DAG tiny.intervals: it would run none of the nights from 2014-03-08 to before 2014-03-11, as 3 of them have runs. To run those again, add --reprocess failed or completed.\n");
    assertThat(run("logs", "tiny.intervals", "2014-03-09").out()).contains("ingest of night None");
    assertThat(run(with(nights, "--dag=train")).err())
        .contains("422: tiny.train has a non-periodic schedule that does not support backfills.");
    assertThat(run("backfill", "cancel", "--dag=intervals").err())
        .isEqualTo(
            "Cannot cancel a backfill: no backfill of DAG tiny.intervals goes on. See tributary airflow backfill list.\n");
  }

  @Test
  void findsANightInTheMiddleOfAMonthsRun() {
    Said ran =
        run(
            "backfill",
            "create",
            "--from=2014-03-01",
            "--to=2014-04-01",
            "--dag=monthly",
            "--watch",
            "--every=1s",
            "--unpause");
    assertThat(ran.code()).as(ran.toString()).isZero();
    for (String night : List.of("2014-03-01", "2014-03-15", "2014-03-31")) {
      Said log = run("logs", "tiny.monthly", night);
      assertThat(log.out()).as(log.toString()).contains("ingest of night None");
    }
    assertThat(run("logs", "tiny.monthly", "2014-04-01").code()).isEqualTo(2);
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void pausesAndEndsABackfill() {
    // Its DAG is paused, so that no run of it begins.
    Airflow airflow = airflow(server.url().toString(), new ArrayList<>());
    Airflow.Span span =
        new Airflow.Span(
            "tiny.intervals",
            Instant.parse("2014-05-01T10:00:00Z"),
            Instant.parse("2014-05-02T10:00:00Z"),
            1,
            "none");
    long id = airflow.backfill(span).id();
    assertThat(airflow.backfill(span).id()).as("the same again").isEqualTo(id);
    assertThatThrownBy(
            () -> airflow.backfill(new Airflow.Span(span.dag(), span.from(), span.to(), 2, "none")))
        .hasMessage(
            "Cannot backfill DAG tiny.intervals: its backfill %d is running, and there may be one at a time. Wait for it (tributary airflow backfill watch), or end it (tributary airflow backfill cancel).",
            id);

    assertThat(run("backfill", "pause", "--dag=intervals").out()).contains(", paused");
    assertThat(run("backfill", "pause", "" + id).out()).contains(", paused");
    assertThat(json("backfill", "unpause", "" + id).path("state").asText()).isEqualTo("running");
    assertThat(run("backfill", "cancel", "" + id).out()).contains(", completed");
    assertThat(run("backfill", "cancel", "" + id).out()).contains(", completed");
    assertThat(run("backfill", "pause", "" + id).code()).isEqualTo(2);
  }

  @Test
  void startsARunOnceWhereTheAnswerIsLostOrAProxyAnswers() throws IOException {
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      proxy.loseAnswerOnce("POST /api/v2/dags/tiny.train/dagRuns");
      proxy.answerOnce("GET /api/v2/dags/tiny.train", 502);
      Map<String, String> environment = environment(proxy.url().toString());

      Said said = project.run(environment, "trigger", "train", "--conf=b=1", "--json");

      assertThat(said.code()).as(said.toString()).isZero();
      assertThat(Json.read(said.out(), JsonNode.class).path("new").asBoolean()).isFalse();
      assertThat(proxy.isDone()).isTrue();
      assertThat(proxy.seen("POST /api/v2/dags/tiny.train/dagRuns")).hasSize(2);
      assertThat(said.err())
          .contains("WARN Airflow %s answered 502".formatted(proxy.url()))
          .contains("WARN Airflow %s answers again.".formatted(proxy.url()));
    }
  }

  @Test
  void saysThatNobodyKnowsWhereAnAnswerIsLostThatCannotBeAskedForAgain() throws IOException {
    run("trigger", "train", "--run-id=lost", "--follow", "--every=1s");
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      Airflow airflow = airflow(proxy.url().toString(), new ArrayList<>());
      Airflow.Clearing clearing =
          new Airflow.Clearing("tiny.train", "lost", List.of(), false, false);
      assertThat(airflow.wouldClear(clearing)).hasSize(1);
      proxy.loseAnswerOnce("clearTaskInstances");

      assertThatThrownBy(() -> airflow.clear(clearing))
          .hasMessageStartingWith(
              "Cannot say whether Airflow did this: clear run lost: Airflow %s can't be reached",
              proxy.url())
          .hasMessageEndingWith(
              "See tributary airflow status, and ask again where it is not done.");
      assertThat(proxy.seen("clearTaskInstances")).hasSize(2);
    }
  }

  @Test
  void signsInAgainOnceWhereATokenIsRefused() throws IOException {
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      Airflow airflow = airflow(proxy.url().toString(), new ArrayList<>());
      airflow.health();
      assertThat(proxy.seen("POST /auth/token")).hasSize(1);

      proxy.answerOnce("importErrors", 401);
      airflow.importErrors();
      assertThat(proxy.seen("POST /auth/token")).hasSize(2);

      proxy.answerOnce("importErrors", 401);
      proxy.answerOnce("importErrors", 401);
      assertThatThrownBy(airflow::importErrors)
          .hasMessage(
              "Cannot list import errors: Airflow %s does not accept TRIBUTARY_AIRFLOW_USER (admin) with TRIBUTARY_AIRFLOW_PASSWORD. Correct them.",
              proxy.url());
    }
  }

  @Test
  void saysWhoIsNotAccepted() {
    Map<String, String> environment = new HashMap<>(environment(server.url().toString()));
    environment.put("TRIBUTARY_AIRFLOW_PASSWORD", "wrong-secret");
    Said said = project.run(environment, "status");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .isEqualTo(
            "Cannot ask Airflow for its health: Airflow %s does not accept TRIBUTARY_AIRFLOW_USER (admin) with TRIBUTARY_AIRFLOW_PASSWORD. Correct them.%n"
                .formatted(server.url()));

    environment.put("TRIBUTARY_AIRFLOW_TOKEN", "old-secret");
    Said token = project.run(environment, "status");
    assertThat(token.err())
        .isEqualTo(
            "Cannot list import errors: Airflow %s does not accept TRIBUTARY_AIRFLOW_TOKEN. It may have expired: fetch one again, or set TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD instead.%n"
                .formatted(server.url()));
  }

  @Test
  void goesOnFollowingWhileTheServerIsAway() throws IOException {
    Path until = folder.resolve("goes-on");
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      StringWriter err = new StringWriter();
      CompletableFuture<Said> following = following(proxy, "2014-03-20", until, err);
      proxy.goAway();
      awaited("a request that meets nobody", () -> err.toString().contains("can't be reached"));
      assertThat(following).isNotDone();
      proxy.comeBack();
      proxy.answerOnce("taskInstances", 503);
      awaited("an answer of 503", proxy::isDone);
      Files.createFile(until);

      Said said = following.join();
      assertThat(said.code()).as(said.toString()).isZero();
      assertThat(said.out())
          .containsOnlyOnce("ingest success")
          .endsWith("Run night__2014-03-20: success\n");
      assertThat(said.err())
          .containsSubsequence(
              "can't be reached", "answers again.", " answered 503", "answers again.");
    }
  }

  @Test
  @Tag("long")
  void goesOnFollowingWhileAirflowIsRestarted() throws IOException {
    Path until = folder.resolve("restarted");
    try (FaultyProxy proxy = new FaultyProxy(server.url())) {
      CompletableFuture<Said> following = following(proxy, "2014-03-21", until, new StringWriter());
      server.stop();
      Files.createFile(until);
      server.resume();

      Said said = following.join();
      // The task that was ended with its server has failed, and Airflow knows no exit code of it.
      assertThat(said.code()).as(said.toString()).isIn(0, 4);
      assertThat(said.err()).contains("answers again.");
    }
  }

  /**
   * Follows a run by a proxy, which waits for a file in its second task.
   *
   * @param err what it says meanwhile
   */
  private static CompletableFuture<Said> following(
      FaultyProxy proxy, String night, Path until, StringWriter err) {
    run("trigger", "--night=" + night, "--conf=wait=materialize", "--conf=until=" + until);
    CompletableFuture<Said> following =
        CompletableFuture.supplyAsync(
            () ->
                project.run(
                    err, environment(proxy.url().toString()), "follow", night, "--every=1s"));
    awaited(
        "the task that waits",
        () ->
            proxy.seen("taskInstances").size() > 1
                && airflow(server.url().toString(), new ArrayList<>())
                    .tasks("tiny.nightly", "night__" + night)
                    .stream()
                    .anyMatch(task -> task.taskId().equals("materialize") && task.isRunning()));
    return following;
  }
}
