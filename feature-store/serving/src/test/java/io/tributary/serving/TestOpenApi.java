package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.online.OnlineStore;
import io.tributary.serving.Client.Said;
import io.tributary.serving.access.Role;
import io.tributary.serving.access.Tokens;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
              Shop.COMPILER,
              shop.access(),
              new FeatureServer.Address("127.0.0.1", 0, false),
              new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
        describes(new Client(server.address()), server.routes());
        asksForTokensAsDescribed(shop, new Client(server.address()), server.routes());
      }
    }
  }

  private static void describes(Client client, List<Route> served) {
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
            post(
                client,
                "/features",
                "{'features':['request@1','baskets@2'],'entities':[{'customer':'ada','price':1,'asked':null,'tags':[]}]}"),
            get(client, "/views/{view}", "/views/request@1"),
            get(client, "/views/{view}", "/views/request@1?price=2.5"),
            new Asked(
                "/models/{model}/invocations",
                "post",
                client.post("/models/late@1/invocations", "{\"dataframe_records\":[{\"x\":1}]}")),
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
    served.forEach(
        route ->
            routes
                .computeIfAbsent(route.template().replace("…", ""), p -> new TreeSet<>())
                .add(route.method().toLowerCase(Locale.ROOT)));
    assertThat(routes).as("what is served is described").isEqualTo(described);
  }

  private static void asksForTokensAsDescribed(Shop shop, Client client, List<Route> served)
      throws InterruptedException {
    JsonNode document = client.get("/openapi.json").json();
    assertThat(document.at("/components/securitySchemes/token/scheme").textValue())
        .isEqualTo("bearer");
    Tokens.open(shop.lake())
        .create(
            shop.project().name(),
            "reports",
            Set.of(Role.READ),
            Set.of(),
            Optional.empty(),
            Principal.ofProcess());
    Client.eventually(() -> assertThat(client.get("/views").status()).isEqualTo(401));
    for (Route route : served) {
      String path = route.template().replace("…", "");
      JsonNode operation =
          document.get("paths").get(path).get(route.method().toLowerCase(Locale.ROOT));
      assertThat(operation.get("security"))
          .as(path)
          .isEqualTo(
              Json.read(
                  switch (route.needs()) {
                    case NONE -> "[]";
                    case ANY -> "[{\"token\":[]}]";
                    case READ -> "[{\"token\":[\"read\"]}]";
                    case SCORE -> "[{\"token\":[\"score\"]}]";
                  },
                  JsonNode.class));
      String asked = path.replaceAll("\\{\\w+}", "x");
      Said said = route.method().equals("GET") ? client.get(asked) : client.post(asked, "{}");
      if (route.needs() == Permission.NONE) {
        assertThat(said.status()).as(path).isNotEqualTo(401);
      } else {
        assertThat(said.status()).as(path).isEqualTo(401);
        isAsDescribed(document, new Asked(path, route.method().toLowerCase(Locale.ROOT), said));
      }
    }
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
