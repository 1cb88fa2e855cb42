package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Bytes;
import io.tributary.online.OnlineStore;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import io.tributary.serving.Client.Said;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TestFeatureServer {
  private static final FeatureServer.Address HERE =
      new FeatureServer.Address("127.0.0.1", 0, false);

  @TempDir Path folder;
  private Shop shop;
  private OnlineStore store;
  private FeatureServer server;
  private Client client;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws Exception {
    shop = Shop.in(folder);
    store = shop.open();
    Shop.publishBaskets(store, Shop.NIGHT, 3, "ada", "bob");
    Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
    Map<Object, Object> byHour = new LinkedHashMap<>();
    byHour.put("09", 4L);
    byHour.put("10", null);
    rows.put(
        List.of(7L, LocalDate.parse("2020-02-29")),
        Shop.row(
            Shop.NIGHT,
            new BigDecimal("1234.50"),
            Instant.parse("2024-02-27T10:00:00.000001Z"),
            true,
            LocalDate.parse("2024-02-27"),
            Bytes.of(new byte[] {0, (byte) 0xff}),
            List.of(0.1, Double.NaN),
            byHour,
            List.of("Ulm", 2L),
            Double.NEGATIVE_INFINITY));
    Shop.publish(store, Shop.SHOPS, Shop.NIGHT, rows);
    serve(store);
  }

  private void serve(OnlineStore from) {
    server =
        FeatureServer.start(
            shop.project(),
            from,
            Shop.COMPILER,
            shop.access(),
            HERE,
            new PrintStream(log, true, StandardCharsets.UTF_8));
    client = new Client(server.address());
  }

  @AfterEach
  void stop() {
    server.close();
    store.close();
  }

  @Test
  void answersAsFeastDoes() {
    Said said =
        client.post(
            "/get-online-features",
            """
            {"features": ["baskets:orders_7d", "baskets@2:segment", "shops:rent"],
             "entities": {"customer": ["ada", "eve", null], "shop": [7, 7, 8],
                          "opened": ["2020-02-29", "2020-02-29", "2020-02-29"]}}
            """);
    assertThat(said.status()).isEqualTo(200);
    assertThat(said.json().toString())
        .isEqualTo(
            ("{'metadata':{'feature_names':['customer','shop','opened','orders_7d','segment','rent']},"
                    + "'results':["
                    + "{'values':['ada','eve',null],'statuses':['PRESENT','PRESENT','PRESENT'],"
                    + "'event_timestamps':[EPOCH,EPOCH,EPOCH]},"
                    + "{'values':[7,7,8],'statuses':['PRESENT','PRESENT','PRESENT'],"
                    + "'event_timestamps':[EPOCH,EPOCH,EPOCH]},"
                    + "{'values':['2020-02-29','2020-02-29','2020-02-29'],"
                    + "'statuses':['PRESENT','PRESENT','PRESENT'],"
                    + "'event_timestamps':[EPOCH,EPOCH,EPOCH]},"
                    + "{'values':[0,0,0],'statuses':['OUTSIDE_MAX_AGE','NOT_FOUND','NOT_FOUND'],"
                    + "'event_timestamps':[EVENT,EPOCH,EPOCH]},"
                    + "{'values':['none','none','none'],"
                    + "'statuses':['OUTSIDE_MAX_AGE','NOT_FOUND','NOT_FOUND'],"
                    + "'event_timestamps':[EVENT,EPOCH,EPOCH]},"
                    + "{'values':['1234.50','1234.50',null],"
                    + "'statuses':['PRESENT','PRESENT','NOT_FOUND'],"
                    + "'event_timestamps':[EVENT,EVENT,EPOCH]}]}")
                .replace("EPOCH", "'1970-01-01T00:00:00Z'")
                .replace("EVENT", "'2024-02-27T10:00:00Z'")
                .replace('\'', '"'));
  }

  @Test
  void namesFeaturesByTheirViewsAndSaysVersionsWhereFeastAsksForIt() {
    JsonNode said =
        client
            .post(
                "/get-online-features",
                """
                {"features": ["baskets"], "entities": {"customer": ["ada"]},
                 "full_feature_names": true, "include_feature_view_version_metadata": true}
                """)
            .json();
    assertThat(said.at("/metadata").toString())
        .isEqualTo(
            "{\"feature_names\":[\"customer\",\"baskets__orders_7d\",\"baskets__spent_7d\",\"baskets__segment\"],"
                + "\"feature_view_metadata\":[{\"name\":\"baskets\",\"version\":2}]}");
  }

  @Test
  void saysAllThatIsKnownOfEachValueAcrossViews() {
    JsonNode said =
        client
            .post(
                "/features",
                """
                {"features": ["shops@1:share", "baskets@2"], "at": "2024-03-01T00:00:00Z",
                 "entities": [{"customer": "ada", "shop": 7, "opened": "2020-02-29"},
                              {"customer": "eve", "shop": 7, "opened": "2020-03-01"}]}
                """)
            .json();
    assertThat(said.at("/features").findValuesAsText("feature"))
        .containsExactly("share", "orders_7d", "spent_7d", "segment");
    assertThat(said.at("/rows/0/0").toString())
        .isEqualTo(
            "{\"value\":\"-Infinity\",\"status\":\"present\",\"eventTime\":\"2024-02-27T10:00:00Z\","
                + "\"publishedFor\":\"2024-02-28T22:59:59.999999Z\"}");
    assertThat(said.at("/rows/0/1/value").longValue()).isEqualTo(3);
    assertThat(said.at("/rows/0/2/value").doubleValue()).isEqualTo(4.5);
    assertThat(said.at("/rows/1/0").toString()).isEqualTo("{\"value\":null,\"status\":\"absent\"}");
    assertThat(said.at("/rows/1/3").toString())
        .isEqualTo("{\"value\":\"none\",\"status\":\"absent\",\"default\":true}");
  }

  @Test
  void aPersonReadsAnEntityByItsPath() {
    JsonNode said = client.get("/views/shops@1/7/2020-02-29").json();
    assertThat(said.at("/view").textValue()).isEqualTo("shops@1");
    Map<String, String> values = new LinkedHashMap<>();
    said.at("/features")
        .forEach(f -> values.put(f.get("feature").textValue(), f.get("value").toString()));
    assertThat(values.toString().replace('"', '\''))
        .isEqualTo(
            "{rent='1234.50', seen='2024-02-27T10:00:00.000001Z', closed=true, day='2024-02-27',"
                + " logo='AP8=', prices=[0.1,'NaN'], by_hour={'09':4,'10':null},"
                + " place={'town':'Ulm','floor':2}, share='-Infinity'}");
  }

  @Test
  void listsWhatIsServed() {
    JsonNode all = client.get("/views").json();
    assertThat(all.at("/views").findValuesAsText("view"))
        .as("what is not online is left out, what is computed on demand comes last")
        .containsExactly("baskets@1", "baskets@2", "shops@1", "request@1");
    assertThat(all.at("/views/3").toString().replace('"', '\''))
        .isEqualTo(
            "{'view':'request@1','description':'What is asked about.','entity':[],'request':["
                + "{'name':'price','type':'double'},{'name':'asked','type':'timestamp'},"
                + "{'name':'tags','type':'array<string>'}]}");
    assertThat(client.get("/views/request").json().at("/features").findValuesAsText("type"))
        .containsExactly("boolean", "bigint", "timestamp", "array<string>");
    assertThat(all.at("/views/0").has("publication")).isFalse();
    assertThat(all.at("/views/1/publication").intValue()).isEqualTo(1);
    JsonNode one = client.get("/views/baskets").json();
    assertThat(one.at("/description").textValue()).isEqualTo("What a customer bought.");
    assertThat(one.at("/keys").toString())
        .isEqualTo("[{\"name\":\"customer\",\"type\":\"string\"}]");
    assertThat(one.at("/features").findValuesAsText("type"))
        .containsExactly("bigint", "double", "string");
  }

  @Test
  void computesOnDemandBesideWhatItLooksUp() {
    JsonNode said =
        client
            .post(
                "/features",
                """
                {"features": ["request@1", "baskets@2:orders_7d"], "at": "2024-02-29T00:00:00Z", "entities": [
                  {"customer": "ada", "price": 2.5, "asked": "2024-03-01T10:00:00.5+02:00", "tags": ["a", null]},
                  {"customer": "eve", "price": null, "asked": null, "tags": null}]}
                """)
            .json();
    assertThat(said.at("/features").findValuesAsText("view"))
        .containsExactly("request@1", "request@1", "request@1", "request@1", "baskets@2");
    assertThat(said.at("/rows/0/0").toString())
        .isEqualTo("{\"value\":true,\"status\":\"present\"}");
    assertThat(said.at("/rows/0/2/value").textValue()).isEqualTo("2024-03-01T08:00:00.500Z");
    assertThat(said.at("/rows/0/3/value").toString()).isEqualTo("[\"a\",null]");
    assertThat(said.at("/rows/0/4/value").longValue()).isEqualTo(3);
    assertThat(said.at("/rows/1/0").toString())
        .isEqualTo("{\"value\":false,\"status\":\"null\",\"default\":true}");
    assertThat(said.at("/rows/1/1").toString()).isEqualTo("{\"value\":null,\"status\":\"null\"}");
  }

  @Test
  void takesOnlyWhatAFeatureIsComputedFrom() {
    JsonNode said =
        client
            .post(
                "/features",
                "{\"features\": [\"request@1:cheap\"], \"entities\": [{\"price\": 1e19}]}")
            .json();
    assertThat(said.at("/rows/0/0/value").booleanValue())
        .as("what can't be computed was not asked for")
        .isFalse();
    assertThat(said.at("/rows/0/0/status").textValue()).isEqualTo("present");
  }

  @Test
  void computesWhatAPathSufficesFor() {
    JsonNode said = client.get("/views/request?price=2.5&tags=[%22a%22]").json();
    assertThat(said.at("/view").textValue()).isEqualTo("request@1");
    assertThat(said.at("/features").toString().replace('"', '\''))
        .isEqualTo(
            "[{'feature':'cheap','type':'boolean','value':true,'status':'present'},"
                + "{'feature':'rounded','type':'bigint','value':2,'status':'present'},"
                + "{'feature':'tags','type':'array<string>','value':['a'],'status':'present'}]");
    assertThat(client.get("/views/request?price=NaN").json().at("/features/0/value").booleanValue())
        .isFalse();
    assertThat(
            client
                .get("/views/request?asked=2024-03-01T10:00:00%2B02:00")
                .json()
                .at("/features/0/value")
                .textValue())
        .isEqualTo("2024-03-01T08:00:00Z");
    assertThat(client.get("/views/request?price=").json().at("/features/1/status").textValue())
        .isEqualTo("null");
  }

  @Test
  void computesOnDemandForFeastsClients() {
    JsonNode said =
        client
            .post(
                "/get-online-features",
                """
                {"features": ["request:rounded", "request:cheap", "baskets:orders_7d"],
                 "entities": {"customer": ["ada", "eve"], "price": [7, null]}}
                """)
            .json();
    assertThat(said.at("/metadata/feature_names").toString())
        .isEqualTo("[\"customer\",\"price\",\"rounded\",\"cheap\",\"orders_7d\"]");
    assertThat(said.at("/results/1/values").toString()).isEqualTo("[7.0,null]");
    assertThat(said.at("/results/2/values").toString()).isEqualTo("[7,null]");
    assertThat(said.at("/results/2/statuses").toString()).isEqualTo("[\"PRESENT\",\"NULL_VALUE\"]");
    assertThat(said.at("/results/3/statuses").toString()).isEqualTo("[\"PRESENT\",\"PRESENT\"]");
  }

  /** Between a look at a view's columns and its rows it is published with its keys turned round. */
  @Test
  void neverReadsAKeyByTheColumnsOfAnotherPublication() {
    server.close();
    StoredColumn a = new StoredColumn("a", "string");
    StoredColumn b = new StoredColumn("b", "string");
    Shop.publish(
        store,
        pairs(List.of(a, b)),
        Shop.NIGHT,
        Map.of(List.of("x", "y"), Shop.row(Shop.NIGHT, 1L)));
    AtomicBoolean turned = new AtomicBoolean();
    serve(
        before(
            "readAll",
            () -> {
              if (turned.compareAndSet(false, true)) {
                Shop.publish(
                    store,
                    pairs(List.of(b, a)),
                    Shop.NIGHT.plusSeconds(1),
                    Map.of(
                        List.of("y", "x"), Shop.row(Shop.NIGHT, 2L),
                        List.of("x", "y"), Shop.row(Shop.NIGHT, 3L)));
              }
            }));
    JsonNode said =
        client
            .post(
                "/features",
                "{\"features\":[\"baskets@1\"],\"entities\":[{\"a\":\"x\",\"b\":\"y\"}]}")
            .json();
    assertThat(turned).isTrue();
    assertThat(said.at("/rows/0/0/value").longValue()).isEqualTo(2);
  }

  private static StoredView pairs(List<StoredColumn> keys) {
    return new StoredView(
        ViewId.parse("baskets@1"),
        Shop.BASKETS.definition(),
        keys,
        List.of(new StoredFeature("n", "bigint", Optional.empty(), Optional.empty())),
        Optional.empty(),
        Optional.empty());
  }

  /** Each publication has one number for all features of all customers. */
  @Test
  void answersANewPublicationWithinTwoSecondsAndNeverAMixOfTwo() throws Exception {
    String[] customers = new String[50];
    for (int i = 0; i < customers.length; i++) {
      customers[i] = "c" + i;
    }
    Shop.publishBaskets(store, Shop.NIGHT.plusSeconds(1), 1, customers);
    StringBuilder entities = new StringBuilder();
    for (String customer : customers) {
      entities
          .append(entities.isEmpty() ? "" : ",")
          .append("{\"customer\":\"")
          .append(customer)
          .append("\"}");
    }
    String question =
        "{\"features\":[\"baskets@2\"],\"at\":\"2024-03-01T00:00:00Z\",\"entities\":["
            + entities
            + "]}";
    try (OnlineStore other = shop.open()) {
      Thread publishing =
          new Thread(
              () -> {
                for (int n = 2; n <= 15; n++) {
                  Shop.publishBaskets(other, Shop.NIGHT.plusSeconds(n), n, customers);
                }
              });
      publishing.start();
      List<Long> seen = new ArrayList<>();
      Instant until = null;
      while (seen.isEmpty() || seen.get(seen.size() - 1) < 15) {
        JsonNode said = client.post("/features", question).json();
        long n = said.at("/rows/0/0/value").longValue();
        said.at("/rows")
            .forEach(
                row -> {
                  assertThat(row.at("/0/value").longValue()).isEqualTo(n);
                  assertThat(row.at("/1/value").doubleValue()).isEqualTo(n * 1.5);
                  assertThat(row.at("/2/value").textValue()).isEqualTo("s" + n);
                });
        assertThat(seen).allMatch(before -> before <= n);
        seen.add(n);
        if (!publishing.isAlive()) {
          until = until == null ? Instant.now().plusSeconds(2) : until;
          assertThat(Instant.now()).as("the last is answered within two seconds").isBefore(until);
        }
      }
      publishing.join();
    }
  }

  @Test
  void aViewThatIsServedNoMoreNamesItsSuccessor() throws Exception {
    assertThat(client.get("/views/baskets@1").status()).isEqualTo(404);
    StoredView former =
        Shop.view("baskets@1", Shop.BASKETS.keys(), Shop.BASKETS.definition(), "segment");
    Shop.publish(store, former, Shop.NIGHT, Map.of(List.of("ada"), Shop.row(Shop.NIGHT, "s1")));
    Files.delete(folder.resolve("features/baskets_1.yaml"));
    server.close();
    shop = Shop.of(folder);
    serve(store);

    for (Said said :
        List.of(
            client.get("/views/baskets@1"),
            client.get("/views/baskets@1/ada"),
            client.post(
                "/features",
                "{\"features\":[\"baskets@1\"],\"entities\":[{\"customer\":\"ada\"}]}"),
            client.post(
                "/get-online-features",
                "{\"features\":[\"baskets@v1:segment\"],\"entities\":{\"customer\":[\"ada\"]}}"))) {
      assertThat(said.status()).isEqualTo(410);
      assertThat(said.link()).isEqualTo("</views/baskets@2>; rel=\"successor-version\"");
      assertThat(said.detail())
          .isEqualTo(
              "Cannot read features of baskets@1: the project serves it no more. Ask for baskets@2.");
    }
    assertThat(client.get("/views/baskets@2/ada").status()).isEqualTo(200);
    // Never published, and without a successor.
    assertThat(client.get("/views/request@0").status()).isIn(400, 404);
    assertThat(client.get("/views/baskets@3").status()).isEqualTo(404);
  }

  @Test
  void isReadyWhereEachViewIsPublishedAndNoneIsTooOld() throws Exception {
    Client.eventually(
        () ->
            assertThat(client.get("/ready").json().at("/reasons"))
                .as("views on demand are compiled")
                .hasSize(2));
    Said said = client.get("/ready");
    assertThat(said.status()).isEqualTo(503);
    assertThat(said.json().at("/reasons/0").textValue())
        .isEqualTo(
            "Cannot read features of baskets@1: it was never published. Run the project's next night.");
    assertThat(said.json().at("/reasons/1").textValue())
        .startsWith("baskets@2: its publication is for 2024-02-28T22:59:59.999999Z, ")
        .endsWith(" its max-staleness is 30d. Run the nights that are missing.");

    Shop.publish(
        store,
        new StoredView(
            ViewId.parse("baskets@1"),
            Shop.BASKETS.definition(),
            Shop.BASKETS.keys(),
            Shop.BASKETS.features(),
            Optional.empty(),
            Optional.empty()),
        Shop.NIGHT,
        Map.of());
    Shop.publishBaskets(store, Instant.now(), 4, "ada");
    store.refresh();
    Client.eventually(
        () ->
            assertThat(client.get("/ready").text())
                .isEqualTo("{\"status\":\"ready\",\"reasons\":[],\"notes\":[]}"));
    assertThat(client.get("/health").text()).isEqualTo("{\"status\":\"up\"}");
  }

  @Test
  void measuresAndLogsRequestsWithoutWhoWasAskedAbout() throws Exception {
    client.get("/views/baskets@2/ada");
    client.get("/views/baskets@2/ada");
    client.get("/views/nothing@2/ada");
    String metrics = client.get("/metrics").text();
    assertThat(metrics)
        .contains(
            "tributary_requests_seconds_count{route=\"/views/{view}/{key…}\",status=\"200\"} 2")
        .contains("route=\"/views/{view}/{key…}\",status=\"404\"")
        .contains("tributary_publication_sequence{view=\"baskets@2\"} 1.0")
        .contains("tributary_publication_sequence{view=\"baskets@1\"} NaN")
        .contains("jvm_memory_used_bytes");
    assertThat(metrics).doesNotContain("ada");
    Client.eventually(() -> assertThat(log.toString(StandardCharsets.UTF_8).lines()).hasSize(4));
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("ada");
    assertThat(log.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow())
        .matches(
            "\\{\"at\":\"[^\"]+\",\"client\":\"127\\.0\\.0\\.1\",\"method\":\"GET\",\"route\":\"/views/\\{view}/\\{key…}\",\"status\":200,\"ms\":[\\d.]+,\"bytes\":\\d+}");
  }

  @Test
  void servesItsOwnMachineAloneUnlessSomebodyWantsMore() {
    assertThatThrownBy(
            () ->
                FeatureServer.start(
                    shop.project(),
                    store,
                    Shop.COMPILER,
                    shop.access(),
                    new FeatureServer.Address("0.0.0.0", 0, false),
                    System.out))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessage(
            "Cannot serve at 0.0.0.0: project acme has no token, so that whoever reaches it could read all features. Make one: tributary token create. Behind a proxy that knows who asks say --no-tokens.");
    FeatureServer.start(
            shop.project(),
            store,
            Shop.COMPILER,
            shop.access(),
            new FeatureServer.Address("0.0.0.0", 0, true, true, Optional.empty()),
            System.out)
        .close();
    int taken = server.address().getPort();
    assertThatThrownBy(
            () ->
                FeatureServer.start(
                    shop.project(),
                    store,
                    Shop.COMPILER,
                    shop.access(),
                    new FeatureServer.Address("127.0.0.1", taken, false),
                    System.out))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
        .hasMessageContaining("Choose another --port");
  }

  /** A store that does something before each call of a method. */
  private OnlineStore before(String called, Runnable first) {
    return (OnlineStore)
        Proxy.newProxyInstance(
            OnlineStore.class.getClassLoader(),
            new Class<?>[] {OnlineStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(called)) {
                first.run();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** A store of which each read waits for a sign. */
  private OnlineStore waiting(CountDownLatch sign, CountDownLatch begun) {
    return before(
        "readAll",
        () -> {
          begun.countDown();
          try {
            sign.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void shedsWhatIsTooMuchAndStaysHealthy() throws Exception {
    server.close();
    CountDownLatch sign = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(Limits.AT_ONCE);
    serve(waiting(sign, begun));
    CountDownLatch shed = new CountDownLatch(20);
    for (int i = 0; i < Limits.AT_ONCE + Limits.WAITING + 20; i++) {
      var unused =
          ask()
              .thenAccept(
                  answer -> {
                    if (answer.statusCode() == 503
                        && answer.headers().firstValue("Retry-After").equals(Optional.of("1"))
                        && answer.body().contains("too many requests at once")) {
                      shed.countDown();
                    }
                  });
    }
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(shed.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(client.get("/health").status()).isEqualTo(200);
    sign.countDown();
    Client.eventually(() -> assertThat(client.get("/views/baskets@2/ada").status()).isEqualTo(200));
  }

  private CompletableFuture<HttpResponse<String>> ask() {
    return client
        .http()
        .sendAsync(
            HttpRequest.newBuilder(client.uri("/views/baskets@2/ada")).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void finishesWhatItBeganWhenItStops() throws Exception {
    server.close();
    CountDownLatch sign = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    serve(waiting(sign, begun));
    CompletableFuture<HttpResponse<String>> asked = ask();
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> server.close());
    TimeUnit.MILLISECONDS.sleep(200);
    assertThat(stopping).isNotDone();
    sign.countDown();
    assertThat(asked.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    stopping.get(30, TimeUnit.SECONDS);
  }

  @Test
  void saysThatTheStoreCannotBeRead() {
    server.close();
    OnlineStore broken =
        (OnlineStore)
            Proxy.newProxyInstance(
                OnlineStore.class.getClassLoader(),
                new Class<?>[] {OnlineStore.class},
                (proxy, method, arguments) -> {
                  throw new PlatformException(
                      ErrorCode.STORAGE,
                      "Cannot read the online store: its disk is gone. Mount it.");
                });
    serve(broken);
    Said said = client.get("/views/baskets@2/ada");
    assertThat(said.status()).isEqualTo(503);
    assertThat(said.json().at("/detail").textValue())
        .isEqualTo("Cannot read the online store: its disk is gone. Mount it.");
    assertThat(client.get("/ready").status()).isEqualTo(503);
    assertThat(client.get("/metrics").status()).isEqualTo(200);
  }
}
