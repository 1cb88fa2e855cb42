package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.online.OnlineStore;
import io.tributary.serving.Client.Said;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody sends who is mistaken or means harm: an answer with a reason, and no other harm.
 */
@Timeout(120)
class TestBadRequests {
  private static final String GOOD =
      "{\"features\":[\"baskets@2\"],\"entities\":[{\"customer\":\"ada\"}]}";

  @TempDir static Path folder;
  private static OnlineStore store;
  private static FeatureServer server;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    Shop shop = Shop.in(folder);
    store = shop.open();
    Shop.publishBaskets(store, Shop.NIGHT, 3, "ada", "bob");
    server =
        FeatureServer.start(
            shop.project(),
            store,
            Shop.COMPILER,
            shop.access(),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    client = new Client(server.address());
  }

  @AfterAll
  static void stop() {
    server.close();
    store.close();
  }

  private static void isProblem(String what, Said said, int status, String detail) {
    assertThat(said.status()).as(what).isEqualTo(status);
    assertThat(said.type()).as(what).isEqualTo("application/problem+json");
    JsonNode problem = said.json();
    assertThat(problem.at("/status").intValue()).as(what).isEqualTo(status);
    assertThat(problem.at("/detail").textValue()).as(what).contains(detail);
    assertThat(problem.at("/title").textValue()).as(what).isNotEmpty();
    assertThat(said.text()).as(what).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void saysWhatIsWrongWithABody() {
    Map<String, String> bodies = new LinkedHashMap<>();
    bodies.put("", "the body is no object");
    bodies.put("null", "the body is no object");
    bodies.put("[]", "the body is no object");
    bodies.put("{", "The body is no JSON: line 1");
    bodies.put("{}{}", "The body is no JSON");
    bodies.put("{\"features\":[\"baskets\"],\"features\":[]}", "The body is no JSON");
    bodies.put("{\"features\":[NaN]}", "The body is no JSON");
    bodies.put("\u0000", "The body is no JSON");
    bodies.put("[".repeat(1_000) + "]".repeat(1_000), "The body is no JSON");
    bodies.put("1" + "0".repeat(500), "The body is no JSON");
    bodies.put("{}", "it has no \"features\"");
    bodies.put("{\"featurs\":[]}", "Did you mean \"features\"?");
    bodies.put("{\"features\":[]}", "\"features\" is no list of texts");
    bodies.put("{\"features\":[1]}", "\"features\" is no list of texts");
    bodies.put("{\"features\":{\"a\":1}}", "\"features\" is no list of texts");
    bodies.put("{\"features\":[\"baskets\"]}", "it has no \"entities\"");
    bodies.put(
        "{\"features\":[\"baskets@x\"]}", "a view is named name@version, as in carrier_history@1");
    bodies.put("{\"features\":[\"request@1\"]}", "it has no \"entities\"");
    bodies.put(
        "{\"features\":[\"request@1:cheap\"],\"entities\":[{\"prize\":1}]}",
        "an entity has no \"price\", which request@1 asks for");
    Map<String, String> values = new LinkedHashMap<>();
    values.put("{\"price\":\"2\",\"asked\":null,\"tags\":null}", "\"2\" is no double");
    values.put("{\"price\":true,\"asked\":null,\"tags\":null}", "true is no double");
    values.put("{\"price\":{},\"asked\":null,\"tags\":null}", "{} is no double");
    values.put("{\"price\":1e400,\"asked\":null,\"tags\":null}", "is no double");
    values.put(
        "{\"price\":1,\"asked\":1,\"tags\":null}",
        "Cannot read asked of what request@1 is computed from: 1 is no timestamp. Give a value of that type with its offset, as in 2013-12-30T05:00:00Z, or null.");
    values.put("{\"price\":1,\"asked\":\"2024-01-01T00:00:00\",\"tags\":null}", "is no timestamp");
    values.put(
        "{\"price\":1,\"asked\":\"2024-01-01T00:00:00.0000001Z\",\"tags\":null}",
        "is no timestamp");
    values.put(
        "{\"price\":1,\"asked\":\"+12024-01-01T00:00:00Z\",\"tags\":null}", "is no timestamp");
    values.put("{\"price\":1,\"asked\":\"\",\"tags\":null}", "\"\" is no timestamp");
    values.put("{\"price\":1,\"asked\":null,\"tags\":\"a\"}", "is no array<string>");
    values.put("{\"price\":1,\"asked\":null,\"tags\":[\"a\",1]}", "is no array<string>");
    values.put("{\"price\":1,\"asked\":null,\"tags\":[\"\\ud800\"]}", "is no array<string>");
    values.put("{\"price\":1e19,\"asked\":null,\"tags\":null}", "Cannot compute feature rounded");
    values.forEach(
        (entity, detail) ->
            bodies.put("{\"features\":[\"request\"],\"entities\":[%s]}".formatted(entity), detail));
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":{}}", "\"entities\" is no list of objects");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[]}", "\"entities\" is no list of objects");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[7]}",
        "an entity has no \"customer\", which baskets@2 asks for");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[{\"customer\":7}]}",
        "Cannot read key column customer: 7 is no string.");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[{\"customer\":[\"ada\"]}]}", "is no string");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[{\"customer\":\"ada\"}],\"at\":\"now\"}",
        "\"now\" is no instant");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":[{\"customer\":\"ada\"}],\"at\":5}",
        "\"at\" is no text");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":["
            + "{\"customer\":\"a\"},".repeat(1_000)
            + "{\"customer\":\"a\"}]}",
        "1001 entities of views with 3 features are asked for, and 1000 entities and 50000 values");
    bodies.put(
        "{\"features\":[\"baskets\"],\"service\":\"late@1\",\"entities\":[{}]}",
        "it has both \"features\" and \"service\"");
    bodies.forEach((body, detail) -> isProblem(body, client.post("/features", body), 400, detail));
    Map<String, String> unknown = new LinkedHashMap<>();
    unknown.put("{\"features\":[\"basket@2\"]}", "Did you mean \"baskets@2\"?");
    unknown.put("{\"features\":[\"baskets@1\"]}", "it was never published");
    unknown.put("{\"features\":[\"hidden@1\"]}", "the project serves no such view");
    unknown.put("{\"features\":[\"baskets@2:order_7d\"]}", "Did you mean \"orders_7d\"?");
    unknown.put("{\"service\":\"late\",\"entities\":[{}]}", "no model \"late\" is registered");
    unknown.forEach((body, detail) -> isProblem(body, client.post("/features", body), 404, detail));
  }

  @Test
  void saysWhatIsWrongWithFeastsBody() {
    Map<String, String> bodies = new LinkedHashMap<>();
    bodies.put("{\"feature_service\":7}", "\"feature_service\" is no text");
    bodies.put(
        "{\"feature_service\":\"late@1\",\"features\":[\"baskets\"]}",
        "it has both \"features\" and \"feature_service\"");
    bodies.put("{\"feature_service\":\"La/te\"}", "Cannot read model reference \"La/te\"");
    bodies.put("{\"features\":[\"baskets\"],\"entities\":[]}", "holds no lists");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":{\"customer\":\"ada\"}}", "holds no lists");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":{\"customer\":[\"ada\"],\"shop\":[1,2]}}",
        "holds no lists of equally many values");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":{\"shop\":[1]}}",
        "\"entities\" has \"shop\", which no view asks for");
    bodies.put("{\"features\":[\"baskets\"],\"entities\":{\"customer\":[1]}}", "1 is no string");
    bodies.put(
        "{\"features\":[\"baskets\"],\"entities\":{\"customer\":[\"a\"]},\"full_feature_names\":1}",
        "\"full_feature_names\" is neither true nor false");
    bodies.forEach(
        (body, detail) -> isProblem(body, client.post("/get-online-features", body), 400, detail));
  }

  /** Rows times columns of what a body can say is more than any heap has. */
  @Test
  void rowsForAModelAreNoLargerThanTheirBody() {
    StringBuilder columns = new StringBuilder("{\"c0\":1");
    for (int i = 1; i < 60_000; i++) {
      columns.append(",\"c").append(i).append("\":1");
    }
    String wide = columns.append('}').toString();
    for (int rows : List.of(100_000, 999)) {
      isProblem(
          rows + " rows",
          client.post(
              "/models/late/invocations",
              "{\"dataframe_records\":[" + wide + ",{}".repeat(rows) + "]}"),
          400,
          rows > 1_000
              ? "it has 100001 rows, and 1 to 1000 are scored"
              : "row 1 of \"dataframe_records\" has other columns than the first");
    }
    isAlive();
  }

  @Test
  void saysWhatIsWrongWithAPathAMethodOrAType() {
    isProblem("path", client.get("/nothing"), 404, "GET /openapi.json says what there is");
    isProblem("method", client.get("/features"), 405, "asked by POST");
    isProblem("method", client.post("/views", GOOD), 405, "asked by GET");
    isProblem(
        "type",
        client.send(
            HttpRequest.newBuilder(client.uri("/features"))
                .POST(HttpRequest.BodyPublishers.ofString(GOOD))),
        415,
        "Content-Type: application/json");
    isProblem("text", client.get("/views/request?price=two"), 400, "\"two\" is no double");
    isProblem("instant", client.get("/views/request?asked="), 400, "\"\" is no timestamp");
    isProblem(
        "column",
        client.get("/views/request?prise=2"),
        400,
        "computed from. Did you mean \"price\"?");
    isProblem("twice", client.get("/views/request?price=2&price=3"), 400, "each once");
    isProblem("stored", client.get("/views/baskets?customer=ada"), 400, "is no view on demand");
    isProblem("key", client.get("/views/request/2"), 400, "Ask by /views/request@1?COLUMN=VALUE");
    isProblem("view", client.get("/views/x"), 404, "the project serves no such view");
    isProblem("key", client.get("/views/shops@1/7"), 404, "it was never published");
    isProblem(
        "key", client.get("/views/baskets@2/a/b"), 400, "the entity has 1 columns [customer]");
    isProblem("at", client.get("/views/baskets@2/a?at=x"), 400, "\"x\" is no instant");
    isProblem("at", client.get("/views/baskets@2/a?At=x"), 400, "\"At\" is not");
    isProblem("at", client.get("/views?at=x"), 400, "\"at\" is not");
    isProblem(
        "at",
        client.get("/views/baskets@2/a?at=2024-03-01T00:00:00Z&at=2024-03-02T00:00:00Z"),
        400,
        "each once");
  }

  /** Of HTTP itself, byte by byte. */
  @Test
  void aRequestWhoseBodyWasNotReadEndsItsConnectionAndSaysSo() throws IOException {
    for (String line : List.of("POST /nothing", "PUT /features", "POST /features?x=1")) {
      assertThat(client.raw(line + " HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n"))
          .as(line)
          .startsWith("HTTP/1.1 40")
          .contains("\r\nConnection: close\r\n");
    }
    assertThat(client.raw("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ")
        .doesNotContain("Connection: close");
  }

  @Test
  void refusesWhatIsNoHttp() throws Exception {
    Map<String, Integer> requests = new LinkedHashMap<>();
    String end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    requests.put("GET /views/../../etc/passwd" + end, 400);
    requests.put("GET /views/%2e%2e/%2e%2e/etc/passwd" + end, 400);
    requests.put("GET /views/baskets@2/%2F" + end, 400);
    requests.put("GET //views" + end, 400);
    requests.put("GET /views/baskets@2/a;b=c" + end, 400);
    requests.put("GET /%zz" + end, 400);
    requests.put("GET /\u0000" + end, 400);
    requests.put("GET /" + "x".repeat(9_000) + end, 414);
    requests.put("GET /health HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(2_000) + "\r\n", 431);
    requests.put("GET /health HTTP/1.1\r\nHost: x\r\nA: " + "b".repeat(9_000) + "\r\n\r\n", 431);
    requests.put("GET /health HTTP/1.1\r\n\r\n", 400);
    requests.put("nonsense\r\n\r\n", 400);
    requests.put(
        "POST /features HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        400);
    requests.put(
        "POST /features HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        400);
    requests.put(
        "POST /features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
        400);
    requests.put(
        "POST /features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n{",
        413);
    requests.put("GET ?x" + end, 400);
    requests.put("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505);
    requests.put(
        "POST /features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; a=b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + ("10000\r\n" + " ".repeat(0x10000) + "\r\n").repeat(17)
            + "0\r\n\r\n",
        413);
    for (Map.Entry<String, Integer> request : requests.entrySet()) {
      String said = client.raw(request.getKey());
      String what = request.getKey().substring(0, Math.min(60, request.getKey().length()));
      assertThat(said).as(what).startsWith("HTTP/1.1 " + request.getValue() + " ");
      assertThat(said).as(what).doesNotContain("Exception").doesNotContain("Jetty");
      assertThat(Json.mapper().readTree(said.substring(said.indexOf("\r\n\r\n"))).has("detail"))
          .as(what + " " + said)
          .isTrue();
    }
    isAlive();
  }

  /** Three hundred bodies that a seed makes of good ones, by bytes that are changed or cut. */
  @Test
  void noBodyIsTheServersFault() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = GOOD.getBytes(StandardCharsets.UTF_8);
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      byte[] sent = java.util.Arrays.copyOf(bytes, random.nextInt(1, bytes.length + 1));
      Said said =
          client.send(
              HttpRequest.newBuilder(client.uri("/features"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(sent)));
      assertThat(said.status())
          .as("seed %s, %s: %s", seed, new String(sent, StandardCharsets.ISO_8859_1), said.text())
          .isIn(200, 400, 404);
    }
    isAlive();
  }

  /** Clients that send a part and then nothing hold no thread: the others are answered. */
  @Test
  void whoIsSlowOrGoneHarmsNobody() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = client.connect();
        slow.add(socket);
        String head =
            "POST /features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
        socket
            .getOutputStream()
            .write(
                (i % 3 == 0 ? head : i % 3 == 1 ? "GET /hea" : "")
                    .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        if (i % 5 == 0) {
          socket.close();
        }
      }
      for (int i = 0; i < 50; i++) {
        isAlive();
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    isAlive();
  }

  private static void isAlive() {
    assertThat(client.post("/features", GOOD).json().at("/rows/0/0/status").textValue())
        .isEqualTo("expired");
  }
}
