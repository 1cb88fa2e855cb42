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
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The light commands over a Redis server that goes and comes back. */
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
}
