package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.core.TableVersion;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.ViewId;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import io.tributary.testing.RedisServer;
import io.tributary.testing.ServerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The light commands and servers over a Redis server: one that goes and comes back, and two. */
@Timeout(120)
class ITServedFromRedis {
  private static final Instant NIGHT = Instant.parse("2024-02-28T22:59:59.999999Z");
  private static final List<StoredColumn> KEYS = List.of(new StoredColumn("customer", "string"));
  private static final StoredView BASKETS =
      new StoredView(
          ViewId.parse("baskets@1"),
          Digest.of("baskets"),
          KEYS,
          List.of(
              new StoredFeature(
                  "orders_7d", "bigint", Optional.of(IntNode.valueOf(0)), Optional.empty())),
          Optional.empty(),
          Optional.empty());

  /** Milliseconds after which each server knows what is published, and who may ask. */
  private static final long KNOWN_AFTER = 3_500;

  @TempDir private Path project;
  private RedisServer redis;

  @BeforeEach
  void write() throws IOException {
    redis = new RedisServer(project);
    Files.createDirectories(project.resolve("sources"));
    Files.createDirectories(project.resolve("features"));
    Files.writeString(
        project.resolve("tributary.yaml"),
        "project: shop\nzone: UTC\nlake: lake\nonline: " + redis.address() + "\n");
    Files.writeString(
        project.resolve("sources/orders.yaml"),
        """
        source: orders
        read: {format: csv, path: "orders*.csv", header: true}
        columns: {customer: string, at: timestamp}
        event-time: at
        """);
    Files.writeString(
        project.resolve("features/baskets.yaml"),
        "view: baskets@1\nentity: [customer]\nsource: orders\nfeatures:\n  orders: count(*) over 7d\n");
    LakeIdentity.ensure(
        project.resolve("lake").toString(), new LakeIdentity.Build(Instant.EPOCH, "code", false));
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  private void publish(long orders) {
    OnlineAddress address =
        new OnlineAddress(redis.address(), Optional.empty(), Optional.of("shop"), Optional.empty());
    try (OnlineStore store = OnlineStores.open(address);
        OnlineWriter writer =
            store.begin(
                BASKETS,
                new PublishedSnapshot(
                    NIGHT, TableVersion.parse("features.baskets_v1@1#table"), Map.of()),
                Origin.of("shop"));
        PartitionWriter partition = writer.partitions().open()) {
      partition.add(
          KeyCodec.encode(KEYS, List.of("ann")),
          RowCodec.encode(
              new StoredRow(Optional.of(NIGHT), Optional.of(NIGHT), NIGHT, List.of(orders))));
      writer.publish(writer.complete(partition.finish().stream().toList()).orElseThrow(), Map.of());
    }
  }

  private record Said(int code, String out, String err) {}

  private Said run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Tributary.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Said(code, out.toString(), err.toString());
  }

  private Said get() {
    return run("features", "get", "baskets@1", "ann", "--project", project.toString());
  }

  private static int status(URI url) throws IOException, InterruptedException {
    return answer(url).statusCode();
  }

  private static HttpResponse<String> answer(URI url) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(url.resolve("/views/baskets@1/ann")).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aValueIsServedAndAServerThatIsGoneIsSaid() throws Exception {
    publish(7);
    assertThat(get().out()).containsPattern("orders_7d +7 +present");

    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Thread serving =
        new Thread(
            () ->
                Tributary.run(
                    new PrintWriter(out),
                    new PrintWriter(err),
                    "serve",
                    new ServeCommand(project -> List.of()),
                    project.toString(),
                    "--port",
                    "0",
                    "--json"));
    serving.start();
    while (!out.toString().contains("\n")) {
      assertThat(serving.isAlive()).as("it serves: %s", err).isTrue();
      Thread.sleep(20);
    }
    URI url = URI.create(Json.mapper().readTree(out.toString()).get("url").textValue());
    assertThat(Json.mapper().readTree(answer(url).body()).at("/features/0/value").longValue())
        .isEqualTo(7);

    redis.fail();
    String down =
        "online store %s/0 says: Failed to connect to 127.0.0.1:%d. Connection refused. Check that the server runs and can be reached from here, then run it again."
            .formatted(redis.address(), redis.port());
    assertThat(status(url)).isEqualTo(503);
    assertThat(Json.mapper().readTree(answer(url).body()).get("detail").textValue()).endsWith(down);
    Said failed = get();
    assertThat(failed.code()).isEqualTo(4);
    assertThat(failed.err()).contains(down);
    assertThat(run("doctor", "--project", project.toString()).out())
        .contains("leftovers  wrong (external)")
        .contains(down);

    redis.start();
    assertThat(status(url)).isEqualTo(503);
    assertThat(get().err()).contains("it was never published");
    publish(8);
    assertThat(Json.mapper().readTree(answer(url).body()).at("/features/0/value").longValue())
        .isEqualTo(8);
    serving.interrupt();
    serving.join();
  }

  /** A server in a process of its own. */
  public static void main(String[] args) {
    System.exit(Tributary.run("serve", new ServeCommand(project -> List.of()), args));
  }

  private ServerProcess server(int port) throws IOException {
    return ServerProcess.start(
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-XX:TieredStopAtLevel=1",
            getClass().getName(),
            project.toString(),
            "--port",
            String.valueOf(port),
            "--lame-duck",
            "1s"),
        project.resolve("server-" + port + ".log"),
        Duration.ofSeconds(60),
        ServerProcess.logged("Serving the features of shop"));
  }

  private ServerProcess balancer(int port, List<Integer> servers) throws IOException {
    StringBuilder config =
        new StringBuilder(
            """
            defaults
              mode http
              timeout connect 2s
              timeout client 10s
              timeout server 10s
            frontend asked
              bind 127.0.0.1:%d
              default_backend servers
            backend servers
              balance roundrobin
              option httpchk GET /ready
              retries 2
              option redispatch 1
            """
                .formatted(port));
    servers.forEach(
        server ->
            config.append(
                "  server s%1$d 127.0.0.1:%1$d check inter 100ms fall 1 rise 1%n"
                    .formatted(server)));
    Path file = Files.writeString(project.resolve("haproxy.cfg"), config);
    return ServerProcess.start(
        new ProcessBuilder("haproxy", "-f", file.toString()),
        project.resolve("haproxy.log"),
        Duration.ofSeconds(30),
        ServerProcess.listening(port));
  }

  /** What was answered to requests that come one after the other, until it is closed. */
  private static final class Asking implements AutoCloseable {
    private final List<Integer> statuses = Collections.synchronizedList(new ArrayList<>());
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final Thread thread = new Thread(this::ask);
    private final List<Long> values = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean ended;

    Asking(URI url, String token) {
      request =
          HttpRequest.newBuilder(url.resolve("/views/baskets@1/ann"))
              .header("Authorization", "Bearer " + token)
              .timeout(Duration.ofSeconds(10))
              .build();
      thread.start();
    }

    private void ask() {
      while (!ended) {
        try {
          HttpResponse<String> said = http.send(request, HttpResponse.BodyHandlers.ofString());
          statuses.add(said.statusCode());
          if (said.statusCode() == 200) {
            values.add(Json.mapper().readTree(said.body()).at("/features/0/value").longValue());
          }
        } catch (IOException e) {
          statuses.add(0);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    /** What the next requests are answered. */
    private <T> List<T> next(int n, List<T> said) throws InterruptedException {
      int from = said.size();
      await(() -> said.size() >= from + n);
      return List.copyOf(said.subList(from, from + n));
    }

    @Override
    public void close() {
      ended = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void await(BooleanSupplier holds) throws InterruptedException {
    while (!holds.getAsBoolean()) {
      Thread.sleep(20);
    }
  }

  /** Whether a server that was just started has answered. */
  private boolean hasAnswered(int port) {
    try {
      return Files.readString(project.resolve("server-" + port + ".log"))
          .contains("/views/{view}/{key…}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** They share nothing but the store and the lake, and are replaced one after the other. */
  @Test
  void twoServersBehindABalancerAreReplacedAndNobodyNotices() throws Exception {
    publish(7);
    String made =
        run("token", "create", "shop", "--role", "read", "--json", "--project", project.toString())
            .out();
    String token = Json.mapper().readTree(made).get("token").textValue();
    int first = ServerProcess.freePort();
    int second = ServerProcess.freePort();
    int both = ServerProcess.freePort();
    URI url = URI.create("http://127.0.0.1:" + both);
    ServerProcess one = server(first);
    ServerProcess other = server(second);
    try (ServerProcess balancer = balancer(both, List.of(first, second));
        Asking asking = new Asking(url, token)) {
      asking.next(100, asking.statuses);
      one.close();
      one = server(first);
      await(() -> hasAnswered(first));
      other.close();
      other = server(second);
      await(() -> hasAnswered(second));
      assertThat(List.copyOf(asking.statuses)).containsOnly(200);

      publish(8);
      Thread.sleep(KNOWN_AFTER);
      assertThat(asking.next(50, asking.values)).containsOnly(8L);
      run("token", "revoke", "shop", "--reason", "left", "--project", project.toString());
      Thread.sleep(KNOWN_AFTER);
      assertThat(asking.next(50, asking.statuses)).containsOnly(401);
    } finally {
      one.close();
      other.close();
    }
  }
}
