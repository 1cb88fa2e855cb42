package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.served.ServedPrediction;
import io.tributary.events.served.ServedPredictions;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.ScoringBlock;
import io.tributary.model.ScoringModel;
import io.tributary.model.StoredModel;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.JobRunner;
import io.tributary.serve.CompiledViews;
import io.tributary.serving.FeatureServer;
import io.tributary.serving.access.Access;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.JavaProcess;
import io.tributary.testing.ServerProcess;
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
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores that servers gave, as they are in the lake afterwards. */
class ITRecorded {
  private static final Interval NIGHT =
      Interval.day(TinyProject.FIRST_NIGHT, ZoneId.of("Europe/Berlin"));
  private static final String INVOCATIONS = "/models/lateness@1/invocations";

  @TempDir static Path folder;
  private static Path project;
  private static String lakeFolder;
  private static OnlineStore store;

  @BeforeAll
  static void runs() throws IOException {
    project = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(project, 1);
    TinyProject.edit(
        project.resolve("models/lateness.yaml"),
        text -> text.replace("seed: 1}", "seed: 1}\nonline: stale"));
    store = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs =
          new Jobs(
              CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(lakeFolder))),
              lake,
              store,
              RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      jobs.materialize(Optional.empty(), NIGHT).forEach(runner::run);
      jobs.publish(Optional.empty(), NIGHT).forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
    }
  }

  @AfterAll
  static void close() {
    store.close();
  }

  private static FeatureServer serve() {
    Project read = ProjectReader.read(project, Map.of(), Optional.of(lakeFolder));
    return FeatureServer.start(
        read,
        store,
        new CompiledViews(),
        Access.open(lakeFolder, read.name()),
        new FeatureServer.Address("127.0.0.1", 0, false),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  /** Scores and the beginning of their ids. */
  private record Said(List<Double> scores, Optional<String> id) {
    String id(int row) {
      return id.orElseThrow() + "/" + row;
    }
  }

  /** Asks again while the model is being opened. */
  private static Said score(URI server, JsonNode rows) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.set("dataframe_records", rows);
    try {
      for (int tries = 0; ; tries++) {
        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(server.resolve(INVOCATIONS))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200 || tries == 100) {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
          List<Double> scores = new ArrayList<>();
          Json.read(answer.body(), JsonNode.class)
              .get("predictions")
              .forEach(of -> scores.add(of.doubleValue()));
          return new Said(scores, answer.headers().firstValue("Tributary-Predictions"));
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode asking(String driver) {
    return Json.mapper().createObjectNode().put("driver", driver);
  }

  private static ArrayNode rows(ObjectNode... rows) {
    ArrayNode all = Json.mapper().createArrayNode();
    for (ObjectNode row : rows) {
      all.add(row);
    }
    return all;
  }

  private static List<ServedPrediction> recorded() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    List<ServedPrediction> recorded = new ArrayList<>();
    ServedPredictions.open(lakeFolder)
        .read(
            Interval.of(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1))),
            recorded::add);
    return recorded;
  }

  private static ServedPrediction only(String id) {
    List<ServedPrediction> found = ServedPredictions.open(lakeFolder).find(id);
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  /** The score of recorded inputs, by the bundle of the version that they name. */
  private static double again(ServedPrediction of) {
    ModelRegistry registry = ModelRegistry.open(lakeFolder);
    ModelVersion version = registry.find(of.reference()).version();
    assertThat(of.artefact()).isEqualTo(version.artefact().digest());
    ScoringModel model =
        StoredModel.of(registry.artefact(version), version.artefact().digest()).open();
    ScoringBlock block = model.block();
    block.append();
    List<Input> inputs = model.signature().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Object value = of.inputs().get(inputs.get(i).column());
      if (value instanceof String text && inputs.get(i).categorical()) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        block.text(i, bytes, 0, bytes.length);
      } else if (value != null) {
        block.number(i, value instanceof Double d ? d : Double.parseDouble((String) value));
      }
    }
    block.score();
    return block.score(0);
  }

  @Test
  void scoresAreKeptWithWhatTheyWereMadeOf() {
    ObjectNode whole = asking("a");
    whole.put("driver_history__rides_1d", 3);
    whole.put("driver_history__rides_7d", 9_007_199_254_740_993L);
    whole.put("driver_history__late_share_7d", "NaN");
    whole.putNull("last_ride__delay");
    Said looked;
    Said brought;
    try (FeatureServer server = serve()) {
      looked = score(server.address(), rows(asking("a"), asking("nobody"), asking("b")));
      brought = score(server.address(), rows(whole));
    }
    for (int row = 1; row <= 3; row++) {
      ServedPrediction of = only(looked.id(row));
      assertThat(of.score()).isEqualTo(looked.scores().get(row - 1));
      assertThat(Double.doubleToRawLongBits(again(of)))
          .as("%s", of)
          .isEqualTo(Double.doubleToRawLongBits(looked.scores().get(row - 1)));
      assertThat(of.publications().stream().map(ServedPrediction.LookedUp::view))
          .containsExactly("driver_history@1", "last_ride@1");
      assertThat(of.publications())
          .allSatisfy(
              from -> {
                assertThat(from.publication()).isEqualTo(1);
                assertThat(from.instant()).isEqualTo(NIGHT.snapshotInstant());
                assertThat(from.run()).isPresent();
                assertThat(from.snapshots()).hasSize(1);
              });
    }
    assertThat(only(looked.id(1)).asked()).isEqualTo(Map.of("driver", "a"));
    assertThat(only(looked.id(2)).inputs())
        .containsEntry("driver", "nobody")
        .containsEntry("driver_history__rides_7d", 0.0)
        .doesNotContainKey("last_ride__delay");
    ServedPrediction of = only(brought.id(1));
    assertThat(of.inputs())
        .containsEntry("driver_history__rides_7d", 9.007199254740992E15)
        .containsEntry("driver_history__late_share_7d", "NaN");
    assertThat(of.publications()).isEmpty();
    assertThat(Double.doubleToRawLongBits(again(of)))
        .isEqualTo(Double.doubleToRawLongBits(brought.scores().get(0)));
  }

  @Test
  void aServedPredictionIsTracedToFilesThatWereDelivered() {
    Said said;
    try (FeatureServer server = serve()) {
      said = score(server.address(), rows(asking("a"), asking("b")));
    }
    Answered traced = Answered.by("trace", project, lakeFolder, said.id(2), "--json");
    assertThat(traced.code()).as(traced.err()).isZero();
    JsonNode nodes = Json.read(traced.out(), JsonNode.class).get("nodes");
    TreeSet<String> kinds = new TreeSet<>();
    List<String> names = new ArrayList<>();
    nodes.forEach(
        node -> {
          kinds.add(node.get("kind").textValue());
          names.add(node.get("kind").textValue() + " " + node.get("name").textValue());
          assertThat(node.has("lost")).as("%s", node).isFalse();
        });
    assertThat(kinds)
        .containsExactly(
            "definition", "delivery", "file", "model", "prediction", "publication", "run", "table");
    assertThat(names)
        .contains(
            "prediction " + said.id(2),
            "model lateness@1",
            "publication driver_history@1#1",
            "publication last_ride@1#1")
        .anyMatch(name -> name.startsWith("table features.driver_history_v1@"))
        .anyMatch(name -> name.startsWith("table training.lateness@"))
        .anyMatch(name -> name.matches("file .*data/rides.csv@[0-9a-f]+"));
    Answered shown = Answered.by("trace", project, lakeFolder, said.id(2));
    assertThat(shown.out()).startsWith("prediction " + said.id(2)).contains("asked-with driver b");
    Answered both = Answered.by("trace", project, lakeFolder, said.id().orElseThrow());
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err())
        .contains(
            "Cannot trace one prediction of request %s: it has 2. Name one: %s to %s."
                .formatted(said.id().orElseThrow(), said.id(1), said.id(2)));
    String other = said.id().orElseThrow().replaceFirst("[0-9a-f]{32}$", "0".repeat(32));
    assertThat(Answered.by("trace", project, lakeFolder, other).err())
        .contains("Cannot trace prediction " + other + ": served.predictions does not have it.");
  }

  @Test
  void recordsNoneWhereTheProjectSaysSo() throws IOException {
    Path file = project.resolve("tributary.yaml");
    String before = Files.readString(file);
    int kept = recorded().size();
    Files.writeString(file, before + "serving: {record-predictions: 0}\n");
    try (FeatureServer server = serve()) {
      assertThat(score(server.address(), rows(asking("a"))).id()).isEmpty();
    } finally {
      Files.writeString(file, before);
    }
    assertThat(recorded()).hasSize(kept);
  }

  /** What was answered in the last seconds before a kill may be lost, and nothing else. */
  @Test
  void aKilledServerLeavesWhatItWroteAndTheNextGoesOn() throws Exception {
    List<Said> written = new ArrayList<>();
    List<Said> last = new ArrayList<>();
    for (boolean killed : List.of(true, false)) {
      Path log = folder.resolve("serve-%s.log".formatted(killed));
      Pattern address = Pattern.compile("at (http://\\S+),");
      try (ServerProcess process =
          ServerProcess.start(
              JavaProcess.of(
                  List.of(),
                  "io.tributary.serve.ServeMain",
                  "--project=" + project,
                  "--lake=" + lakeFolder,
                  "--lame-duck=0s",
                  "--port=0"),
              log,
              Duration.ofMinutes(1),
              text -> address.matcher(text).find())) {
        Matcher found = address.matcher(Files.readString(log));
        assertThat(found.find()).isTrue();
        URI server = URI.create(found.group(1));
        written.add(score(server, rows(asking("a"))));
        if (killed) {
          awaitRecorded(server);
          last.add(score(server, rows(asking("b"))));
          process.fail();
        }
      }
    }
    List<String> ids = recorded().stream().map(ServedPrediction::id).toList();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids).containsAll(written.stream().map(said -> said.id(1)).toList());
    assertThat(ids).as("killed in the first seconds").doesNotContain(last.get(0).id(1));
  }

  private static void awaitRecorded(URI server) throws IOException, InterruptedException {
    for (int tries = 0; tries < 200; tries++) {
      String metrics =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.resolve("/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      if (metrics.contains("tributary_recorded_total{table=\"predictions\"} 1.0")) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("nothing was recorded");
  }
}
