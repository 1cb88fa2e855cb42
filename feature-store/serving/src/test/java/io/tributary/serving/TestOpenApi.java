package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tributary.online.OnlineStore;
import io.tributary.serving.Client.Said;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document beside the server that it describes. */
class TestOpenApi {
  @TempDir Path folder;

  private record Asked(String path, String method, Said said) {}

  @Test
  void describesTheServerThatRuns() throws Exception {
    Shop shop = Shop.in(folder);
    try (OnlineStore store = shop.open()) {
      Shop.publishBaskets(store, Shop.NIGHT, 3, "ada");
      try (FeatureServer server =
          FeatureServer.start(
              shop.project(),
              store,
              new FeatureServer.Address("127.0.0.1", 0, false),
              new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
        ServedViews views = new ServedViews(shop.project(), store);
        try (Measurements measurements = new Measurements(views)) {
          describes(new Client(server.address()), views, measurements);
        }
      }
    }
  }

  private static void describes(Client client, ServedViews views, Measurements measurements) {
    JsonNode document = client.get("/openapi.json").json();
    assertThat(document.at("/openapi").textValue()).startsWith("3.1");
    List<Asked> asked =
        List.of(
            post(
                client,
                "/get-online-features",
                "{'features':['baskets'],'entities':{'customer':['ada','eve']}}"),
            post(client, "/get-online-features", "{'features':['baskets'],'entities':{}}"),
            post(
                client,
                "/features",
                "{'features':['baskets'],'entities':[{'customer':'ada'}],'at':'2024-03-01T00:00:00Z'}"),
            post(client, "/features", "{}"),
            get(client, "/views", "/views"),
            get(client, "/views/{view}", "/views/baskets@2"),
            get(client, "/views/{view}", "/views/baskets@9"),
            get(client, "/views/{view}/{key}", "/views/baskets@2/ada"),
            get(client, "/views/{view}/{key}", "/views/baskets@2/ada?at=x"),
            get(client, "/health", "/health"),
            get(client, "/ready", "/ready"),
            get(client, "/metrics", "/metrics"),
            get(client, "/openapi.json", "/openapi.json"));
    Map<String, TreeSet<String>> described = new LinkedHashMap<>();
    document
        .get("paths")
        .fields()
        .forEachRemaining(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            described
                                .computeIfAbsent(path.getKey(), p -> new TreeSet<>())
                                .add(method)));
    Map<String, TreeSet<String>> tried = new LinkedHashMap<>();
    for (Asked one : asked) {
      tried.computeIfAbsent(one.path(), p -> new TreeSet<>()).add(one.method());
      isAsDescribed(document, one);
    }
    assertThat(tried).as("each path is tried by each of its methods").isEqualTo(described);
    Map<String, TreeSet<String>> routes = new LinkedHashMap<>();
    FeatureServer.routes(views, measurements)
        .forEach(
            route ->
                routes
                    .computeIfAbsent(route.template().replace("…", ""), p -> new TreeSet<>())
                    .add(route.method().toLowerCase(Locale.ROOT)));
    assertThat(routes).as("what is served is described").isEqualTo(described);
  }

  private static void isAsDescribed(JsonNode document, Asked asked) {
    JsonNode responses =
        document.get("paths").get(asked.path()).get(asked.method()).get("responses");
    JsonNode response = responses.get(String.valueOf(asked.said().status()));
    if (response == null) {
      response = document.at(responses.at("/default/$ref").textValue().substring(1));
    }
    String type = asked.said().type().split(";", 2)[0];
    JsonNode schema = response.get("content").get(type).get("schema");
    assertThat(schema).as(asked.toString()).isNotNull();
    if (type.endsWith("json")) {
      ObjectNode whole = ((ObjectNode) schema).deepCopy();
      whole.set("components", document.get("components"));
      JsonSchema checked =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole);
      assertThat(checked.validate(asked.said().json())).as(asked.toString()).isEmpty();
    }
  }

  private static Asked get(Client client, String path, String uri) {
    return new Asked(path, "get", client.get(uri));
  }

  private static Asked post(Client client, String path, String body) {
    return new Asked(path, "post", client.post(path, body.replace('\'', '"')));
  }
}
