package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Recording;
import io.tributary.events.served.ServedAnswer;
import io.tributary.events.served.ServedAnswers;
import io.tributary.online.OnlineStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What servers leave in the lake of what they answered. */
@Timeout(120)
class TestRecording {
  private static final String ADA =
      "{\"features\":[\"baskets@2\"],\"entities\":[{\"customer\":\"ada\"}],\"at\":\"2024-03-01T00:00:00Z\"}";

  @TempDir Path folder;
  private Shop shop;
  private OnlineStore store;

  @BeforeEach
  void publish() throws IOException {
    shop = Shop.in(folder);
    store = shop.open();
    Shop.publishBaskets(store, Shop.NIGHT, 3, "ada", "bob");
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** A server of a project that says what to record. */
  private FeatureServer serve(String record) throws IOException {
    Files.writeString(
        folder.resolve("tributary.yaml"),
        "project: acme\nzone: Europe/Berlin\nlake: lake\nonline: rocksdb:online\nserving: {%s}\n"
            .formatted(record));
    return FeatureServer.start(
        ProjectReader.read(folder, Map.of(), Optional.empty()),
        store,
        Shop.COMPILER,
        shop.access(),
        new FeatureServer.Address("127.0.0.1", 0, false),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private List<ServedAnswer> recorded() {
    List<ServedAnswer> recorded = new ArrayList<>();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    ServedAnswers.open(shop.lake())
        .read(
            Interval.of(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1))),
            recorded::add);
    return recorded;
  }

  @Test
  void keepsWhatWasAnsweredOfWhichPublication() throws Exception {
    Instant before = Instant.now();
    try (FeatureServer server = serve("record-answers: 1")) {
      Client client = new Client(server.address());
      assertThat(
              client
                  .post(
                      "/features",
                      """
                      {"features": ["baskets@2"], "at": "2024-03-01T00:00:00Z",
                       "entities": [{"customer": "ada"}, {"customer": "eve"}, {"customer": null}]}
                      """)
                  .status())
          .isEqualTo(200);
      assertThat(client.get("/views/baskets@2/bob").status()).isEqualTo(200);
      assertThat(
              client
                  .post(
                      "/get-online-features",
                      "{\"features\":[\"baskets@2:segment\"],\"entities\":{\"customer\":[\"bob\"]}}")
                  .status())
          .isEqualTo(200);
    }
    List<ServedAnswer> recorded = recorded();
    assertThat(recorded).hasSize(5);
    assertThat(recorded)
        .allSatisfy(
            of -> {
              assertThat(of.view()).isEqualTo("baskets@2");
              assertThat(of.publication()).isEqualTo(1);
              assertThat(of.at()).isBetween(before.minusMillis(1), Instant.now());
              assertThat(of.principal()).isEmpty();
              assertThat(of.request()).hasSize(32).startsWith(of.server());
            });
    assertThat(recorded.stream().map(ServedAnswer::request).distinct()).hasSize(3);
    assertThat(recorded.stream().map(ServedAnswer::server).distinct()).hasSize(1);
    assertThat(recorded.subList(0, 3).stream().map(ServedAnswer::key))
        .containsExactly("[\"ada\"]", "[\"eve\"]", "[null]");
    ServedAnswer ada = recorded.get(0);
    assertThat(ada.askedAt()).isEqualTo(Instant.parse("2024-03-01T00:00:00Z"));
    assertThat(ada.publishedFor()).contains(Shop.NIGHT);
    assertThat(ada.eventTime()).contains(Shop.EVENT);
    assertThat(ada.answers())
        .contains("\"orders_7d\":{\"status\":\"PRESENT\",\"value\":3}")
        .contains("\"segment\":{\"status\":\"PRESENT\",\"value\":\"s3\"}");
    assertThat(recorded.get(1).answers())
        .contains("\"orders_7d\":{\"status\":\"ABSENT\",\"value\":0}")
        .contains("\"segment\":{\"status\":\"ABSENT\",\"value\":\"none\",\"default\":true}");
    assertThat(recorded.get(1).publishedFor()).isEmpty();
    assertThat(recorded.get(4).answers())
        .as("what was asked for, and it has expired")
        .isEqualTo("{\"segment\":{\"status\":\"EXPIRED\",\"value\":\"none\",\"default\":true}}");
  }

  @Test
  void recordsNothingWhereTheProjectSaysSoAndAShareElse() throws Exception {
    try (FeatureServer server = serve("record-answers: 0")) {
      assertThat(new Client(server.address()).post("/features", ADA).status()).isEqualTo(200);
    }
    assertThat(Path.of(shop.lake(), "served")).doesNotExist();
    int asked = 400;
    try (FeatureServer server = serve("record-answers: 0.5")) {
      Client client = new Client(server.address());
      IntStream.range(0, asked).forEach(i -> client.post("/features", ADA));
    }
    // Four deviations of chance.
    assertThat(recorded().size()).isBetween(asked / 2 - 40, asked / 2 + 40);
  }

  @Test
  void serversWriteAtOnceAndNextOnesGoOn() throws Exception {
    try (FeatureServer one = serve("record-answers: 1");
        FeatureServer other = serve("record-answers: 1")) {
      for (FeatureServer server : List.of(one, other, one, other)) {
        assertThat(new Client(server.address()).post("/features", ADA).status()).isEqualTo(200);
      }
      List<Thread> ends = List.of(new Thread(one::close), new Thread(other::close));
      ends.forEach(Thread::start);
      for (Thread end : ends) {
        end.join();
      }
    }
    try (FeatureServer next = serve("record-answers: 1")) {
      assertThat(new Client(next.address()).post("/features", ADA).status()).isEqualTo(200);
    }
    List<ServedAnswer> recorded = recorded();
    assertThat(recorded).hasSize(5);
    assertThat(recorded.stream().map(ServedAnswer::server).distinct()).hasSize(3);
    assertThat(recorded.stream().map(ServedAnswer::request).distinct()).hasSize(5);
  }

  /** Many servers that begin with an empty lake and write at once, each many times. */
  @Test
  void losesNothingAmongManyWriters() throws Exception {
    int writers = 4;
    int commits = 20;
    List<Recordings> servers = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      servers.add(
          new Recordings(
              new Recording(1, 1),
              shop.lake(),
              new Measurements(shop.access()),
              Duration.ofMillis(1)));
    }
    List<Thread> threads = new ArrayList<>();
    for (Recordings server : servers) {
      ServedViews views =
          new ServedViews(
              shop.project(),
              store,
              new OnDemandViews(shop.project(), Shop.COMPILER),
              new GuardedFeatures(shop.project(), shop.lake()),
              server);
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < commits; i++) {
                  ask(views, i);
                }
                server.close();
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(servers).allSatisfy(server -> assertThat(server.troubles()).isEmpty());
    List<ServedAnswer> recorded = recorded();
    assertThat(recorded).hasSize(writers * commits);
    assertThat(recorded.stream().map(ServedAnswer::request).distinct()).hasSize(writers * commits);
  }

  /**
   * A view that is published while a request is answered: it is answered anew, and recorded once.
   */
  @Test
  void recordsWhatWasAnsweredAndNotWhatWasReadInVain() {
    Recordings server =
        new Recordings(
            new Recording(1, 1),
            shop.lake(),
            new Measurements(shop.access()),
            Duration.ofMillis(1));
    ServedViews views =
        new ServedViews(
            shop.project(),
            store,
            new OnDemandViews(shop.project(), Shop.COMPILER),
            new GuardedFeatures(shop.project(), shop.lake()),
            server);
    ServedViews.Asked before = views.asked(List.of("baskets@2"), Caller.LOCAL).get(0);
    AtomicInteger tries = new AtomicInteger();
    var unused =
        views.steady(
            call(1),
            now -> {
              ServedViews.Asked asked = views.asked(List.of("baskets@2"), Caller.LOCAL).get(0);
              read(views, asked, now);
              if (tries.incrementAndGet() == 1) {
                Shop.publishBaskets(store, Shop.NIGHT.plusSeconds(60), 7, "ada");
              }
              // In vain at first: another publication is in force.
              read(views, tries.get() == 1 ? before : asked, now);
              return Reply.json(json -> json.writeNull());
            });
    assertThatThrownBy(
            () ->
                views.steady(
                    call(2),
                    now -> {
                      read(views, views.asked(List.of("baskets@2"), Caller.LOCAL).get(0), now);
                      throw new IllegalStateException("It can't be scored.");
                    }))
        .hasMessage("It can't be scored.");
    server.close();
    assertThat(tries).hasValue(2);
    assertThat(recorded()).hasSize(2).extracting(ServedAnswer::publication).containsOnly(2L);
    assertThat(recorded())
        .extracting(ServedAnswer::request)
        .containsOnly(recorded().get(0).request());
  }

  private static void read(ServedViews views, ServedViews.Asked asked, Call call) {
    assertThat(views.answers(asked, List.of(List.of("ada")), Shop.NIGHT, call)).hasSize(1);
  }

  private static Call call(int number) {
    return new Call(
        List.of(),
        Map.of(),
        Json.mapper().nullNode(),
        number,
        Instant.now(),
        Caller.LOCAL,
        new ArrayList<>());
  }

  private static void ask(ServedViews views, int number) {
    var unused =
        views.steady(
            call(number),
            now -> {
              read(views, views.asked(List.of("baskets@2"), Caller.LOCAL).get(0), now);
              return Reply.json(json -> json.writeNull());
            });
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Something stands where the table is to be: nothing can be written, and then it can. */
  @Test
  void answersOnWhileTheLakeCannotBeWritten() throws Exception {
    Path inTheWay = Files.writeString(Path.of(shop.lake(), "served"), "");
    try (FeatureServer server = serve("record-answers: 1")) {
      Client client = new Client(server.address());
      assertThat(client.post("/features", ADA).status()).isEqualTo(200);
      Client.eventually(
          () ->
              assertThat(client.get("/ready").text())
                  .contains("The answers are not recorded since ", "1 of the answers wait"));
      assertThat(client.get("/ready").json().get("status").textValue())
          .as("it answers all the same")
          .isNotEqualTo("stopping");
      assertThat(client.post("/features", ADA).status()).isEqualTo(200);
      Files.delete(inTheWay);
      Client.eventually(() -> assertThat(recorded()).isNotEmpty());
      Client.eventually(
          () -> assertThat(client.get("/ready").text()).doesNotContain("not recorded"));
      assertThat(client.get("/metrics").text())
          .contains(
              "tributary_recorded_total{table=\"answers\"} 1.0",
              "tributary_recorded_lost_total{table=\"answers\"} 0.0");
    }
    assertThat(recorded()).as("the other one at the end").hasSize(2);
  }

  /** A lake that is to be mounted: nothing is made in the empty folder. */
  @Test
  void makesNoTableWhereThereIsNoLake() throws Exception {
    Path lake = Path.of(shop.lake());
    Path away = lake.resolveSibling("away");
    try (FeatureServer server = serve("record-answers: 1")) {
      Client client = new Client(server.address());
      Files.move(lake, away);
      Files.createDirectory(lake);
      assertThat(client.post("/features", ADA).status()).isEqualTo(200);
      Client.eventually(
          () ->
              assertThat(client.get("/ready").text())
                  .contains("There is no lake at %s. Mount it.".formatted(lake)));
      try (var made = Files.list(lake)) {
        assertThat(made.filter(path -> path.endsWith("served"))).isEmpty();
      }
      deleted(lake);
      Files.move(away, lake);
      Client.eventually(() -> assertThat(recorded()).hasSize(1));
    }
  }

  private static void deleted(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }
}
