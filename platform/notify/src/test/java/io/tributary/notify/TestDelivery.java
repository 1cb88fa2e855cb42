package io.tributary.notify;

import static io.tributary.notify.JudgedLake.breach;
import static io.tributary.notify.JudgedLake.project;
import static io.tributary.notify.JudgedLake.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.definition.Project;
import io.tributary.notify.Delivery.Result;
import io.tributary.notify.HookServer.Got;
import io.tributary.notify.Outbox.Owed;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notices on their way to servers that fail in every way that servers do. */
class TestDelivery {
  /** For servers that are not there. */
  private static final Delivery QUICK =
      new Delivery(Duration.ofSeconds(20), Duration.ofMillis(300), Duration.ofMillis(5));

  private static final int KILLED = 137;

  /** For servers that answer in the end. */
  private static final Delivery PATIENT =
      new Delivery(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMillis(5));

  @TempDir private Path folder;
  private JudgedLake lake;

  @BeforeEach
  void judge() throws IOException {
    lake = new JudgedLake(folder).judge("2024-03-03", breach("a", 9), breach("b", 3));
    lake.judge("2024-03-04", breach("a", 9));
  }

  private List<Result> deliver(Delivery delivery, Project project) {
    lake.outbox().note(project);
    return delivery.deliver(lake.outbox(), project);
  }

  @Test
  void signsAsTheStandardHasIt() {
    assertThat(
            WebhookChannel.signature(
                JudgedLake.SECRET,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                "{\"test\": 2432232314}"))
        .isEqualTo("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void bringsEachNoticeOnceAndInOrder() throws Exception {
    try (HookServer server = new HookServer(0, HookServer.status(204))) {
      Project project = project(webhook("on_call", server.port()));
      assertThat(deliver(PATIENT, project))
          .extracting(Result::toString)
          .containsExactly("on_call (127.0.0.1): 2 notices delivered");
      assertThat(deliver(PATIENT, project)).isEmpty();

      assertThat(server.got).hasSize(2);
      Got first = server.got.get(0);
      JsonNode body = Json.mapper().readTree(first.body());
      assertThat(body.path("type").asText()).isEqualTo("monitor.breached");
      JsonNode data = body.path("data");
      assertThat(data.path("version").asInt()).isEqualTo(1);
      assertThat(data.path("night").asText()).isEqualTo("2024-03-03");
      assertThat(data.path("breaches")).hasSize(2);
      assertThat(data.path("breaches").get(0).path("words").asText()).contains("deviation 9.000");
      assertThat(first.contentType()).isEqualTo("application/json");
      assertThat(first.signature())
          .isEqualTo(
              "v1,"
                  + WebhookChannel.signature(
                      JudgedLake.SECRET, first.id(), first.timestamp(), first.body()));
      assertThat(Json.read(data.toString(), Notice.class).id()).isEqualTo(first.id());
    }
  }

  @Test
  void losesNothingWhileAServerIsDown() throws Exception {
    int port = freePort();
    Project project = project(webhook("on_call", port));
    for (int night = 0; night < 3; night++) {
      assertThat(deliver(QUICK, project))
          .singleElement()
          .satisfies(
              r -> {
                assertThat(r.delivered()).isZero();
                assertThat(r.owed()).isEqualTo(2);
                assertThat(r.why().orElseThrow()).startsWith("127.0.0.1 can't be reached");
              });
    }
    try (HookServer server = new HookServer(port, HookServer.status(200))) {
      assertThat(deliver(PATIENT, project)).extracting(Result::delivered).containsExactly(2);
      assertThat(server.got)
          .extracting(g -> Json.mapper().readTree(g.body()).path("data").path("night").asText())
          .containsExactly("2024-03-03", "2024-03-04");
    }
  }

  @Test
  void triesAgainWhereAServerFailsOrAsksToWait() throws Exception {
    List<Integer> answers = List.of(500, 503, 429, 200, 408, 200);
    try (HookServer server =
        new HookServer(0, (e, request) -> HookServer.answer(e, answers.get(request - 1)))) {
      assertThat(deliver(PATIENT, project(webhook("on_call", server.port()))))
          .extracting(Result::toString)
          .containsExactly("on_call (127.0.0.1): 2 notices delivered");
      assertThat(server.got).hasSize(6);
      assertThat(server.inEffect).hasSize(2);
    }
  }

  @Test
  void aServerThatHangsKeepsNobodyWaiting() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (HookServer hanging =
            new HookServer(
                0,
                (e, request) -> {
                  if (request > 1) {
                    HookServer.answer(e, 401);
                    return;
                  }
                  // The head comes at once, the rest never.
                  e.sendResponseHeaders(200, 0);
                  await(over);
                });
        HookServer sound = new HookServer(0, HookServer.status(200))) {
      List<Result> results =
          deliver(
              new Delivery(Duration.ofSeconds(3), Duration.ofSeconds(60), Duration.ofMillis(5)),
              project(webhook("hanging", hanging.port()), webhook("sound", sound.port())));
      assertThat(results)
          .extracting(r -> r.receiver() + " " + r.delivered() + " " + r.owed())
          .containsExactly("hanging 0 2", "sound 2 0");
      assertThat(hanging.got).as("given up, and tried again").hasSize(2);
      over.countDown();
    }
  }

  /** Ends the process that sends; nobody where it is this one. */
  private static void kill(AtomicReference<Process> sender) {
    Process process = sender.getAndSet(null);
    if (process != null) {
      process.toHandle().destroyForcibly();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aReceiverThatDiesBeforeItAnswersGetsTheSameIdAgain() throws Exception {
    try (HookServer server =
        new HookServer(
            0,
            (exchange, request) -> {
              if (request % 2 == 1) {
                // Received, put into effect, never answered.
                exchange.close();
              } else {
                HookServer.answer(exchange, 200);
              }
            })) {
      assertThat(deliver(PATIENT, project(webhook("on_call", server.port()))))
          .extracting(Result::delivered)
          .containsExactly(2);
      assertThat(server.got).hasSize(4);
      assertThat(server.inEffect).hasSize(2);
    }
  }

  @Test
  void aSenderThatDiesBeforeItRecordsSendsTheSameIdAgain() throws Exception {
    try (HookServer server = new HookServer(0, HookServer.status(200))) {
      Project project = project(webhook("on_call", server.port()));
      lake.outbox().note(project);
      Channel.to(project.receivers().get(0), Duration.ofSeconds(20))
          .send(lake.outbox().owed(project).get(0).notice());

      assertThat(deliver(PATIENT, project)).extracting(Result::delivered).containsExactly(2);
      assertThat(server.got).hasSize(3);
      assertThat(server.inEffect).hasSize(2);
    }
  }

  /** Killed by the system while the receiver answers: sent, and not recorded. */
  @Test
  void aSenderThatIsKilledIsFollowedByOneThatSendsTheSameIdAgain() throws Exception {
    AtomicReference<Process> sender = new AtomicReference<>();
    try (HookServer hook =
            new HookServer(
                0,
                (exchange, request) -> {
                  kill(sender);
                  HookServer.answer(exchange, 200);
                });
        MailServer mail = new MailServer(Map.of(), message -> kill(sender))) {
      for (String kind : List.of("webhook", "mail")) {
        int port = kind.equals("mail") ? mail.port() : hook.port();
        Project project = project(SendingProcess.receiver(kind, port));
        lake.judge("2024-03-03").outbox().note(project);
        lake.judge("2024-03-03", breach("of " + kind, 9)).outbox().note(project);
        int owed = lake.outbox().owed(project).size();
        Process process =
            JavaProcess.of(
                    List.of(),
                    SendingProcess.class.getName(),
                    folder.toString(),
                    kind,
                    String.valueOf(port))
                .inheritIO()
                .start();
        sender.set(process);
        assertThat(process.waitFor()).isEqualTo(KILLED);
        assertThat(lake.outbox().owed(project)).hasSize(owed);

        assertThat(SendingProcess.DELIVERY.deliver(lake.outbox(), project))
            .extracting(Result::delivered)
            .containsExactly(owed);
        List<String> ids = kind.equals("mail") ? mail.got : hook.got.stream().map(Got::id).toList();
        assertThat(ids).hasSize(owed + 1);
        assertThat(ids.get(0)).isEqualTo(ids.get(1));
        assertThat(ids.stream().distinct()).hasSize(owed);
      }
    }
  }

  @Test
  void whatIsRefusedIsStillOwedAndKeepsNothingBack() throws Exception {
    try (HookServer server =
        new HookServer(0, (e, request) -> HookServer.answer(e, request == 1 ? 400 : 200))) {
      Project project = project(webhook("on_call", server.port()));
      assertThat(deliver(PATIENT, project))
          .extracting(Result::toString)
          .containsExactly(
              "on_call (127.0.0.1): 1 notice delivered, 1 not yet: 127.0.0.1 answered 400");
      assertThat(deliver(PATIENT, project)).extracting(Result::delivered).containsExactly(1);
      assertThat(server.inEffect).hasSize(2);
    }
  }

  @Test
  void aReceiverThatTakesNothingFromThisSenderIsAskedOnce() throws Exception {
    try (HookServer server = new HookServer(0, HookServer.status(401))) {
      assertThat(deliver(PATIENT, project(webhook("on_call", server.port()))))
          .extracting(Result::toString)
          .containsExactly(
              "on_call (127.0.0.1): 0 notices delivered, 2 not yet: 127.0.0.1 answered 401");
      assertThat(server.got).hasSize(1);
    }
  }

  @Test
  void triesOnceWhereThereIsNoTimeForMore() throws Exception {
    Delivery once =
        new Delivery(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMinutes(2));
    try (HookServer server = new HookServer(0, HookServer.status(200))) {
      assertThat(deliver(once, project(webhook("on_call", server.port()))))
          .extracting(Result::delivered)
          .containsExactly(2);
    }
    try (HookServer server = new HookServer(0, HookServer.status(503))) {
      lake.judge("2024-03-03");
      assertThat(deliver(once, project(webhook("on_call", server.port()))))
          .extracting(Result::owed)
          .containsExactly(1);
      assertThat(server.got).hasSize(1);
    }
  }

  @Test
  void oneProcessAtATimeServesAReceiver() throws Exception {
    try (HookServer server = new HookServer(0, HookServer.status(200))) {
      Project project = project(webhook("on_call", server.port()));
      lake.outbox().note(project);
      List<Owed> seen = lake.outbox().owed(project);
      try (Outbox.Turn other = lake.outbox().turn(project.receivers().get(0)).orElseThrow()) {
        assertThat(other.isOwed(seen.get(0))).isTrue();
        assertThat(PATIENT.deliver(lake.outbox(), project))
            .extracting(Result::toString)
            .containsExactly(
                "on_call (127.0.0.1): 0 notices delivered, 2 not yet: another process is delivering them");
      }
      assertThat(server.got).isEmpty();
      assertThat(PATIENT.deliver(lake.outbox(), project))
          .extracting(Result::delivered)
          .containsExactly(2);
      try (Outbox.Turn later = lake.outbox().turn(project.receivers().get(0)).orElseThrow()) {
        assertThat(later.isOwed(seen.get(0))).as("whoever listed it before").isFalse();
      }
    }
  }

  @Test
  void followsNoRedirect() throws Exception {
    try (HookServer other = new HookServer(0, HookServer.status(200));
        HookServer server =
            new HookServer(
                0,
                (exchange, request) -> {
                  exchange
                      .getResponseHeaders()
                      .add("location", "http://127.0.0.1:" + other.port() + "/");
                  HookServer.answer(exchange, 307);
                })) {
      assertThat(deliver(PATIENT, project(webhook("on_call", server.port()))))
          .extracting(r -> r.why().orElseThrow())
          .containsExactly("127.0.0.1 answered 307, a redirect, which is not followed");
      assertThat(other.got).isEmpty();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
