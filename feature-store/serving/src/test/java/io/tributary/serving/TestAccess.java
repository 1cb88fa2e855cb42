package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Principal;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.StoredView;
import io.tributary.serving.Client.Said;
import io.tributary.serving.access.Role;
import io.tributary.serving.access.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may ask a server, over real connections. */
@Timeout(120)
class TestAccess {
  private static final String ADA = "/views/baskets@2/ada";
  private static final Instant FUTURE = Instant.parse("2999-01-01T00:00:00Z");

  @TempDir Path folder;
  private Shop shop;
  private OnlineStore store;
  private Tokens tokens;
  private FeatureServer server;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void open() throws Exception {
    shop = Shop.in(folder);
    store = shop.open();
    tokens = Tokens.open(shop.lake());
    Shop.publishBaskets(store, Shop.NIGHT, 3, "ada");
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    store.close();
  }

  private void serve() {
    serve(new FeatureServer.Address("127.0.0.1", 0, false), log);
  }

  private void serve(FeatureServer.Address address, OutputStream out) {
    server =
        FeatureServer.start(
            shop.project(),
            store,
            Shop.COMPILER,
            shop.access(),
            address,
            new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  private String token(String name, Set<Role> roles, String... tags) {
    return token("acme", name, roles, Optional.empty(), tags);
  }

  private String token(
      String project, String name, Set<Role> roles, Optional<Instant> expires, String... tags) {
    return tokens.create(project, name, roles, Set.of(tags), expires, Principal.ofProcess()).text();
  }

  private Said get(String path, String token) {
    return new Client(server.address(), token).get(path);
  }

  private Client anybody() {
    return new Client(server.address());
  }

  @Test
  void asksForATokenOnceOneIsMade() throws Exception {
    String good = token("reports", Set.of(Role.READ));
    serve();
    Said none = anybody().get(ADA);
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.type()).isEqualTo(Problem.TYPE);
    assertThat(none.challenge()).isEqualTo("Bearer realm=\"tributary\"");
    assertThat(none.detail())
        .isEqualTo(
            "A token is asked for. Send it as Authorization: Bearer TOKEN; whoever keeps the project makes one by tributary token create.");
    for (String wrong :
        List.of("", "x", good + "x", good.substring(0, good.length() - 1), other(good))) {
      Said said = get(ADA, wrong);
      assertThat(said.status()).as(wrong).isEqualTo(401);
      assertThat(said.challenge())
          .isEqualTo(
              "Bearer realm=\"tributary\", error=\"invalid_token\", error_description=\"it is no token of project acme. Ask whoever keeps the project for one\"");
    }
    assertThat(get(ADA, good).status()).isEqualTo(200);
    String both =
        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nAuthorization: Bearer x\r\n\r\n";
    assertThat(anybody().raw(both.formatted(ADA, good))).startsWith("HTTP/1.1 400 ");
    assertThat(get(ADA, good).json().at("/features/0/feature").textValue()).isEqualTo("orders_7d");
    assertThat(get("/metrics", good).status()).isEqualTo(200);
    assertThat(anybody().get("/metrics").status()).isEqualTo(401);
    assertThat(anybody().get("/health").status()).isEqualTo(200);
    assertThat(anybody().post("/features", "{}").status()).isEqualTo(401);
  }

  /** Another token with the same id. */
  private static String other(String token) {
    return token.substring(0, token.length() - 1) + (token.endsWith("A") ? "Q" : "A");
  }

  @Test
  void readinessSaysWhyToThoseWhoMayAsk() {
    String good = token("reports", Set.of(Role.SCORE));
    serve();
    assertThat(anybody().get("/ready").text())
        .isEqualTo(
            "{\"status\":\"not ready\",\"reasons\":[\"Ask with a token, and it says why.\"],\"notes\":[]}");
    assertThat(get("/ready", "wrong").text()).contains("Ask with a token");
    assertThat(get("/ready", good).json().at("/reasons/0").textValue())
        .startsWith("Cannot read features of baskets@1: it was never published.");
  }

  @Test
  void knowsNoTokenOfAnotherProject() {
    token("reports", Set.of(Role.READ));
    String foreign = token("umbrella", "reports", Set.of(Role.ADMIN), Optional.empty());
    serve();
    Said said = get(ADA, foreign);
    assertThat(said.status()).isEqualTo(401);
    assertThat(said.detail())
        .isEqualTo(
            "The token is not good: it is no token of project acme. Ask whoever keeps the project for one.");
  }

  @Test
  void aTokenOfAnotherProjectClosesNothingHere() {
    token("umbrella", "reports", Set.of(Role.ADMIN), Optional.empty());
    serve();
    assertThat(anybody().get(ADA).status()).isEqualTo(200);
  }

  @Test
  void noticesTokensThatAreMadeAndRevokedWhileItRuns() throws Exception {
    serve();
    assertThat(anybody().get(ADA).status()).isEqualTo(200);
    String first = token("first", Set.of(Role.READ));
    Client.eventually(() -> assertThat(anybody().get(ADA).status()).isEqualTo(401));
    assertThat(get(ADA, first).status()).isEqualTo(200);
    tokens.revoke("acme", "first", "lost", Principal.ofProcess());
    Client.eventually(() -> assertThat(get(ADA, first).status()).isEqualTo(401));
    assertThat(get(ADA, first).detail())
        .matches(
            "The token is not good: it was revoked at \\S+\\. Ask whoever keeps the project for another one\\.");
    String second = token("first", Set.of(Role.READ));
    Client.eventually(() -> assertThat(get(ADA, second).status()).isEqualTo(200));
    assertThat(get(ADA, first).status()).isEqualTo(401);
  }

  @Test
  void aTokenExpires() throws Exception {
    Instant soon = Instant.now().plusSeconds(3);
    String token = token("acme", "short", Set.of(Role.READ), Optional.of(soon));
    String long_ = token("acme", "long", Set.of(Role.READ), Optional.of(FUTURE));
    serve();
    assertThat(get(ADA, token).status()).isEqualTo(200);
    Client.eventually(() -> assertThat(get(ADA, token).status()).isEqualTo(401));
    assertThat(get(ADA, token).detail())
        .contains("it expired at " + soon.toString().substring(0, 19));
    assertThat(get(ADA, long_).status()).isEqualTo(200);
  }

  @Test
  void aRoleThatIsMissingIsNamed() throws Exception {
    String scores = token("scores", Set.of(Role.SCORE));
    String admin = token("keeper", Set.of(Role.ADMIN));
    serve();
    Said said = get(ADA, scores);
    assertThat(said.status()).isEqualTo(403);
    assertThat(said.challenge())
        .isEqualTo("Bearer realm=\"tributary\", error=\"insufficient_scope\", scope=\"read\"");
    assertThat(said.detail())
        .isEqualTo(
            "Token scores has no role read. Ask with one that has, or have one made: tributary token create.");
    assertThat(get("/openapi.json", scores).status()).isEqualTo(200);
    String row = "{\"dataframe_records\":[{\"x\":1}]}";
    String reads = token("reads", Set.of(Role.READ));
    Client.eventually(() -> assertThat(get(ADA, reads).status()).isEqualTo(200));
    assertThat(new Client(server.address(), reads).post("/models/late/invocations", row).detail())
        .startsWith("Token reads has no role score.");
    assertThat(new Client(server.address(), scores).post("/models/late/invocations", row).status())
        .as("it may ask, and there is none")
        .isEqualTo(404);
    assertThat(get(ADA, admin).status()).isEqualTo(200);
  }

  /** Another view, of which one feature comes from a column that is tagged. */
  private void publishPeople(boolean keepDefinition) throws IOException {
    publishPeople(keepDefinition, "email");
  }

  private void publishPeople(boolean keepDefinition, String email, String... tags)
      throws IOException {
    Files.writeString(
        folder.resolve("sources/people.yaml"),
        """
        source: people
        read: {format: csv, path: "people*.csv", header: true}
        columns: {customer: string, email: {type: string, tags: [pii, contact]}, age: int, at: timestamp}
        event-time: at
        """);
    Files.writeString(
        folder.resolve("features/people.yaml"),
        "view: people@1\nentity: [customer]\nsource: people\nfeatures:\n  domain: email\n  years: age\n");
    Files.writeString(
        folder.resolve("features/private.yaml"),
        "view: private@1\ntags: [pii]\nentity: [customer]\nsource: orders\nfeatures:\n  orders: count(*) over 7d\n");
    shop = Shop.in(folder);
    DefinitionStore definitions = DefinitionStore.open(shop.lake());
    Definition source =
        definition(
            "source",
            "people",
            Map.of(),
            Map.of(
                email,
                new ColumnOrigin(Set.of(), Set.of(), Set.of(tags)),
                "age",
                of("source people", "age")));
    Definition view =
        definition(
            "view",
            "people@1",
            Map.of("source people", source.digest()),
            Map.of(
                "domain",
                of("source people", "email"),
                "years",
                new ColumnOrigin(
                    Set.of(new ColumnReference("source people", "age")),
                    Set.of(new ColumnReference("source people", "email")),
                    Set.of())));
    if (keepDefinition) {
      definitions.put(source);
      definitions.put(view);
    }
    publish("people@1", view.digest(), "domain", "years");
    publish("private@1", Digest.of("private"), "orders");
  }

  private static ColumnOrigin of(String thing, String column) {
    return ColumnOrigin.of(Set.of(new ColumnReference(thing, column)), Set.of());
  }

  private static Definition definition(
      String kind, String name, Map<String, Digest> uses, Map<String, ColumnOrigin> columns) {
    return new Definition(
        kind, name, name + ".yaml", "active", "text", "meaning", Map.of(), uses, columns);
  }

  private void publish(String view, Digest definition, String... features) {
    StoredView stored =
        Shop.view(view, Shop.BASKETS.keys(), Digest.of("meaning of " + view), features);
    Shop.publish(
        store,
        stored,
        Shop.NIGHT,
        Map.of(List.of("ada"), Shop.row(Shop.NIGHT, (Object[]) features)),
        Map.of("run", "r1", "definitions", Map.of("view " + view, definition)));
  }

  /** What a request says comes from no column of the lake; a view may be tagged all the same. */
  @Test
  void keepsBackWhatIsComputedOnDemandByTheViewsOwnTagAlone() throws Exception {
    publishPeople(true);
    String plain = token("plain", Set.of(Role.READ));
    String tagged = token("tagged", Set.of(Role.READ), "pii");
    String body = "{\"features\":[\"request:cheap\"],\"entities\":[{\"price\":1}]}";
    serve();
    assertThat(new Client(server.address(), plain).post("/features", body).status()).isEqualTo(200);
    server.close();
    Path view = folder.resolve("features/request.yaml");
    Files.writeString(view, Files.readString(view) + "tags: [pii]\n");
    server =
        FeatureServer.start(
            ProjectReader.read(folder, Map.of(), Optional.empty()),
            store,
            Shop.COMPILER,
            shop.access(),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(log, true, StandardCharsets.UTF_8));
    Said said = new Client(server.address(), plain).post("/features", body);
    assertThat(said.status()).isEqualTo(403);
    assertThat(said.detail()).startsWith("Feature cheap of request@1 is tagged pii");
    assertThat(new Client(server.address(), tagged).post("/features", body).status())
        .isEqualTo(200);
  }

  @Test
  void keepsBackWhatIsTagged() throws Exception {
    publishPeople(true);
    String plain = token("plain", Set.of(Role.ADMIN));
    String tagged = token("tagged", Set.of(Role.READ), "pii");
    serve();
    Said said = get("/views/people@1/ada", plain);
    assertThat(said.status()).isEqualTo(403);
    assertThat(said.detail())
        .isEqualTo(
            "Feature domain of people@1 is tagged pii, and token plain does not name that. Leave it out, or have a token made that names the tag: tributary token create NAME --role read --tag pii.");
    assertThat(get("/views/people@1/ada", tagged).status()).isEqualTo(200);
    assertThat(get("/views/private@1/ada", plain).detail())
        .startsWith("Feature orders of private@1 is tagged pii");
    assertThat(get("/views/private@1/ada", tagged).status()).isEqualTo(200);
    assertThat(asked(plain, "people:years").status()).as("only chosen by it").isEqualTo(200);
    assertThat(asked(plain, "people:years", "people:domain").status()).isEqualTo(403);
    assertThat(asked(tagged, "people:years", "people:domain").status()).isEqualTo(200);
    Said feast =
        new Client(server.address(), plain)
            .post(
                "/get-online-features",
                "{\"features\":[\"people:domain\"],\"entities\":{\"customer\":[\"ada\"]}}");
    assertThat(feast.status()).isEqualTo(403);
    assertThat(get("/views/people@1", plain).status()).as("names are told").isEqualTo(200);
  }

  private Said asked(String token, String... features) {
    return new Client(server.address(), token)
        .post(
            "/features",
            "{\"features\":[\"%s\"],\"entities\":[{\"customer\":\"ada\"}]}"
                .formatted(String.join("\",\"", features)));
  }

  @Test
  void keepsAllBackOfWhatItCannotTell() throws Exception {
    publishPeople(false);
    String plain = token("plain", Set.of(Role.READ));
    serve();
    assertThat(asked(plain, "people:years").status()).isEqualTo(403);
    assertThat(asked(plain, "baskets@2").status()).as("of an unknown definition").isEqualTo(403);
  }

  @Test
  void keepsBackWhatCameFromAColumnThatIsGone() throws Exception {
    publishPeople(true, "email", "pii");
    Files.writeString(
        folder.resolve("sources/people.yaml"),
        Files.readString(folder.resolve("sources/people.yaml"))
            .replace("email: {type: string, tags: [pii, contact]}, ", ""));
    Files.writeString(
        folder.resolve("features/people.yaml"),
        "view: people@1\nentity: [customer]\nsource: people\nfeatures:\n  years: age\n");
    shop = Shop.in(folder);
    String plain = token("plain", Set.of(Role.READ));
    serve();
    assertThat(asked(plain, "people:domain").status()).isEqualTo(403);
    assertThat(asked(plain, "people:years").status()).isEqualTo(200);
  }

  @Test
  void withoutTokensTaggedColumnsAreForThisMachineAlone() throws Exception {
    publishPeople(true);
    serve();
    assertThat(anybody().get("/views/people@1/ada").status()).isEqualTo(200);
    server.close();
    serve(new FeatureServer.Address("0.0.0.0", 0, true, true, Optional.empty()), log);
    Client client =
        new Client(java.net.URI.create("http://127.0.0.1:" + server.address().getPort()));
    assertThat(client.get("/views/people@1/ada").detail())
        .contains("is tagged pii, and no token was shown");
    assertThat(client.get("/views/people@1").status()).isEqualTo(200);
  }

  @Test
  void withoutTokensItIsAskedByItsOwnNameAlone() throws Exception {
    serve();
    int port = server.address().getPort();
    for (String own :
        List.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port, "LocalHost:" + port)) {
      assertThat(withHost(own)).as(own).startsWith("HTTP/1.1 200 ");
    }
    for (String foreign :
        List.of(
            "evil.example:" + port, "localhost", "localhost:1", "127.0.0.1.evil.example:" + port)) {
      assertThat(withHost(foreign))
          .as(foreign)
          .startsWith("HTTP/1.1 421 ")
          .contains("This server is asked as localhost:" + port);
    }
    server.close();
    serve(new FeatureServer.Address("127.0.0.1", 0, true), log);
    assertThat(withHost("tunnel.example")).as("--insecure").startsWith("HTTP/1.1 421 ");
    server.close();
    serve(new FeatureServer.Address("127.0.0.1", 0, false, true, Optional.empty()), log);
    assertThat(withHost("tunnel.example")).as("--no-tokens").startsWith("HTTP/1.1 200 ");
    String token = token("reports", Set.of(Role.READ));
    Client.eventually(() -> assertThat(anybody().get(ADA).status()).isEqualTo(401));
    assertThat(
            anybody()
                .raw(
                    "GET %s HTTP/1.1\r\nHost: behind.example\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                        .formatted(ADA, token)))
        .as("who has a token may call it as they like")
        .startsWith("HTTP/1.1 200 ");
  }

  private String withHost(String host) throws IOException {
    return anybody()
        .raw("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(ADA, host));
  }

  @Test
  void goesOnWithWhatItKnewWhereTheLakeIsGone() throws Exception {
    String good = token("reports", Set.of(Role.ADMIN));
    serve();
    Path lake = Path.of(shop.lake());
    Path moved = lake.resolveSibling("moved");
    Files.move(lake, moved);
    Client.eventually(
        () ->
            assertThat(get("/ready", good).json().at("/notes/0").textValue())
                .startsWith(
                    "Cannot read the tokens of project acme: there is no lake at %s. Run the project's first night, or mount the lake. The server goes on with the tokens that it knew at "
                        .formatted(lake)));
    assertThat(get(ADA, good).status()).isEqualTo(200);
    assertThat(anybody().get(ADA).status()).isEqualTo(401);
    Client scores = new Client(server.address(), good);
    String row = "{\"dataframe_records\":[{\"x\":1}]}";
    Said said = scores.post("/models/late/invocations", row);
    assertThat(said.status()).as("not that there is no such model").isEqualTo(503);
    assertThat(said.detail())
        .isEqualTo("Cannot read the registry: there is no lake at %s. Mount it.".formatted(lake));
    Files.move(moved, lake);
    assertThat(scores.post("/models/late/invocations", row).status())
        .as("it is remembered for a moment")
        .isEqualTo(503);
    Client.eventually(
        () -> assertThat(scores.post("/models/late/invocations", row).status()).isEqualTo(404));
    tokens.revoke("acme", "reports", "over", Principal.ofProcess());
    Client.eventually(() -> assertThat(get(ADA, good).status()).isEqualTo(401));
  }

  @Test
  void nobodyMayAskUntilItIsKnownWho() throws Exception {
    Path identity = Path.of(shop.lake()).resolve("tributary.json");
    byte[] kept = Files.readAllBytes(identity);
    Files.delete(identity);
    serve();
    assertThat(anybody().get(ADA).status()).isEqualTo(503);
    assertThat(anybody().get(ADA).detail())
        .isEqualTo("Cannot answer: it is not known who may ask. GET /ready says why.");
    assertThat(anybody().get("/ready").text()).contains("It is not known who may ask.");
    assertThat(anybody().get("/health").status()).isEqualTo(200);
    Files.write(identity, kept);
    Client.eventually(() -> assertThat(anybody().get(ADA).status()).isEqualTo(200));
  }

  @Test
  void listensToOthersWithTokensAndTls() {
    FeatureServer.Address open = new FeatureServer.Address("0.0.0.0", 0, false);
    token("reports", Set.of(Role.READ));
    assertThatThrownBy(() -> serve(open, log))
        .hasMessage(
            "Cannot serve at 0.0.0.0: tokens and features would go there as they are. Give --tls-cert and --tls-key. Behind a proxy that speaks TLS say --insecure.");
    serve(new FeatureServer.Address("0.0.0.0", 0, true), log);
    assertThat(
            new Client(java.net.URI.create("http://127.0.0.1:" + server.address().getPort()))
                .get(ADA)
                .status())
        .as("insecure is no way around tokens")
        .isEqualTo(401);
  }

  @Test
  void logsAndNotesWhoAsked() throws Exception {
    String good = token("reports", Set.of(Role.READ));
    serve();
    assertThat(get(ADA, good).status()).isEqualTo(200);
    assertThat(get(ADA, "wrong").status()).isEqualTo(401);
    assertThat(new Client(server.address(), good).post("/models/a/invocations", "{}").status())
        .isEqualTo(403);
    tokens.revoke("acme", "reports", "lost", Principal.ofProcess());
    Client.eventually(() -> assertThat(get(ADA, good).status()).isEqualTo(401));
    Client.eventually(
        () -> {
          assertThat(statusesOf("\"principal\":\"token:reports\"")).contains("200", "403", "401");
          assertThat(lines().stream().filter(line -> !line.contains("principal")))
              .allMatch(line -> line.contains("\"status\":401"))
              .hasSize(1);
        });
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain(good.substring(20));
    Client.eventually(
        () ->
            assertThat(tokens.lastUse(tokens.of("acme").get(0)))
                .hasValueSatisfying(at -> assertThat(at).isBefore(Instant.now())));
  }

  private List<String> statusesOf(String part) {
    return lines().stream()
        .filter(line -> line.contains(part))
        .map(line -> line.replaceAll(".*\"status\":([0-9]+).*", "$1"))
        .toList();
  }

  private List<String> lines() {
    return log.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aLogThatNobodyReadsHoldsUpNobody() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            try {
              read.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    serve(new FeatureServer.Address("127.0.0.1", 0, false), stuck);
    Client client = anybody();
    String health = "GET /health HTTP/1.1\r\nHost: x\r\n";
    String pipeline = (health + "\r\n").repeat(499) + health + "Connection: close\r\n\r\n";
    for (int sent = 0; sent < Limits.LOG_LINES + 10; sent += 500) {
      assertThat(client.raw(pipeline).split("HTTP/1.1 200 ", -1)).hasSize(501);
    }
    assertThat(client.get("/metrics").text())
        .containsPattern("tributary_access_log_lost_total [1-9]");
    read.countDown();
  }

  @Test
  void saysThatItIsAboutToEndBeforeItDoes() throws Exception {
    serve();
    CompletableFuture<Void> left =
        CompletableFuture.runAsync(() -> server.leave(Duration.ofMinutes(1)));
    Client.eventually(
        () ->
            assertThat(anybody().get("/ready").text())
                .isEqualTo(
                    "{\"status\":\"stopping\",\"reasons\":[\"The server is about to end. Ask another one.\"],\"notes\":[]}"));
    assertThat(anybody().get("/ready").status()).isEqualTo(503);
    assertThat(anybody().get(ADA).status()).isEqualTo(200);
    assertThat(anybody().raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .contains("Connection: close");
    server.close();
    left.get(10, TimeUnit.SECONDS);
  }
}
