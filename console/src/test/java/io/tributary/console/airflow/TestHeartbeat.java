package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A scheduler that is dead while the interface answers. */
class TestHeartbeat {
  private final List<String> notes = new ArrayList<>();
  private HttpServer server;
  private Instant now = Instant.EPOCH;
  private String scheduler = "unhealthy";
  private boolean paused;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body =
                """
                {"access_token": "t", "version": "3.3.2", "metadatabase": {"status": "healthy"},
                 "scheduler": {"status": "%s"}, "triggerer": {"status": null},
                 "dag_id": "tiny.nightly", "is_paused": %s, "has_import_errors": false, "fileloc": "tiny.py"}
                """
                    .formatted(scheduler, paused)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };

  private void checkAfter(Heartbeat heartbeat, int seconds) {
    now = now.plusSeconds(seconds);
    heartbeat.check();
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private Heartbeat heartbeat() {
    Airflow airflow =
        Airflow.at(
            url(),
            SignIn.of(Map.of("TRIBUTARY_AIRFLOW_TOKEN", "t")),
            Patience.ofFollowing(Duration.ofMinutes(2)),
            notes::add);
    return new Heartbeat(airflow, "tiny.nightly", clock);
  }

  @Test
  void saysOnceThatTheDagIsPaused() {
    scheduler = "healthy";
    Heartbeat heartbeat = heartbeat();

    checkAfter(heartbeat, 31);
    assertThat(notes).isEmpty();
    paused = true;
    checkAfter(heartbeat, 31);
    checkAfter(heartbeat, 31);
    paused = false;
    checkAfter(heartbeat, 31);

    assertThat(notes)
        .containsExactly(
            "DAG tiny.nightly is paused: what it has not begun waits until it is unpaused in Airflow.",
            "DAG tiny.nightly is paused no more.");
  }

  @Test
  void saysSoAndEndsWhenItIsWaitedForNoMore() {
    URI url = url();
    Heartbeat heartbeat = heartbeat();

    checkAfter(heartbeat, 29);
    assertThat(notes).isEmpty();
    checkAfter(heartbeat, 2);
    checkAfter(heartbeat, 90);
    assertThat(notes)
        .containsExactly(
            "Airflow %s does not go on: {database=healthy, scheduler=unhealthy, dag processor=none, triggerer=none}. It is waited for 120 s at most."
                .formatted(url));
    scheduler = "healthy";
    checkAfter(heartbeat, 31);
    scheduler = "unhealthy";
    checkAfter(heartbeat, 31);
    checkAfter(heartbeat, 119);
    assertThatThrownBy(() -> checkAfter(heartbeat, 31))
        .hasMessage(
            "Cannot go on waiting: Airflow %s works on nothing: {database=healthy, scheduler=unhealthy, dag processor=none, triggerer=none}. Start what is not healthy there, and ask again.",
            url);
  }
}
