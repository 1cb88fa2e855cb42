package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.online.OnlineStore;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Feast's own client, of the version that the benchmarks have, reads what is served. */
@Tag("long")
class ITFeastClient {
  @TempDir Path folder;

  @Test
  void readsPresentAndAbsentEntitiesWithTheirTypes() throws Exception {
    Path root = Folders.repository();
    Path python = root.resolve("target/bench/feast");
    Files.createDirectories(python);
    ran(
        root,
        "bash",
        "-ec",
        "source bin/environment.sh && python_environment \"$0\" bench/requirements-feast.txt >&2",
        python.toString());
    Path script = folder.resolve("feast_client.py");
    try (InputStream client = ITFeastClient.class.getResourceAsStream("feast_client.py")) {
      Files.copy(client, script);
    }
    Shop shop = Shop.in(folder.resolve("shop"));
    try (OnlineStore store = shop.open()) {
      Shop.publishBaskets(store, Instant.now(), 3, "ada", "bob");
      try (FeatureServer server =
          FeatureServer.start(
              shop.project(),
              store,
              Shop.COMPILER,
              shop.access(),
              new FeatureServer.Address("127.0.0.1", 0, false),
              System.err)) {
        String said =
            ran(
                root,
                python.resolve("bin/python").toString(),
                script.toString(),
                server.address().toString(),
                folder.toString());
        String last = said.strip().lines().reduce((before, line) -> line).orElseThrow();
        JsonNode answer = Json.read(last, JsonNode.class);
        assertThat(answer.path("columns").toString())
            .isEqualTo(
                "{'customer':['ada','bob','eve'],'orders_7d':[3,3,0],'spent_7d':[4.5,4.5,null],'segment':['s3','s3','none']}"
                    .replace('\'', '"'));
        assertThat(answer.at("/dtypes/orders_7d").asText()).isEqualTo("int64");
        assertThat(answer.at("/dtypes/spent_7d").asText()).isEqualTo("float64");
      }
    }
  }

  /** What a command printed; what it says goes to standard error. */
  private static String ran(Path root, String... words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(List.of(words))
            .directory(root.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }
}
