package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a prediction was made of, from its row to the bytes of delivered files. */
class ITTrace {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Interval NIGHT = Interval.day(TinyProject.FIRST_NIGHT, ZONE);

  @TempDir static Path folder;
  private static Path project;
  private static String lakeFolder;
  private static RunRecord built;
  private static RunRecord scored;
  private static List<Row> rows;
  private static List<Row> superseded;

  /** Two deliveries of rides; a night that one version scored, and then another. */
  @BeforeAll
  static void runs() throws IOException {
    project = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(project, 1);
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 300));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      Files.writeString(project.resolve("data/rides2.csv"), TinyProject.rides(300, 24 * 26));
      jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      built = runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      scored = runner.run(jobs.score(Optional.empty(), NIGHT).get(0));
      Path model = project.resolve("models/lateness.yaml");
      Files.writeString(model, Files.readString(model).replace("seed: 1", "seed: 2"));
      jobs = jobs(lake, online);
      runner.run(jobs.train("lateness"));
      TinyProject.promote(lake, 2);
      runner.run(jobs.score(Optional.empty(), NIGHT).get(0));
      rows = rows(lake, "scores");
      superseded = rows(lake, "superseded");
    }
  }

  private static List<Row> rows(Lake lake, String layer) {
    return lake.spark()
        .read()
        .format("delta")
        .load(lake.path(TableName.of(layer, "next")))
        .orderBy("id")
        .collectAsList();
  }

  private static Jobs jobs(Lake lake, OnlineStore online) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
        lake,
        online,
        RunnerChoice.valueOf(DrawnRunner.name()));
  }

  @Test
  void twoTrainedVersionsStandSideBySide() {
    Answered compared =
        Answered.by("registry", project, lakeFolder, "compare", "lateness@1", "lateness@2");

    assertThat(compared.code()).as(compared.err()).isZero();
    assertThat(compared.out())
        .containsPattern("(?m)^fit +seed +1 +2$")
        .containsPattern("(?m)^ +- .*seed: 1")
        .containsPattern("(?m)^ +\\+ .*seed: 2");
  }

  private static ProjectDifference diff(String... things) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      List<String> line = new ArrayList<>(List.of(things));
      line.addAll(List.of("--project", project.toString(), "--lake", lakeFolder, "--json"));
      int code = JobMain.run("diff", line.toArray(String[]::new), new DiffMain());
      String said = out.toString(StandardCharsets.UTF_8);
      assertThat(code).as(said).isZero();
      return Json.read(said, ProjectDifference.class);
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void definitionsOfKeptThingsAndOfTheFolderAreCompared() {
    ProjectDifference versions = diff("lateness@1", "lateness@2");
    assertThat(versions.changed())
        .singleElement()
        .satisfies(
            model ->
                assertThat(model.meaning())
                    .extracting(ProjectDifference.Key::toString)
                    .containsExactly("fit.seed: 1 → 2"));
    assertThat(diff("lateness@2", "lateness@1").changed().get(0).meaning())
        .extracting(ProjectDifference.Key::toString)
        .containsExactly("fit.seed: 2 → 1");
    assertThat(diff("lateness@2").isEmpty()).isTrue();
    assertThat(diff("lateness@1").changed())
        .extracting(ProjectDifference.Changed::definition)
        .containsExactly("model lateness");
    assertThat(diff(built.run().text(), "training-set:lateness@1").isEmpty()).isTrue();
    assertThat(diff(scored.run().text(), "lateness@1").removed()).contains("scores next");
    String view = scored.definitions().get("view driver_history@1").hex();
    assertThat(diff(view.substring(0, 12)).changed()).isEmpty();

    // What no run has used yet is all that is new.
    ProjectDifference now = diff();
    assertThat(now.changed()).isEmpty();
    assertThat(now.removed()).isEmpty();
    assertThat(now.added())
        .containsExactly("monitor lateness", "pipeline nightly", "view driver@1");
  }

  private static Answered trace(String... words) {
    return Answered.by("trace", project, lakeFolder, words);
  }

  private static JsonNode json(String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.add("--json");
    Answered answered = trace(line.toArray(String[]::new));
    assertThat(answered.err()).isEmpty();
    assertThat(answered.code()).isZero();
    return Json.read(answered.out(), JsonNode.class);
  }

  private static JsonNode node(JsonNode provenance, String id) {
    for (JsonNode node : provenance.get("nodes")) {
      if (node.get("id").asText().equals(id)) {
        return node;
      }
    }
    throw new AssertionError("no node " + id);
  }

  private static List<JsonNode> nodes(JsonNode provenance, String kind) {
    List<JsonNode> found = new ArrayList<>();
    provenance
        .get("nodes")
        .forEach(
            node -> {
              if (node.get("kind").asText().equals(kind)) {
                found.add(node);
              }
            });
    return found;
  }

  @Test
  void everyPredictionLeadsToTheBytesThatWereDelivered() throws IOException {
    assertThat(rows).as("a ride an hour, of which one is in quarantine").hasSize(23);
    Map<String, String> files = new LinkedHashMap<>();
    for (String name : List.of("data/drivers.csv", "data/rides.csv", "data/rides2.csv")) {
      files.put(name, Digest.ofFile(project.resolve(name)).hex());
    }
    RunLog log = RunLog.open(lakeFolder);
    for (Row row : List.of(rows.get(0), rows.get(22))) {
      JsonNode provenance = json((String) row.getAs("_prediction_id"));
      JsonNode said = node(provenance, provenance.get("root").asText());
      assertThat(said.get("facts").get("score").asDouble())
          .isEqualTo(row.<Row>getAs("output").<Double>getAs("probability"));
      assertThat(said.get("facts").get("asked-with").get("id").asInt())
          .isEqualTo(row.<Integer>getAs("id"));

      assertThat(
              nodes(provenance, "file").stream()
                  .collect(
                      Collectors.toMap(
                          n -> n.get("name").asText().replaceFirst("@.*", ""),
                          n -> n.get("facts").get("sha256").asText())))
          .isEqualTo(files);
      assertThat(nodes(provenance, "model")).hasSize(1);
      assertThat(nodes(provenance, "model").get(0).get("name").asText()).isEqualTo("lateness@2");
      assertThat(nodes(provenance, "delivery"))
          .extracting(n -> n.get("name").asText())
          .containsExactlyInAnyOrder("drivers@1", "rides@1", "rides@2");
      assertThat(
              nodes(provenance, "table").stream()
                  .filter(n -> n.get("name").asText().startsWith("training.lateness@"))
                  .map(n -> n.get("facts").get("content").asText()))
          .containsExactly(built.facts(TrainingSetFacts.class).orElseThrow().content().hex());
      List<RunRecord> runs =
          nodes(provenance, "run").stream()
              .map(n -> log.find(RunId.parse(n.get("name").asText())).orElseThrow())
              .toList();
      assertThat(runs)
          .extracting(r -> r.key().job() + " " + r.key().subject())
          .containsExactlyInAnyOrder(
              "ingest drivers",
              "ingest rides",
              "ingest rides",
              "training-set lateness",
              "train lateness",
              "score next");
      assertThat(runs).extracting(r -> r.run().text()).contains(row.<String>getAs("_run"));
    }
  }

  @Test
  void whatEachThingWasMadeOfStandsBeforeIt() {
    JsonNode provenance = json((String) rows.get(0).getAs("_prediction_id"));
    Set<String> before = new HashSet<>();
    for (JsonNode node : provenance.get("nodes")) {
      node.get("from").forEach(from -> assertThat(before).contains(from.asText()));
      assertThat(before.add(node.get("id").asText())).isTrue();
    }
    assertThat(before).contains(provenance.get("root").asText());
  }

  @Test
  void whatWasInForceBeforeIsToldAndTraced() {
    Row row = rows.get(3);
    Row former =
        superseded.stream()
            .filter(r -> r.getAs("_prediction_id").equals(row.getAs("_prediction_id")))
            .findFirst()
            .orElseThrow();
    String id = row.getAs("_prediction_id");
    JsonNode others = node(json(id), "prediction:" + id).get("facts").get("other-answers");
    assertThat(others).hasSize(1);
    assertThat(others.get(0).get("model").asText()).isEqualTo("lateness@1");
    assertThat(others.get(0).get("score").asDouble())
        .isEqualTo(former.<Row>getAs("output").<Double>getAs("probability"));
    assertThat(others.get(0).get("run").asText()).isEqualTo(scored.run().text());

    String then = former.<Timestamp>getAs("_scored_at").toInstant().toString();
    JsonNode provenance = json(id, "--in-force", then);
    assertThat(nodes(provenance, "model").get(0).get("name").asText()).isEqualTo("lateness@1");
    assertThat(nodes(provenance, "run"))
        .extracting(n -> n.get("name").asText())
        .contains(scored.run().text());

    Answered earlier = trace(id, "--in-force", "2024-01-01T00:00:00Z");
    assertThat(earlier.code()).isNotZero();
    assertThat(earlier.err())
        .isEqualTo(
            "Cannot trace prediction %s as of 2024-01-01T00:00:00Z: the first answer came into force at %s. Name an instant from then on.\n"
                .formatted(id, then));
  }

  @Test
  void aRowIsFoundByWhatItAskedWith() {
    Row row = rows.get(5);
    String asOf = row.<Timestamp>getAs("_as_of").toInstant().toString();
    String ride = row.getAs("id").toString();
    JsonNode provenance = json("next", "--key", "id=" + ride, "--as-of", asOf);
    assertThat(provenance.get("root").asText())
        .isEqualTo("prediction:" + row.getAs("_prediction_id"));

    assertThat(trace("next", "--key", "id=1", "--as-of", asOf).err())
        .isEqualTo(
            "Cannot trace the prediction of next for id 1 at %s: no row that its champion scored has these values at this as-of. Write the values and the as-of as scores.next has them.\n"
                .formatted(asOf));
    assertThat(trace("next", "--key", "ride=1", "--as-of", asOf).err())
        .isEqualTo(
            "Cannot trace the prediction of next for ride 1 at %s: its rows have no column ride. Write columns that the rows asked with.\n"
                .formatted(asOf));
    assertThat(trace("next", "--key", "id=1").err())
        .isEqualTo(
            "Cannot trace a prediction of next by its row: write --key COLUMN=VALUE and --as-of INSTANT, both.\n");
  }

  @Test
  void modelsTablesBuildsAndFilesAreTracedByName() throws IOException {
    String rides = Digest.ofFile(project.resolve("data/rides2.csv")).hex();
    Map<String, String> roots =
        Map.of(
            "lateness@1",
            "model:lateness@1",
            "lateness@production",
            "model:lateness@2",
            "training-set:lateness@1",
            "table:training.lateness@0",
            "scores.next",
            "table:scores.next@1",
            "scores.next@0",
            "table:scores.next@0",
            "data/rides2.csv",
            "delivery:rides@2",
            rides,
            "delivery:rides@2",
            "delivery:rides@1",
            "delivery:rides@1",
            "driver_history@1",
            "view:driver_history@1",
            scored.run().text(),
            "run:" + scored.run());
    roots.forEach(
        (thing, root) -> assertThat(json(thing).get("root").asText()).as(thing).isEqualTo(root));
    assertThat(nodes(json("scores.next@0"), "model"))
        .extracting(n -> n.get("name").asText())
        .containsExactly("lateness@1");
    assertThat(trace("data/none.csv").err())
        .isEqualTo(
            "Cannot trace data/none.csv: it is no prediction's id, run, model, view, table or training set with @VERSION, and no delivered file's path or SHA-256. See tributary trace --help.\n");
    assertThat(trace("lateness@7").err()).startsWith("Cannot find lateness@7: ");
    assertThat(trace("nothing@1").err()).startsWith("Cannot trace nothing@1: no run used ");
  }

  @Test
  void aViewLeadsToItsDefinitionAndToWhatWasDelivered() {
    JsonNode traced = json("driver_history@1");
    String used = scored.definitions().get("view driver_history@1").hex();
    List<JsonNode> definitions = nodes(traced, "definition");
    JsonNode definition = definitions.get(definitions.size() - 1);
    assertThat(definition.get("facts").get("digest").asText()).isEqualTo(used);
    assertThat(definition.get("facts").get("in-force").asBoolean()).isTrue();
    assertThat(definition.get("facts").get("first-used-by").asText()).isEqualTo(built.run().text());
    assertThat(nodes(traced, "delivery"))
        .extracting(n -> n.get("name").asText())
        .contains("rides@1", "rides@2");
    assertThat(trace("view:driver_history@1").out().lines())
        .startsWith("view driver_history@1")
        .anyMatch(line -> line.startsWith("├─ definition view driver_history@1#"))
        .anyMatch(line -> line.startsWith("└─ table validated.rides@"));
  }

  @Test
  void aPersonReadsATree() {
    String id = rows.get(0).getAs("_prediction_id");
    List<String> lines = trace(id).out().lines().toList();
    assertThat(lines.get(0)).isEqualTo("prediction " + id);
    assertThat(lines)
        .contains("├─ model lateness@2", "│  └─ run " + runOf("lateness@2"))
        .anyMatch(line -> line.endsWith("file data/rides.csv@" + shortDigest("data/rides.csv")))
        .anyMatch(line -> line.contains("inputs (--inputs)"))
        .noneMatch(line -> line.contains("{") || line.length() > 400);
    assertThat(trace(id, "--inputs").out()).contains(", driver ");
  }

  private static String runOf(String model) {
    return nodes(json(model), "run").stream()
        .filter(n -> n.get("facts").get("work").asText().equals("train lateness"))
        .map(n -> n.get("name").asText())
        .findFirst()
        .orElseThrow();
  }

  private static String shortDigest(String file) {
    try {
      return Digest.ofFile(project.resolve(file)).shortHex();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
