package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tributary.console.AirflowProjectFolder.Said;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of addresses, of who signs in, and of what a real Airflow seldom answers. */
class TestAirflowCommands {
  private static final String SECRET = "hunter2";

  @TempDir private Path folder;
  private HttpServer server;
  private URI url;
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() throws IOException {
    // Not one of this machine's usual names, so that it passes for another one.
    server = HttpServer.create(new InetSocketAddress("127.0.0.2", 0), 0);
    server.start();
    url = URI.create("http://127.0.0.2:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answers(String path, int status, String type, String... bodies) {
    Queue<String> left = new ArrayDeque<>(List.of(bodies));
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            // The last one again and again.
            String body = left.size() > 1 ? left.remove() : left.element();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", type);
            exchange.getResponseHeaders().add("location", "https://elsewhere.org/");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  /** An Airflow 3 in which somebody may sign in. */
  private void isAirflow() {
    answers("/auth/token", 201, "application/json", "{\"access_token\": \"t\"}");
    answers("/api/v2/version", 200, "application/json", "{\"version\": \"3.3.2\"}");
  }

  private void says(String path, String... bodies) {
    answers("/api/v2" + path, 200, "application/json", bodies);
  }

  private Said run(String... words) throws IOException {
    return AirflowProjectFolder.write(folder, "").run(signedIn(), words);
  }

  private List<String> changes() {
    return seen.stream()
        .filter(request -> !request.startsWith("GET") && !request.contains("/auth/token"))
        .toList();
  }

  private static String dagRun(String id, String type, String state, String conf) {
    return """
    {"dag_run_id": "%s", "dag_id": "tiny.nightly", "logical_date": "2014-02-01T11:00:00Z",
     "data_interval_start": "2014-02-01T11:00:00Z", "data_interval_end": "2014-02-01T11:00:00Z",
     "run_after": "2014-02-01T11:00:00Z", "queued_at": null, "start_date": null,
     "end_date": null, "run_type": "%s", "state": "%s", "conf": %s}
    """
        .formatted(id, type, state, conf);
  }

  private static String runs(String... runs) {
    return "{\"dag_runs\": [%s], \"total_entries\": %d}"
        .formatted(String.join(",", runs), runs.length);
  }

  private static String backfill(String completed) {
    return """
    {"id": 7, "dag_id": "tiny.nightly", "from_date": "2014-02-01T11:00:00Z",
     "to_date": "2014-02-01T11:00:00Z", "is_paused": false, "reprocess_behavior": "none",
     "max_active_runs": 1, "created_at": "2014-03-01T00:00:00Z", "completed_at": %s}
    """
        .formatted(completed);
  }

  private static String tasks(String... states) {
    return IntStream.range(0, states.length)
        .mapToObj(
            n ->
                """
                {"task_id": "t%d", "dag_run_id": "r", "map_index": -1, "state": "%s",
                 "try_number": 1, "start_date": null, "end_date": null}
                """
                    .formatted(n, states[n]))
        .collect(
            Collectors.joining(
                ",", "{\"task_instances\": [", "], \"total_entries\": " + states.length + "}"));
  }

  private Said status(String yaml, Map<String, String> environment) throws IOException {
    Said said = AirflowProjectFolder.write(folder, yaml).run(environment, "status");
    assertThat(said.out() + said.err()).doesNotContain(SECRET);
    return said;
  }

  private Map<String, String> signedIn() {
    return AirflowProjectFolder.environment(url, "admin", SECRET);
  }

  @Test
  void saysWhereAnAirflowIsNamed() throws IOException {
    Said said = status("", Map.of());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .isEqualToIgnoringNewLines(
            "Cannot ask Airflow about project tiny: nobody says where it is. Set TRIBUTARY_AIRFLOW_URL, as in http://HOST:8080.");
  }

  @Test
  void tellsWhoSignsInToNoServerThatAProjectAloneNames() throws IOException {
    answers("/first/api/v2/version", 200, "application/json", "{\"version\":\"4.0.1\"}");
    answers("/second/api/v2/version", 200, "application/json", "{\"version\":\"2.99.0\"}");
    String yaml = "airflow: {url: \"%s/first\"}\n".formatted(url);
    Map<String, String> environment = signedIn();
    environment.remove("TRIBUTARY_AIRFLOW_URL");

    Said refused = status(yaml, environment);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualToIgnoringNewLines(
            "Cannot sign in at %s/first: only tributary.yaml of project tiny names it, and who signs in is told to no server that the environment does not name. Where it is yours, set TRIBUTARY_AIRFLOW_URL=%s/first."
                .formatted(url, url));
    assertThat(seen).isEmpty();

    environment.put("TRIBUTARY_AIRFLOW_URL", url + "/first");
    assertThat(status(yaml, environment).err()).contains("Cannot use Airflow 4.0.1 at " + url);
    environment.put("TRIBUTARY_AIRFLOW_URL", url + "/second/");
    assertThat(status(yaml, environment).err()).contains("Cannot use Airflow 2.99.0 at " + url);
  }

  @Test
  void signsInAtThisMachineWhereAProjectNamesIt() throws IOException {
    HttpServer here = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    here.createContext("/", exchange -> exchange.sendResponseHeaders(302, -1));
    here.start();
    try {
      Map<String, String> environment = signedIn();
      environment.remove("TRIBUTARY_AIRFLOW_URL");
      String at = "http://127.0.0.1:" + here.getAddress().getPort();
      assertThat(status("airflow: {url: \"%s\"}\n".formatted(at), environment).err())
          .contains(at + " redirects with 302");
    } finally {
      here.stop(0);
    }
  }

  @Test
  void clearsNothingWhileAnyTaskOfTheRunIsActive() throws IOException {
    isAirflow();
    says("/dags/tiny.nightly/dagRuns/r", dagRun("r", "manual", "running", "{}"));
    says("/dags/tiny.nightly/clearTaskInstances", tasks("failed"));
    says(
        "/dags/tiny.nightly/dagRuns/r/taskInstances",
        tasks("failed", "running"),
        tasks("failed", "queued"),
        tasks("deferred", "failed"),
        tasks("failed", "success"));

    for (String active : List.of("t1 is running", "t1 is queued", "t0 is deferred")) {
      Said refused = run("clear", "r", "--only-failed");
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err())
          .endsWith(
              "Cannot clear run r: %s. Wait for it: tributary airflow follow tiny.nightly r.%n"
                  .formatted(active));
    }
    assertThat(run("clear", "r", "--only-failed").out()).contains("Cleared 1 tasks of run r.");
  }

  @Test
  void endsAWatchWithTheCodeOfWhatFailedInTheEnd() throws IOException {
    isAirflow();
    says("/backfills/7", backfill("null"), backfill("null"), backfill("\"2014-03-02T00:00:00Z\""));
    says(
        "/dags/tiny.nightly/dagRuns",
        runs(dagRun("r", "backfill", "failed", "{}")),
        runs(dagRun("r", "backfill", "success", "{}")));
    says("/dags/tiny.nightly/dagRuns/r/taskInstances", tasks());

    Said mended = run("backfill", "watch", "7", "--every=1s");

    assertThat(mended.out())
        .contains("night 2014-01-31 failed", "night 2014-01-31 success", "has ended: 1 success");
    assertThat(mended.code()).isZero();
  }

  @Test
  void saysThatABackfillHadEndedBeforeItIsCancelled() throws IOException {
    isAirflow();
    says("/dags/tiny.nightly/dagRuns", runs());
    says("/backfills/7", backfill("\"2014-03-02T00:00:00Z\""));
    answers("/api/v2/backfills/7/cancel", 409, "application/json", "{\"detail\": \"Ended\"}");

    Said said = run("backfill", "cancel", "7");

    assertThat(said.code()).isZero();
    assertThat(said.err())
        .contains("WARN Backfill 7 had ended before: nothing of it is cancelled.");
  }

  @Test
  void startsNoSecondRunOfANightThatConfNames() throws IOException {
    isAirflow();
    says(
        "/dags/tiny.nightly",
        """
        {"dag_id": "tiny.nightly", "is_paused": false, "has_import_errors": false,
         "fileloc": "/dags/tiny.py"}
        """);
    says(
        "/dags/tiny.nightly/dagRuns",
        runs(
            dagRun("by-hand", "manual", "failed", "{}"),
            dagRun("scheduled__1", "scheduled", "success", "{}")));

    for (String named : List.of("--night=2014-01-31", "--conf=night=2014-01-31")) {
      assertThat(run("trigger", named).out())
          .startsWith("Run scheduled__1 of DAG tiny.nightly is there: success.");
    }
    assertThat(changes()).isEmpty();
  }

  @Test
  void saysWhatAPoolWouldDo() throws IOException {
    isAirflow();
    says("/dags", "{\"dags\": [], \"total_entries\": 0}");
    says("/importErrors", "{\"import_errors\": [], \"total_entries\": 0}");
    says(
        "/pools/tributary-tiny",
        pool(0, false),
        pool(-1, false),
        pool(1, true),
        pool(1, true),
        pool(1, false));

    assertThat(run("setup").err())
        .endsWith(
            "Cannot set up pool tributary-tiny: it has 0 slots, and nothing would run. Add --force to give it one.\n");
    assertThat(run("setup").err())
        .contains("it has no limit, and two runs at once would meet on the same tables.");
    assertThat(run("setup").err())
        .contains(
            "it has a slot that deferred tasks take too, and nothing would run while a sensor waits.");
    assertThat(changes()).isEmpty();
    assertThat(run("setup", "--force").out())
        .contains("Pool tributary-tiny, one slot: deferred tasks take it no more");
    assertThat(changes())
        .containsExactly(
            "PATCH /api/v2/pools/tributary-tiny?update_mask=slots&update_mask=include_deferred");
  }

  private static String pool(int slots, boolean deferred) {
    return """
    {"name": "tributary-tiny", "slots": %d, "occupied_slots": 0, "queued_slots": 0,
     "include_deferred": %s}
    """
        .formatted(slots, deferred);
  }

  @Test
  void printsNoTokenThatCannotBeSent() throws IOException {
    Map<String, String> environment = signedIn();
    environment.put("TRIBUTARY_AIRFLOW_TOKEN", SECRET + "\nab");
    isAirflow();

    Said said = status("", environment);

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("TRIBUTARY_AIRFLOW_TOKEN holds a space, a line break");
  }

  @Test
  void refusesAddressesThatAreNone() throws IOException {
    Map<String, String> environment = signedIn();
    for (Map.Entry<String, String> wrong :
        Map.of(
                "http://a:" + SECRET + "@b.org",
                "it holds a user or a password (before the @).",
                "b.org:8080",
                "it is not the address of a server.",
                "http://b.org/api/v2",
                "it names the REST interface.",
                "http://b org",
                "it is no address: Illegal character in authority.")
            .entrySet()) {
      environment.put("TRIBUTARY_AIRFLOW_URL", wrong.getKey());
      Said said = status("", environment);
      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err()).startsWith("Cannot use TRIBUTARY_AIRFLOW_URL: " + wrong.getValue());
    }
    assertThat(status("airflow: {url: \"ftp://b.org\"}\n", environment).err())
        .contains("tributary.yaml:4")
        .contains("\"airflow.url\" is not the address of a server.");
  }

  @Test
  void saysWhoMustSignInAndHow() throws IOException {
    Map<String, String> environment = new HashMap<>(signedIn());
    environment.remove("TRIBUTARY_AIRFLOW_PASSWORD");
    assertThat(status("", environment).err())
        .isEqualToIgnoringNewLines(
            "Cannot sign in at Airflow: the environment has no password. Set TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD, or TRIBUTARY_AIRFLOW_TOKEN.");
    environment.remove("TRIBUTARY_AIRFLOW_USER");
    assertThat(status("", environment).err()).contains("the environment names no user.");
  }

  @Test
  void warnsWhereAPasswordGoesInTheClear() throws IOException {
    answers("/api/v2/version", 200, "application/json", "{\"version\":\"2.99.0\"}");

    assertThat(status("", signedIn()).err())
        .startsWith(
            "WARN %s is http: anybody on the way there can read who signs in. Name an https address."
                .formatted(url));
  }

  @Test
  void refusesAirflow2ByName() throws IOException {
    answers("/", 404, "text/html", "<html>Airflow 404 = lots of circles</html>");
    answers("/api/v1/version", 200, "application/json", "{\"version\":\"2.11.2\"}");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot use Airflow 2.11.2 at %s: its REST interface is another one than that of 3.x, which is needed. Name an Airflow 3; DAGs alone work on 2.11 too.%n"
                .formatted(url));
  }

  @Test
  void refusesAnAirflow3ThatFindsNoRunByItsConf() throws IOException {
    says("/version", "{\"version\": \"3.1.8\"}");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot use Airflow 3.1.8 at %s: it does not find runs by what they were told, as 3.2 is the first to do. Upgrade it; DAGs alone work on 2.11 and each 3.x.%n"
                .formatted(url));
  }

  @Test
  void startsNoRunOfADagWhoseFileIsBroken() throws IOException {
    isAirflow();
    says(
        "/dags/tiny.nightly",
        """
        {"dag_id": "tiny.nightly", "is_paused": false, "has_import_errors": true, "fileloc": "/dags/tiny.py"}
        """);
    says("/dags/tiny.nightly/dagRuns", runs());
    says(
        "/importErrors",
        """
        {"import_errors": [
          {"filename": "other.py", "stack_trace": "NameError: a"},
          {"filename": "tiny.py", "stack_trace": "Traceback\\nNameError: b"}], "total_entries": 2}
        """);

    Said said = run("trigger", "--night=2014-01-31");

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot trigger DAG tiny.nightly: its file can't be read any more, and no run of it is started. Correct tiny.py: NameError: b\n");
    assertThat(changes()).isEmpty();
  }

  @Test
  void findsTheRunOfANightThatAssetsStarted() throws IOException {
    isAirflow();
    says(
        "/dags/tiny.nightly",
        """
        {"dag_id": "tiny.nightly", "is_paused": false, "has_import_errors": false, "fileloc": "tiny.py"}
        """);
    says("/dags/tiny.nightly/dagRuns/a/upstreamAssetEvents", events("2014-01-30"));
    says("/dags/tiny.nightly/dagRuns/b/upstreamAssetEvents", events("2014-01-31"));
    says(
        "/dags/tiny.nightly/dagRuns",
        runs(),
        runs(),
        runs(),
        runs(
            dagRun("a", "asset_triggered", "success", "{}"),
            dagRun("b", "asset_triggered", "running", "{}")));

    Said said = run("trigger", "--night=2014-01-31");

    assertThat(said.out()).startsWith("Run b of DAG tiny.nightly is there: running.");
    assertThat(changes()).isEmpty();
  }

  private static String events(String night) {
    return """
    {"asset_events": [{"extra": {"from_rest_api": true}},
      {"extra": {"interval": "%sT05:00:00Z/%sT05:00:00Z"}}], "total_entries": 2}
    """
        .formatted(night, LocalDate.parse(night).plusDays(1));
  }

  @Test
  void saysWhatIsNoAirflow() throws IOException {
    answers("/", 200, "text/html", "<html>Hello</html>");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot ask Airflow for its version: %s is not an Airflow, or something stands before it: it answered 200 with text/html. Correct the address: TRIBUTARY_AIRFLOW_URL, or \"airflow\" in tributary.yaml.%n"
                .formatted(url));
  }

  @Test
  void followsNoRedirect() throws IOException {
    answers("/", 302, "text/html", "");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot ask Airflow for its version: %s redirects with 302, and nothing is sent elsewhere than asked. Name the address that it leads to.%n"
                .formatted(url));
  }
}
