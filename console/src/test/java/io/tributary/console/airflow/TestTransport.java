package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, time-outs and retries, beside a server that answers what is told. */
class TestTransport {
  private static final Call ASK = Call.get("ask", "/ask");
  private static final Call CLEAR = Call.once("clear run x", "POST", "/clear", Map.of());

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Queue<Integer> statuses = new ArrayDeque<>();
  private final Queue<Integer> tokenStatuses = new ArrayDeque<>();
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
      if (path.equals("/auth/token") && !tokenStatuses.isEmpty()) {
        status = tokenStatuses.remove();
      } else if (path.equals("/auth/token")) {
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
  void givesOnEachLineOnceWhereAnAnswerBreaksOff() {
    String whole = "one\ntwo\nthree\n";
    Queue<Integer> sizes = new ArrayDeque<>(List.of(8, whole.length()));
    server.createContext(
        "/log",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("content-type", "application/x-ndjson");
            exchange.sendResponseHeaders(200, whole.length());
            exchange
                .getResponseBody()
                .write(whole.getBytes(StandardCharsets.UTF_8), 0, sizes.remove());
          }
        });
    List<String> lines = new ArrayList<>();

    Answer answer =
        transport(Duration.ofSeconds(20)).send(Call.lines("read a log", "/log", lines::add));

    assertThat(lines).containsExactly("one", "two", "three");
    assertThat(sizes).isEmpty();
    assertThat(answer.body()).isEmpty();
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

  @Test
  void knowsThatNothingWasSentWhereNoTokenCouldBeFetched() {
    Transport transport = transport(Duration.ofSeconds(30));
    tokenStatuses.add(502);
    transport.send(CLEAR);
    assertThat(seen).containsExactly("POST /auth/token", "POST /auth/token", "POST /clear");

    statuses.add(401);
    tokenStatuses.add(502);
    transport.send(CLEAR);
    assertThat(seen).endsWith("POST /clear", "POST /auth/token", "POST /auth/token", "POST /clear");
  }

  @Test
  void refusesATokenThatMayNotStandInAHeadAndDoesNotPrintIt() {
    for (String token : List.of("hunter2\nab", "hunter2 ab", "“hunter2”", "hunter2\u0000")) {
      assertThatThrownBy(() -> SignIn.of(Map.of("TRIBUTARY_AIRFLOW_TOKEN", token)))
          .hasMessage(
              "Cannot sign in at Airflow: TRIBUTARY_AIRFLOW_TOKEN holds a space, a line break or another character that no token has. Set it to the token alone, in one line.")
          .hasNoCause()
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.INVALID_REQUEST);
    }
    server.removeContext("/");
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] bytes = "{\"access_token\": \"hunter2\\nab\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(201, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    assertThatThrownBy(() -> transport(Duration.ofMillis(100)).send(ASK))
        .hasMessageStartingWith("Cannot ask: Airflow " + url() + " gave no token at /auth/token.")
        .hasNoCause();
  }

  @Test
  void endsAnAnswerThatBeginsAndDoesNotEnd() {
    CountDownLatch end = new CountDownLatch(1);
    server.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Transport impatient =
        new Transport(
            url(),
            new SignIn.Token(new Secret("TRIBUTARY_AIRFLOW_TOKEN", "hunter2")),
            new Patience(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofMillis(1)),
            notes::add,
            clock);
    try {
      assertThatThrownBy(() -> impatient.send(Call.get("ask", "/slow")))
          .hasMessage(
              "Cannot ask: Airflow %s did not answer within 1 s. See that it runs and can be reached from here, and try again.",
              url());
    } finally {
      end.countDown();
    }
  }

  @Test
  void takesNoTokenToWhereAServerRedirects() throws IOException {
    List<String> elsewhere = new CopyOnWriteArrayList<>();
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          try (exchange) {
            elsewhere.add(exchange.getRequestHeaders().entrySet().toString());
            exchange.sendResponseHeaders(200, -1);
          }
        });
    other.start();
    server.createContext(
        "/moved",
        exchange -> {
          try (exchange) {
            seen.add(exchange.getRequestHeaders().getFirst("authorization"));
            exchange
                .getResponseHeaders()
                .add("location", "http://127.0.0.1:" + other.getAddress().getPort() + "/");
            exchange.sendResponseHeaders(307, -1);
          }
        });
    try {
      assertThatThrownBy(() -> transport(Duration.ofSeconds(30)).send(Call.get("ask", "/moved")))
          .hasMessageContaining("redirects with 307, and nothing is sent elsewhere than asked.");
      assertThat(seen.get(1)).startsWith("Bearer h.");
      assertThat(elsewhere).isEmpty();
    } finally {
      other.stop(0);
    }
  }

  private Transport secured(int port) {
    return new Transport(
        URI.create("https://127.0.0.1:" + port),
        new SignIn.Token(new Secret("TRIBUTARY_AIRFLOW_TOKEN", "hunter2")),
        new Patience(Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofMillis(1)),
        notes::add,
        clock);
  }

  @Test
  void waitsForAProxyThatEndsHandshakes() throws IOException {
    AtomicInteger connections = new AtomicInteger();
    try (ServerSocket proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread ending =
          new Thread(
              () -> {
                while (!proxy.isClosed()) {
                  try (Socket connection = proxy.accept()) {
                    connections.incrementAndGet();
                    assertThat(connection.getInputStream().read()).isNotNegative();
                  } catch (IOException e) {
                    // The test has ended.
                    return;
                  }
                }
              });
      ending.start();
      assertThatThrownBy(() -> secured(proxy.getLocalPort()).send(CLEAR))
          .hasMessageStartingWith("Cannot clear run x: Airflow https://127.0.0.1:")
          .hasMessageEndingWith("See that it runs and can be reached from here, and try again.")
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.SERVER);
    }
    assertThat(connections.get()).isGreaterThan(1);
  }

  @Test
  void saysWhoActsWhereACertificateIsNotTrusted(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                keys.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer untrusted =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    untrusted.setHttpsConfigurator(new HttpsConfigurator(context));
    untrusted.start();
    try {
      assertThatThrownBy(() -> secured(untrusted.getAddress().getPort()).send(ASK))
          .hasMessageStartingWith("Cannot ask: the certificate of Airflow https://127.0.0.1:")
          .hasMessageEndingWith(
              "Name the address that it is for, or add its issuer to the trust store of this Java (javax.net.ssl.trustStore).")
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(notes).as("nothing is waited for").isEmpty();
    } finally {
      untrusted.stop(0);
    }
  }
}
