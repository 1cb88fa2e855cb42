package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.definition.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real server does seldom: many pages, backfills whose answer or whose runs are lost. */
class TestAirflow {
  private static final Airflow.Span SPAN =
      new Airflow.Span(
          "tiny.nightly",
          Instant.parse("2014-01-01T06:00:00Z"),
          Instant.parse("2014-01-02T06:00:00Z"),
          1,
          "none");
  private static final String BACKFILL =
      """
      {"id": 7, "dag_id": "tiny.nightly", "from_date": "2014-01-01T06:00:00Z",
       "to_date": "2014-01-02T06:00:00Z", "is_paused": false, "reprocess_behavior": "none",
       "max_active_runs": 1, "created_at": "2014-03-01T00:00:00Z", "completed_at": null}
      """;

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> backfills = new CopyOnWriteArrayList<>();
  private final List<String> runs = new CopyOnWriteArrayList<>();
  private HttpServer server;

  /** What becomes of the first request for a backfill. */
  private String first = "{}";

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      int status = 200;
      String body;
      if (path.endsWith("/version")) {
        body = "{\"version\": \"3.3.2\"}";
      } else if (path.endsWith("/dags/tiny.nightly")) {
        body =
            "{\"dag_id\": \"tiny.nightly\", \"is_paused\": false, \"has_import_errors\": false, \"fileloc\": \"/dags/tiny.py\"}";
      } else if (path.endsWith("/dagRuns")) {
        body = page(exchange, "dag_runs", runs);
      } else if (exchange.getRequestMethod().equals("POST")) {
        boolean isFirst = backfills.isEmpty();
        if (isFirst) {
          backfills.add(BACKFILL);
        }
        if (isFirst && first.isEmpty()) {
          return;
        }
        status = isFirst ? 200 : 409;
        body = isFirst ? first : "{\"detail\": \"There is another one\"}";
      } else {
        body = page(exchange, "backfills", backfills);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("content-type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String page(HttpExchange exchange, String name, List<String> all) {
    String query = exchange.getRequestURI().getQuery();
    int offset =
        query.contains("offset=")
            ? Integer.parseInt(query.replaceFirst(".*offset=(\\d+).*", "$1"))
            : 0;
    return all.stream()
        .filter(
            one ->
                !query.contains("run_type=") || one.contains("\"run_type\": \"asset_triggered\""))
        .skip(offset)
        .limit(100)
        .collect(
            Collectors.joining(
                ",", "{\"" + name + "\": [", "], \"total_entries\": " + all.size() + "}"));
  }

  private static String run(String id, String type, String conf, String queued) {
    return """
    {"dag_run_id": "%s", "dag_id": "tiny.nightly", "logical_date": "2014-01-01T06:00:00Z",
     "data_interval_start": "2014-01-01T06:00:00Z", "data_interval_end": "2014-01-01T06:00:00Z",
     "run_after": "2014-01-01T06:00:00Z", "queued_at": "%s", "start_date": null,
     "end_date": null, "run_type": "%s", "state": "queued", "conf": %s}
    """
        .formatted(id, queued, type, conf);
  }

  private Airflow airflow() {
    return Airflow.at(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
        new SignIn.Token(new Secret("TRIBUTARY_AIRFLOW_TOKEN", "t")),
        new Patience(Duration.ofSeconds(30), Duration.ofMillis(300), Duration.ofMillis(20)),
        note -> {});
  }

  private List<String> posts() {
    return seen.stream().filter(request -> request.startsWith("POST")).toList();
  }

  @Test
  void readsEveryPage() {
    IntStream.range(0, 250)
        .forEach(n -> runs.add(run("r" + n, "manual", "{}", "2014-01-01T06:00:00Z")));

    assertThat(airflow().runsWith("tiny.nightly", "x"))
        .extracting(DagRun::dagRunId)
        .hasSize(250)
        .doesNotHaveDuplicates();
    assertThat(seen).hasSize(4).last().asString().contains("offset=200");
  }

  @Test
  void findsTheRunsOfANightAsTheirTasksDo() {
    runs.add(run("by-hand", "manual", "{}", "2014-01-01T06:00:00Z"));
    NightlyDag dag = new NightlyDag(airflow(), "tiny.nightly", new Nights(ZoneOffset.UTC));
    LocalDate night = LocalDate.of(2013, 12, 31);
    assertThat(dag.runs(night)).as("one that says no night is of none").isEmpty();

    runs.add(
        run(
            "range",
            "manual",
            "{\"from\": \"2013-12-01\", \"to\": \"2014-01-01\"}",
            "2014-01-01T06:00:00Z"));
    assertThat(dag.run("look", night).dagRunId()).isEqualTo("range");
    assertThat(dag.runs(night.plusDays(1))).isEmpty();
  }

  @Test
  void findsABackfillWhoseAnswerWasLost() {
    first = "";
    runs.add(run("b", "backfill", "{}", "2014-03-01T00:00:01Z"));

    assertThat(airflow().backfill(SPAN).id()).isEqualTo(7);
    assertThat(posts()).hasSize(1);
  }

  @Test
  void doesNotTakeABackfillWithoutRunsForOneThatGoesOn() {
    first = "";
    runs.add(run("old", "backfill", "{}", "2014-02-01T00:00:00Z"));
    runs.add(run("other", "scheduled", "{}", "2014-03-01T00:00:01Z"));
    String said =
        "Cannot backfill DAG tiny.nightly: its backfill 7 is there without runs, as of a server that was ended while it made them. End it (tributary airflow backfill cancel 7), and ask again.";

    assertThatThrownBy(() -> airflow().backfill(SPAN)).hasMessage(said);
    assertThatThrownBy(() -> airflow().backfill(SPAN)).as("answered 409").hasMessage(said);
  }

  @Test
  void waitsForTheRunsOfABackfillThatIsMade() {
    first = "";
    Airflow patient =
        Airflow.at(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            new SignIn.Token(new Secret("TRIBUTARY_AIRFLOW_TOKEN", "t")),
            new Patience(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(20)),
            note -> {});
    List<Backfill> found = new ArrayList<>();
    Thread asking = new Thread(() -> found.add(patient.backfill(SPAN)));
    asking.start();
    while (posts().size() < 2 && asking.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(found).isEmpty();
    runs.add(run("b", "backfill", "{}", "2014-03-01T00:00:01Z"));
    joined(asking);
    assertThat(found).extracting(Backfill::id).containsExactly(7L);
  }

  private static void joined(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void asksNotAgainWhatWasAnsweredInAnotherForm() {
    first = "{\"id\": \"seven\"}";

    assertThatThrownBy(() -> airflow().backfill(SPAN))
        .hasMessageContaining("is of no form that is known");
    assertThat(posts()).hasSize(1);
  }
}
