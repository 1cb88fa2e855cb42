package io.tributary.notify;

import static io.tributary.notify.JudgedLake.NOW;
import static io.tributary.notify.JudgedLake.breach;
import static io.tributary.notify.JudgedLake.project;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.events.EventLog;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.notify.Delivery.Result;
import io.tributary.notify.HookServer.Got;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes in the registry on their way to receivers. */
class TestChanges {
  private static final int KILLED = 137;

  @TempDir private Path folder;
  private JudgedLake lake;

  @BeforeEach
  void change() {
    lake = new JudgedLake(folder);
    lake.change("e1", NOW, "registered", "late@3", Map.of("metrics", Map.of("auc", 0.8)));
    promote("e2", NOW);
  }

  private void promote(String id, Instant at) {
    lake.change(
        id,
        at,
        "promoted",
        "late@3",
        Map.of(
            "model", "late", "number", 3, "alias", "production", "former", 2, "reason", "better"));
  }

  private static Receiver of(String name, int port, String... changes) {
    return new Receiver.Webhook(
        name,
        URI.create("http://127.0.0.1:" + port + "/hook"),
        JudgedLake.SECRET,
        List.of(),
        List.of(changes));
  }

  private List<Result> deliver(Project project) {
    lake.outbox().note(project);
    return SendingProcess.DELIVERY.deliver(lake.outbox(), project);
  }

  private List<String> owed(Project project) {
    lake.outbox().note(project);
    return lake.outbox().owed(project).stream()
        .map(owed -> owed.receiver().name() + " " + owed.notice().id())
        .toList();
  }

  @Test
  void tellsEachChangeOnceAndSigned() throws Exception {
    lake.change("e3", NOW, "compared", "late@3", Map.of());
    lake.change("e4", NOW, "marked-suspect", "delivery:flights@17", Map.of("reason", "seconds"));
    try (HookServer server = new HookServer(0, HookServer.status(200))) {
      Project project =
          project(of("deploy", server.port(), "promoted", "suspect"), of("all_else", 1, "held"));

      assertThat(deliver(project))
          .extracting(Result::toString)
          .containsExactly("deploy (127.0.0.1): 2 notices delivered");
      assertThat(deliver(project)).isEmpty();

      assertThat(server.got).extracting(Got::id).containsExactly("e2", "e4");
      Got got = server.got.get(0);
      assertThat(got.signature())
          .isEqualTo(
              "v1,"
                  + WebhookChannel.signature(
                      JudgedLake.SECRET, got.id(), got.timestamp(), got.body()));
      JsonNode body = Json.read(got.body(), JsonNode.class);
      assertThat(body.path("type").asText()).isEqualTo("registry.promoted");
      assertThat(Json.write(body.path("data")))
          .isEqualTo(
              "{\"version\":1,\"id\":\"e2\",\"at\":\""
                  + NOW
                  + "\",\"type\":\"registry.promoted\",\"project\":\"shop\",\"lake\":{\"place\":\""
                  + folder
                  + "\"},\"thing\":\"model:late@3\",\"alias\":\"production\",\"former\":\"late@2\",\"by\":\"ada\",\"reason\":\"better\",\"run\":\"\",\"show\":\"tributary registry history late\"}");
      assertThat(body.path("text").asText())
          .isEqualTo(
              "shop: ada promoted late@3 to production.\nReason: better\nBefore: late@2\nAt: "
                  + NOW
                  + "\nLake: "
                  + folder
                  + "\nMore: tributary registry history late\n");
      assertThat(Json.read(server.got.get(1).body(), JsonNode.class).path("text").asText())
          .startsWith("shop: ada marked delivery flights@17 as suspect.\nReason: seconds\n");
    }
  }

  /** A receiver that deploys what it is told of must know that a copy is not the lake it serves. */
  @Test
  void saysInWhichLakeSomethingWasChanged(@TempDir Path other) throws Exception {
    Project project = project(of("deploy", 1, "promoted"));
    LakeIdentity.ensure(folder.toString(), new LakeIdentity.Build(NOW, "code", false));
    lake.outbox().note(project);
    Path copy = other.resolve("copy");
    Folders.copy(folder, copy);
    JudgedLake copied = new JudgedLake(copy);
    copied.change("e9", NOW, "promoted", "late@2", Map.of("alias", "production", "reason", "try"));
    copied.outbox().note(project);

    String id = LakeIdentity.require(folder.toString()).orElseThrow().id();
    assertThat(copied.outbox().owed(project))
        .extracting(owed -> ((ChangeNotice) owed.notice()).lake().orElseThrow())
        .containsExactly(
            new NoticedLake(Optional.of(id), folder.toString()),
            new NoticedLake(Optional.of(id), copy.toString()));
  }

  @Test
  void losesNothingWhileAServerIsDownAndKeepsTheOrderOfAllNotices() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Project project = project(of("deploy", port, "registered", "promoted"));
    Delivery quick =
        new Delivery(Duration.ofSeconds(20), Duration.ofMillis(300), Duration.ofMillis(5));
    lake.judge("2024-03-03", breach("a", 9));
    lake.outbox().note(project);
    assertThat(quick.deliver(lake.outbox(), project))
        .singleElement()
        .satisfies(r -> assertThat(r.owed()).isEqualTo(3));
    promote("e3", NOW.plusSeconds(60));
    try (HookServer server = new HookServer(port, HookServer.status(200))) {
      assertThat(deliver(project)).extracting(Result::delivered).containsExactly(4);
      assertThat(server.got).hasSize(4);
      assertThat(server.got.get(1).id()).isEqualTo("e1");
      assertThat(server.got.get(2).id()).isEqualTo("e2");
      assertThat(server.got.get(3).id()).isEqualTo("e3");
    }
  }

  /** Killed by the system while the receiver answers: sent, and not recorded. */
  @Test
  void aSenderThatIsKilledIsFollowedByOneThatSendsTheSameIdAgain() throws Exception {
    AtomicReference<Process> sender = new AtomicReference<>();
    try (HookServer server =
        new HookServer(
            0,
            (exchange, request) -> {
              Process process = sender.getAndSet(null);
              if (process != null) {
                process.toHandle().destroyForcibly();
                process.onExit().join();
              }
              HookServer.answer(exchange, 200);
            })) {
      Project project = project(SendingProcess.receiver("webhook", server.port()));
      lake.outbox().note(project);
      Process process =
          JavaProcess.of(
                  List.of(),
                  SendingProcess.class.getName(),
                  folder.toString(),
                  "webhook",
                  String.valueOf(server.port()))
              .inheritIO()
              .start();
      sender.set(process);
      assertThat(process.waitFor()).isEqualTo(KILLED);

      assertThat(deliver(project)).extracting(Result::delivered).containsExactly(2);
      assertThat(server.got).extracting(Got::id).containsExactly("e1", "e1", "e2");
      assertThat(server.inEffect).containsExactly("e1", "e2");
    }
  }

  @Test
  void aReceiverThatIsNewIsToldOfTheLastDaysAlone() {
    promote("old", NOW.minus(Duration.ofDays(8)));
    promote("recent", NOW.minus(Duration.ofDays(6)));
    Project nobody = project(of("deploy", 1));
    Project one = project(of("deploy", 1, "promoted"));
    Project two = project(of("deploy", 1, "promoted"), of("audit", 1, "promoted"));

    assertThat(owed(nobody)).isEmpty();
    assertThat(owed(one)).containsExactly("deploy e2", "deploy recent");
    promote("late", NOW.minus(Duration.ofHours(150)));
    assertThat(owed(two))
        .containsExactlyInAnyOrder(
            "deploy e2", "deploy recent", "deploy late", "audit e2", "audit recent", "audit late");
    promote("next", NOW);
    assertThat(owed(two)).contains("deploy next", "audit next").hasSize(8);
    assertThat(owed(one)).hasSize(4);
  }

  @Test
  void whoIsToldOfMoreIsToldOfThatsLastDaysAlone() {
    lake.change("old", NOW.minus(Duration.ofDays(400)), "registered", "late@1", Map.of());
    assertThat(owed(project(of("deploy", 1, "promoted")))).containsExactly("deploy e2");

    assertThat(owed(project(of("deploy", 1, "promoted", "registered"))))
        .containsExactlyInAnyOrder("deploy e2", "deploy e1");
  }

  /** A checkout of before, or of another project, notes for those that it knows alone. */
  @Test
  void whoNotesFirstTakesNothingFromOthers() {
    assertThat(owed(project(of("audit", 1, "held")))).isEmpty();
    promote("e3", NOW);
    lake.outbox().note(project(of("audit", 1, "held"), of("deploy", 1, "held")));
    assertThat(owed(project(of("audit", 1, "held"), of("deploy", 1, "promoted"))))
        .containsExactly("deploy e2", "deploy e3");
  }

  /** What {@code train} does in a checkout without receivers calls nobody off. */
  @Test
  void workThatJudgesNothingDecidesNothingAboutBreaches() throws IOException {
    lake.judge("2024-03-03", breach("a", 9));
    Delivery.ofCommand().afterChange(lake.outbox(), project());
    assertThat(owed(project(of("deploy", 1)))).hasSize(1);
  }

  @Test
  void aChangeIsNotedOnceByHoweverManyProcesses() {
    Project project = project(of("deploy", 1, "promoted"));
    Outbox first = lake.outbox();
    Outbox second = lake.outbox();
    first.note(project);
    EventLog notices = EventLog.open(folder.resolve("platform/notices").toString());
    long noted = notices.read().version();
    second.note(project);
    assertThat(lake.outbox().owed(project)).hasSize(1);
    assertThat(notices.read().version()).as("nothing is written again").isEqualTo(noted);
  }

  private List<String> after(Delivery delivery, Project project) {
    return delivery.after(
        "notices are not delivered yet",
        () -> {
          lake.outbox().note(project);
          return List.of();
        },
        lake.outbox(),
        project);
  }

  @Test
  void workDoesNotFailByWhatIsNotDelivered() throws IOException {
    Project project = project(of("deploy", 1, "promoted"));
    Delivery quick =
        new Delivery(Duration.ofSeconds(20), Duration.ofMillis(50), Duration.ofMillis(5));
    assertThat(after(quick, project))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("WARN notify deploy (127.0.0.1): 0 notices delivered, 1 not yet: ");
    try (HookServer server = new HookServer(0, HookServer.status(200))) {
      assertThat(after(quick, project(of("deploy", server.port(), "promoted"))))
          .containsExactly("Notified deploy (127.0.0.1): 1 notice delivered");
    }
    Files.writeString(
        folder.resolve("platform/registry/_delta_log/00000000000000000000.json"), "nonsense");
    lake.judge("2024-03-04", breach("a", 9));
    assertThat(after(quick, project))
        .hasSize(3)
        .first()
        .asString()
        .startsWith("WARN notices are not delivered yet, and the next run goes on: Cannot ");
  }
}
