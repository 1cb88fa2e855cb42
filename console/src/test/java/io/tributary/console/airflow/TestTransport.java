package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Secret;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens, time-outs and retries, beside a server that answers what is told. */
class TestTransport {
  private static final Call ASK = Call.get("ask", "/ask");

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Queue<Integer> statuses = new ArrayDeque<>();
  private final List<String> notes = new ArrayList<>();
  private final MovingClock clock = new MovingClock();
  private HttpServer server;
  private String claims = "{\"iat\":1000,\"exp\":1100}";

  /** One that a test moves. */
  private static final class MovingClock extends Clock {
    private Instant now = Instant.parse("2014-01-31T00:00:00Z");

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
  }

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
      seen.add(exchange.getRequestMethod() + " " + path);
      String body = "{}";
      int status = 200;
      if (path.equals("/auth/token")) {
        status = 201;
        String encoded =
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.getBytes(StandardCharsets.UTF_8));
        body = "{\"access_token\":\"h.%s.%d\"}".formatted(encoded, seen.size());
      } else {
        authorizations.add(exchange.getRequestHeaders().getFirst("authorization"));
        if (!statuses.isEmpty()) {
          status = statuses.remove();
        }
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("content-type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Transport transport(Duration within) {
    return new Transport(
        url(),
        SignIn.of(Map.of("TRIBUTARY_AIRFLOW_USER", "ops", "TRIBUTARY_AIRFLOW_PASSWORD", "hunter2")),
        new Patience(Duration.ofSeconds(30), within, Duration.ofMillis(1)),
        notes::add,
        clock);
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void fetchesATokenAgainBeforeItExpires() {
    Transport transport = transport(Duration.ofSeconds(30));
    transport.send(ASK);
    clock.now = clock.now.plusSeconds(89);
    transport.send(ASK);
    assertThat(seen).containsExactly("POST /auth/token", "GET /ask", "GET /ask");

    clock.now = clock.now.plusSeconds(2);
    transport.send(ASK);
    assertThat(seen).hasSize(5).endsWith("POST /auth/token", "GET /ask");
    assertThat(authorizations.get(2)).isNotEqualTo(authorizations.get(1)).startsWith("Bearer h.");
  }

  @Test
  void printsNoSecret() {
    Object password = Map.of("password", "hunter2");
    assertThat(Call.once("sign in", "POST", "/auth/token", password))
        .hasToString("POST /auth/token");
    assertThat(new SignIn.Token(new Secret("TRIBUTARY_AIRFLOW_TOKEN", "hunter2")).toString())
        .doesNotContain("hunter2");
  }

  @Test
  void usesATokenThatSaysNothingOfItsLife() {
    claims = "no JSON";
    Transport transport = transport(Duration.ofSeconds(30));
    transport.send(ASK);
    transport.send(ASK);
    assertThat(seen).containsExactly("POST /auth/token", "GET /ask", "GET /ask");
  }

  @Test
  void asksAgainWhatMayBeAskedAgainAndSaysSoOnce() {
    statuses.addAll(List.of(502, 503, 504, 500, 429));
    transport(Duration.ofSeconds(30)).send(ASK);
    assertThat(authorizations).hasSize(6);
    assertThat(notes)
        .containsExactly(
            "Airflow %s answered 502 (application/json). It is asked again for 30 s at most."
                .formatted(url()),
            "Airflow %s answers again.".formatted(url()));
  }

  @Test
  void sendsOnceWhatMayBeDoneAlready() {
    statuses.add(504);
    assertThatThrownBy(
            () ->
                transport(Duration.ofSeconds(30))
                    .send(Call.once("clear run x", "POST", "/clear", Map.of())))
        .hasMessage(
            "Cannot say whether Airflow did this: clear run x: Airflow %s answered 504 (application/json). See tributary airflow status, and ask again where it is not done.",
            url());
    assertThat(authorizations).hasSize(1);
  }

  @Test
  void sendsAgainWhatAServerHasTurnedAway() {
    statuses.add(429);
    transport(Duration.ofSeconds(30)).send(Call.once("clear run x", "POST", "/clear", Map.of()));
    assertThat(authorizations).hasSize(2);
  }

  @Test
  void givesUpAServerThatCannotBeReached() {
    Transport transport = transport(Duration.ofMillis(200));
    server.stop(0);
    assertThatThrownBy(() -> transport.send(ASK))
        .hasMessageMatching(
            "Cannot ask: Airflow http://127.0.0.1:\\d+ can't be reached \\(.+\\). See that it runs and can be reached from here, and try again.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.SERVER);
    assertThat(notes).hasSize(1);
  }

  @Test
  void saysWhoActsByStatus() {
    Transport transport = transport(Duration.ofSeconds(30));
    for (Map.Entry<Integer, ErrorCode> status :
        Map.of(
                403, ErrorCode.REFUSED,
                404, ErrorCode.NOT_FOUND,
                409, ErrorCode.REFUSED,
                422, ErrorCode.INVALID_REQUEST)
            .entrySet()) {
      statuses.add(status.getKey());
      assertThatThrownBy(() -> transport.send(ASK))
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(status.getValue());
    }
  }
}
