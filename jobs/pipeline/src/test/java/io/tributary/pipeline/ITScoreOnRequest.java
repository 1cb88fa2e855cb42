package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.StoredModel;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.JobRunner;
import io.tributary.serve.CompiledViews;
import io.tributary.serving.FeatureServer;
import io.tributary.serving.access.Access;
import io.tributary.serving.access.Role;
import io.tributary.serving.access.Tokens;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.JavaProcess;
import io.tributary.testing.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Scores over HTTP beside those of the batch, by versions that were trained here. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ITScoreOnRequest {
  private static final Interval NIGHT =
      Interval.day(TinyProject.FIRST_NIGHT, ZoneId.of("Europe/Berlin"));
  private static final String INVOCATIONS = "/models/%s/invocations";

  @TempDir static Path folder;
  private static String lakeFolder;
  private static List<Row> scored;
  private static List<Input> inputs;
  private static OnlineStore store;
  private static FeatureServer server;

  /** A version that may not be used online, which has scored a night, and one that may. */
  @BeforeAll
  static void runs() throws IOException {
    Path folderOfProject = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(folderOfProject, 1);
    store = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(folderOfProject, lake);
      jobs.ingest().forEach(runner::run);
      jobs.materialize(Optional.empty(), NIGHT).forEach(runner::run);
      jobs.publish(Optional.empty(), NIGHT).forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      runner.run(jobs.score(Optional.empty(), NIGHT).get(0));
      TinyProject.edit(
          folderOfProject.resolve("models/lateness.yaml"),
          text -> text.replace("seed: 1}", "seed: 2}\nonline: stale"));
      runner.run(jobs(folderOfProject, lake).train("lateness"));
      scored =
          lake.spark()
              .read()
              .format("delta")
              .load(lake.path(TableName.of("scores", "next")))
              .orderBy("id")
              .collectAsList();
    }
    ModelRegistry registry = ModelRegistry.open(lakeFolder);
    ModelVersion version = registry.find("lateness@1").version();
    inputs =
        StoredModel.of(registry.artefact(version), version.artefact().digest())
            .signature()
            .inputs();
    Project project = ProjectReader.read(folderOfProject, Map.of(), Optional.of(lakeFolder));
    server =
        FeatureServer.start(
            project,
            store,
            new CompiledViews(),
            Access.open(lakeFolder, project.name()),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private static Jobs jobs(Path project, Lake lake) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(lakeFolder))),
        lake,
        store,
        RunnerChoice.valueOf(DrawnRunner.name()));
  }

  @AfterAll
  static void close() {
    server.close();
    store.close();
  }

  private record Said(int status, String version, JsonNode json) {
    List<Double> predictions() {
      List<Double> predictions = new ArrayList<>();
      json.get("predictions").forEach(of -> predictions.add(of.doubleValue()));
      return predictions;
    }

    String detail() {
      return json.get("detail").textValue();
    }
  }

  private static Said post(String path, JsonNode body) {
    return post(server.address(), path, body);
  }

  /** Asks again while a model is being opened. */
  private static Said post(URI server, String path, JsonNode body) {
    Said said = postOnce(server, path, body);
    try {
      for (int tries = 0; said.status() == 503 && tries < 100; tries++) {
        TimeUnit.MILLISECONDS.sleep(100);
        said = postOnce(server, path, body);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return said;
  }

  private static Said postOnce(URI server, String path, JsonNode body) {
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.resolve(path))
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      return new Said(
          answer.statusCode(),
          answer.headers().firstValue("Tributary-Model").orElse(""),
          Json.read(answer.body(), JsonNode.class));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Said score(String model, ArrayNode rows) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.set("dataframe_records", rows);
    return post(INVOCATIONS.formatted(model), body);
  }

  /** A scored row's inputs, as a client writes them. */
  private static ObjectNode record(Row row) {
    Row kinds = row.getAs("inputs");
    ObjectNode record = Json.mapper().createObjectNode();
    for (Input input : inputs) {
      Row kind = kinds.getAs(input.categorical() ? "categories" : "numbers");
      Object value = kind.getAs(input.column());
      switch (input.type()) {
        case "tinyint", "smallint", "int", "bigint" -> {
          if (value == null) {
            record.putNull(input.column());
          } else {
            record.put(input.column(), ((Number) value).longValue());
          }
        }
        default -> record.set(input.column(), Json.mapper().valueToTree(value));
      }
    }
    return record;
  }

  private static ArrayNode records(List<Row> rows) {
    ArrayNode records = Json.mapper().createArrayNode();
    rows.forEach(row -> records.add(record(row)));
    return records;
  }

  private static List<Double> batch() {
    return scored.stream()
        .map(row -> row.<Row>getAs("output").<Double>getAs("probability"))
        .toList();
  }

  @Test
  @Order(1)
  void scoresWholeRowsAsTheBatchDidToTheBit() {
    assertThat(scored).hasSizeGreaterThan(20);
    Said said = score("lateness@1", records(scored));
    assertThat(said.status()).as("%s", said.json()).isEqualTo(200);
    assertThat(said.version()).isEqualTo("lateness@1");
    assertThat(said.predictions()).isEqualTo(batch());
    assertThat(said.predictions().stream().distinct().count()).isGreaterThan(5);
    for (int row : List.of(0, scored.size() - 1)) {
      assertThat(score("lateness", records(scored.subList(row, row + 1))).predictions())
          .as("whatever stands beside it")
          .containsExactly(batch().get(row));
    }
  }

  @Test
  @Order(2)
  void takesColumnsAndRows() {
    ObjectNode body = Json.mapper().createObjectNode();
    ObjectNode split = body.putObject("dataframe_split");
    ArrayNode columns = split.putArray("columns");
    inputs.forEach(input -> columns.add(input.column()));
    ArrayNode data = split.putArray("data");
    for (Row row : scored) {
      ArrayNode values = data.addArray();
      record(row).elements().forEachRemaining(values::add);
    }
    assertThat(post(INVOCATIONS.formatted("lateness@production"), body).predictions())
        .isEqualTo(batch());
  }

  /** As its users start it: neither Spark nor Deeplearning4j is there. */
  @Test
  @Order(2)
  void needsNoDeeplearning4j() throws IOException {
    ProcessBuilder serve =
        JavaProcess.of(
            List.of(),
            "io.tributary.serve.ServeMain",
            "--project=" + folder.resolve("project"),
            "--lake=" + lakeFolder,
            "--port=0");
    List<String> command = new ArrayList<>(serve.command());
    int path = command.indexOf("-cp") + 1;
    List<String> light =
        Arrays.stream(command.get(path).split(File.pathSeparator, -1))
            .filter(jar -> !jar.matches(".*(nd4j|deeplearning4j|bytedeco|datavec|spark|scala).*"))
            .toList();
    assertThat(light).hasSizeLessThan(command.get(path).split(File.pathSeparator, -1).length - 20);
    command.set(path, String.join(File.pathSeparator, light));
    Path log = folder.resolve("serve.log");
    Pattern address = Pattern.compile("at (http://\\S+),");
    try (ServerProcess process =
        ServerProcess.start(
            new ProcessBuilder(command),
            log,
            Duration.ofMinutes(1),
            text -> address.matcher(text).find())) {
      Matcher found = address.matcher(Files.readString(log));
      assertThat(found.find()).isTrue();
      ObjectNode body = Json.mapper().createObjectNode();
      body.set("dataframe_records", records(scored));
      Said said = post(URI.create(found.group(1)), INVOCATIONS.formatted("lateness@1"), body);
      assertThat(said.status()).as("%s", said.json()).isEqualTo(200);
      assertThat(said.predictions()).isEqualTo(batch());
    }
  }

  /** A row with the keys of its entities and what no view has. */
  private static ObjectNode asking(ObjectNode record) {
    ObjectNode asking = record.deepCopy();
    inputs.stream()
        .map(Input::column)
        .filter(column -> column.contains("__"))
        .forEach(asking::remove);
    return asking;
  }

  @Test
  @Order(3)
  void looksUpWhatRowsDoNotBringAlong() {
    ArrayNode asking = Json.mapper().createArrayNode();
    ArrayNode whole = Json.mapper().createArrayNode();
    for (Row row : scored.subList(0, 10)) {
      ObjectNode entity = Json.mapper().createObjectNode();
      entity.put("driver", record(row).get("driver").textValue());
      ObjectNode service = Json.mapper().createObjectNode();
      service.put("service", "lateness@2");
      service.putArray("entities").add(entity);
      Said features = post("/features", service);
      assertThat(features.status()).as("%s", features.json()).isEqualTo(200);
      assertThat(features.version()).isEqualTo("lateness@2");
      ObjectNode full = asking(record(row));
      asking.add(full.deepCopy());
      for (int f = 0; f < features.json().get("features").size(); f++) {
        full.set(
            features.json().at("/features/%d/input".formatted(f)).textValue(),
            features.json().at("/rows/0/%d/value".formatted(f)));
      }
      assertThat(full.size()).isEqualTo(inputs.size());
      whole.add(full);
    }
    Said looked = score("lateness@2", asking);
    assertThat(looked.status()).as("%s", looked.json()).isEqualTo(200);
    assertThat(looked.version()).isEqualTo("lateness@2");
    assertThat(looked.predictions()).isEqualTo(score("lateness@2", whole).predictions());
    assertThat(looked.predictions().stream().distinct().count()).isGreaterThan(2);
  }

  @Test
  @Order(3)
  void givesFeastsClientsWhatAVersionTakes() {
    ObjectNode body = Json.mapper().createObjectNode();
    body.put("feature_service", "lateness@2");
    body.putObject("entities").putArray("driver").add("a").add("nobody");
    Said said = post("/get-online-features", body);
    assertThat(said.status()).as("%s", said.json()).isEqualTo(200);
    assertThat(said.json().at("/metadata/feature_names").toString())
        .isEqualTo(
            "[\"driver\",\"driver_history__rides_1d\",\"driver_history__rides_7d\",\"driver_history__late_share_7d\",\"last_ride__delay\"]");
    assertThat(said.json().at("/results/2/statuses").toString())
        .isEqualTo("[\"PRESENT\",\"NOT_FOUND\"]");
    assertThat(said.json().at("/results/2/values/0").longValue()).isPositive();
  }

  /** Delays are tagged: some features come from them, others only count or say where from. */
  @Test
  @Order(4)
  void keepsBackWhatComesFromATaggedColumn() throws IOException {
    Path project = folder.resolve("tagged");
    TinyProject.write(project, 1);
    TinyProject.edit(
        project.resolve("sources/rides.yaml"),
        text -> text.replace("delay: int", "delay: {type: int, tags: [pii]}"));
    String token =
        Tokens.open(lakeFolder)
            .create(
                "tagged",
                "reports",
                Set.of(Role.READ),
                Set.of(),
                Optional.empty(),
                Principal.osUser("ada"))
            .text();
    TinyProject.edit(
        project.resolve("tributary.yaml"),
        text -> text.replace("project: tiny", "project: tagged"));
    try (FeatureServer tagged =
        FeatureServer.start(
            ProjectReader.read(project, Map.of(), Optional.of(lakeFolder)),
            store,
            new CompiledViews(),
            Access.open(lakeFolder, "tagged"),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
      assertThat(status(tagged, token, "driver_history@1:rides_1d")).isEqualTo(200);
      assertThat(status(tagged, token, "driver@1")).isEqualTo(200);
      assertThat(status(tagged, token, "driver_history@1:late_share_7d")).isEqualTo(403);
      assertThat(status(tagged, token, "last_ride@1:delay")).isEqualTo(403);
    }
  }

  private static int status(FeatureServer server, String token, String feature) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.putArray("features").add(feature);
    body.putArray("entities").addObject().put("driver", "a");
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(server.address().resolve("/features"))
                  .header("Content-Type", "application/json")
                  .header("Authorization", "Bearer " + token)
                  .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @Order(4)
  void refusesTheStoreWhereTheModelDoes() {
    ArrayNode rows = Json.mapper().createArrayNode().add(asking(record(scored.get(0))));
    Said said = score("lateness@1", rows);
    assertThat(said.status()).isEqualTo(409);
    assertThat(said.detail())
        .isEqualTo(
            "Cannot use lateness@1 online: not allowed: trained on exact views driver_history@1, last_ride@1; set \"online: stale\" in the model's definition and train again.");
  }

  @Test
  @Order(4)
  void saysWhatIsWrongWithRows() {
    ObjectNode row = record(scored.get(0));
    assertThat(wrong(row.deepCopy().put("divers", 1)))
        .startsWith(
            "Cannot read the request: column \"divers\" means nothing to lateness@2. Did you mean \"driver\"? It takes [");
    assertThat(wrong(row.deepCopy().put("driver_history__late_share_7d", "much")))
        .isEqualTo(
            "Cannot read input driver_history__late_share_7d: \"much\" is no double. Give a value of that type, or null.");
    assertThat(wrong(row.deepCopy().put("driver_history__rides_1d", 1.5)))
        .isEqualTo(
            "Cannot read input driver_history__rides_1d: 1.5 is no bigint. Give a value of that type, or null.");
    ObjectNode some = row.deepCopy();
    some.remove("last_ride__delay");
    assertThat(wrong(some))
        .contains("the rows have some inputs that are looked up or computed, as \"");
    ObjectNode none = asking(row);
    none.remove("driver");
    assertThat(wrong(none)).startsWith("Cannot read the request: the rows have no [driver].");
    assertThat(score("lateness@9", records(scored)).status()).isEqualTo(404);
    assertThat(score("lateness@9", records(scored)).detail())
        .isEqualTo(
            "Cannot resolve lateness@9: the versions of lateness are 1 to 2. Name one of them.");
    assertThat(score("earliness", records(scored)).status()).isEqualTo(404);
    assertThat(score("La@te@ness", records(scored)).status()).isEqualTo(400);
  }

  private static String wrong(ObjectNode row) {
    Said said = score("lateness@2", Json.mapper().createArrayNode().add(row));
    assertThat(said.status()).as("%s", said.json()).isEqualTo(400);
    return said.detail();
  }

  @Test
  @Order(5)
  void servesANewVersionOnceItIsInProduction() throws Exception {
    ArrayNode rows = records(scored);
    assertThat(score("lateness", rows).version()).isEqualTo("lateness@1");
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session)) {
      TinyProject.promote(lake, 2);
    }
    List<Double> second = score("lateness@2", rows).predictions();
    assertThat(second).isNotEqualTo(batch());
    Said said = score("lateness", rows);
    for (int tries = 0; said.version().equals("lateness@1") && tries < 100; tries++) {
      assertThat(said.predictions()).isEqualTo(batch());
      TimeUnit.MILLISECONDS.sleep(100);
      said = score("lateness", rows);
    }
    assertThat(said.version()).isEqualTo("lateness@2");
    assertThat(said.predictions()).isEqualTo(second);
  }

  @Test
  @Order(6)
  void refusesARetiredVersion() throws Exception {
    ModelRegistry.open(lakeFolder).retire("lateness", 1, Principal.osUser("ada"), "of no use");
    Said said = score("lateness@1", records(scored));
    for (int tries = 0; said.status() == 200 && tries < 100; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      said = score("lateness@1", records(scored));
    }
    assertThat(said.status()).isEqualTo(409);
    assertThat(said.detail()).contains("lateness@1", "retired", "of no use");
  }

  @Test
  @Order(7)
  void goesOnWithWhatIsOpenWhereTheRegistryIsGone() throws Exception {
    ArrayNode rows = records(scored);
    List<Double> before = score("lateness", rows).predictions();
    Path log = Path.of(lakeFolder, "platform/registry");
    Path away = log.resolveSibling("registry-away");
    Files.move(log, away);
    String ready = ready();
    for (int tries = 0; !ready.contains("goes on with") && tries < 100; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      ready = ready();
    }
    assertThat(ready).contains("The server goes on with lateness@2 as lateness@production.");
    assertThat(score("lateness", rows).predictions()).isEqualTo(before);
    Files.move(away, log);
    for (int tries = 0; ready.contains("goes on with") && tries < 100; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      ready = ready();
    }
    assertThat(ready).doesNotContain("goes on with");
  }

  private static String ready() throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(server.address().resolve("/ready")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  @Order(8)
  void refusesAPublicationOfAnotherMeaning() throws Exception {
    Publication before = store.inForce(ViewId.parse("last_ride@1"));
    StoredView published = before.view();
    OnlineWriter writer =
        store.begin(
            new StoredView(
                published.id(),
                Digest.of("another meaning"),
                published.keys(),
                published.features(),
                published.ttl(),
                published.maxStaleness()),
            new PublishedSnapshot(
                NIGHT.snapshotInstant().plusSeconds(1),
                TableVersion.parse("features.last_ride_v1@1#table"),
                Map.of()),
            Origin.of(before.lake().orElseThrow()));
    try (PartitionWriter partition = writer.partitions().open()) {
      writer.publish(
          writer.complete(partition.finish().stream().toList()).orElseThrow(),
          Map.of("run", "by-hand"));
    }
    ArrayNode rows = Json.mapper().createArrayNode().add(asking(record(scored.get(0))));
    Said said = score("lateness@2", rows);
    for (int tries = 0; said.status() == 200 && tries < 100; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      said = score("lateness@2", rows);
    }
    assertThat(said.status()).isEqualTo(409);
    assertThat(said.detail())
        .isEqualTo(
            "Cannot use lateness@2 online: what is published of last_ride@1 has another meaning than what it was trained on. Publish that again, or train it again: tributary training-set, tributary train lateness.");
    assertThat(score("lateness@2", records(scored)).status())
        .as("whole rows need no store")
        .isEqualTo(200);
  }
}
