package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Json;
import io.tributary.events.lake.LakeIdentity;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestServeCommand {
  @TempDir private Path project;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(project.resolve("sources"));
    Files.createDirectories(project.resolve("features"));
    Files.writeString(
        project.resolve("tributary.yaml"),
        "project: shop\nzone: UTC\nlake: lake\nonline: rocksdb:online\n");
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
    makeLake(project);
  }

  private static void makeLake(Path project) {
    LakeIdentity.ensure(
        project.resolve("lake").toString(), new LakeIdentity.Build(Instant.EPOCH, "code", false));
  }

  private int run(String... options) {
    String[] all = new String[options.length + 1];
    all[0] = project.toString();
    System.arraycopy(options, 0, all, 1, options.length);
    return Tributary.run(
        new PrintWriter(out),
        new PrintWriter(err),
        "serve",
        new ServeCommand(project -> List.of()),
        all);
  }

  @Test
  void saysWhereItServesAndServesUntilItIsEnded() throws Exception {
    AtomicInteger code = new AtomicInteger(-1);
    Thread serving = new Thread(() -> code.set(run("--port", "0", "--json")));
    serving.start();
    while (!out.toString().contains("\n")) {
      assertThat(serving.isAlive()).as("it serves: %s", err).isTrue();
      Thread.sleep(20);
    }
    URI url = URI.create(Json.mapper().readTree(out.toString()).get("url").textValue());
    assertThat(url.getHost()).isEqualTo("127.0.0.1");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(url.resolve("/views")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("baskets@1");
    serving.interrupt();
    serving.join();
    assertThat(code).hasValue(0);
  }

  @Test
  void refusesWhatIsNoPortAndWhatOthersReach() {
    assertThat(run("--port", "70000")).isEqualTo(2);
    assertThat(run("--host", "0.0.0.0", "--port", "0", "--insecure")).isEqualTo(2);
    assertThat(run("--host", "0.0.0.0", "--port", "0", "--no-tokens")).isEqualTo(2);
    assertThat(run("--port", "0", "--tls-cert", "x")).isEqualTo(2);
    assertThat(run("--port", "0", "--lame-duck", "soon")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactlyElementsOf(
            List.of(
                "Cannot serve at port 70000: ports are 0 to 65535. Choose another --port.",
                "Cannot serve at 0.0.0.0: project shop has no token, so that whoever reaches it could"
                    + " read all features. Make one: tributary token create. Behind a proxy that"
                    + " knows who asks say --no-tokens.",
                "Cannot serve at 0.0.0.0: tokens and features would go there as they are. Give"
                    + " --tls-cert and --tls-key. Behind a proxy that speaks TLS say --insecure.",
                "Cannot speak TLS: it takes a certificate and its key. Give both --tls-cert and"
                    + " --tls-key.",
                "Cannot read duration \"soon\": write a number and us, ms, s, m, h or d, as in 90m or 7d."));
  }
}
