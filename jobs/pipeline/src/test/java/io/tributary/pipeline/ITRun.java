package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.TableName;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole flow on two months of the example, each run in a process of its own as a user starts
 * it.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ITRun {
  @TempDir static Path folder;
  private static Path project;

  @BeforeAll
  static void copyExample() throws IOException {
    project = SmallExample.copyTo(folder.resolve("project"));
  }

  @Test
  @Order(1)
  void doesEveryStepFromRawFilesToVerdicts() throws Exception {
    List<JsonNode> steps = run("lake");
    assertThat(outcomes(steps)).containsOnly("SUCCEEDED", "UNCHANGED");
    for (JsonNode step : steps) {
      JsonNode facts = step.at("/record/facts");
      switch (step.at("/record/key/job").asText()) {
        case "ingest" -> {
          JsonNode counts = facts.at("/judged/counts");
          assertThat(counts.path("lines").asLong())
              .isPositive()
              .isEqualTo(
                  counts.path("admitted").asLong()
                      + counts.path("quarantined").asLong()
                      + counts.path("malformed").asLong());
        }
        case "publish" -> {
          assertThat(facts.path("compared").asLong()).isPositive();
          assertThat(facts.path("differences").asLong(-1)).isZero();
        }
        case "train" -> assertThat(facts.at("/metrics/auc").asDouble()).isBetween(0.55, 0.85);
        case "score" -> assertThat(facts.path("rows").asLong()).isBetween(500L, 1_500L);
        default -> {}
      }
    }
    assertThat(names(steps, "SUCCEEDED"))
        .contains("train late_arrival", "score departures", "monitor late_arrival");
  }

  @Test
  @Order(2)
  void findsEverythingUnchangedTheSecondTime() throws Exception {
    assertThat(outcomes(run("lake"))).containsExactly("UNCHANGED");
  }

  @Test
  @Tag("long")
  @Order(3)
  void endsWithTheSameContentsAfterAkillInTheMiddleOfFeatures() throws Exception {
    Process killed = start("killed");
    Path features = folder.resolve("killed/features");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (killed.isAlive() && folders(features).size() < 4 && System.nanoTime() < deadline) {
      killed.waitFor(50, TimeUnit.MILLISECONDS);
    }
    assertThat(killed.isAlive()).as("still at work when it is killed").isTrue();
    killed.destroyForcibly().waitFor();
    assertThat(Files.readAllLines(output("killed")))
        .as("no result")
        .noneMatch(l -> l.startsWith("["));
    List<JsonNode> steps = run("killed");
    assertThat(names(steps, "UNCHANGED")).contains("ingest flights");
    assertThat(contents("killed")).isEqualTo(contents("lake"));
  }

  @Test
  @Tag("long")
  @Order(4)
  void doesAgainExactlyWhatStandsBelowTheWeather() throws Exception {
    Path weather = project.resolve("data/weather.csv");
    List<String> lines = Files.readAllLines(weather);
    int touched = lines.size() / 3;
    lines.set(touched, lines.get(touched).replaceFirst(",(\\d+)\\.\\d+,", ",$1.5,"));
    Files.write(weather, lines);
    Set<String> done = names(run("lake"), "SUCCEEDED");
    assertThat(done)
        .containsExactlyInAnyOrder(
            "ingest weather",
            "materialize weather@1",
            "publish weather@1",
            "training-set late_arrival",
            "train late_arrival",
            "score departures",
            "monitor late_arrival");
  }

  private static List<JsonNode> run(String lake) throws Exception {
    int code = start(lake).waitFor();
    List<String> output = Files.readAllLines(output(lake));
    assertThat(code).as(Files.readString(errors(lake))).isZero();
    List<JsonNode> steps = new ArrayList<>();
    String result = output.stream().filter(l -> l.startsWith("[")).findFirst().orElseThrow();
    Json.mapper().readTree(result).forEach(steps::add);
    return steps;
  }

  private static Process start(String lake) throws IOException {
    return JavaProcess.of(
            List.of("-Xmx3g"),
            "io.tributary.pipeline.RunMain",
            project.toString(),
            "--lake",
            folder.resolve(lake).toString(),
            "--json")
        .redirectOutput(output(lake).toFile())
        .redirectError(errors(lake).toFile())
        .start();
  }

  private static Path output(String lake) {
    return folder.resolve(lake + ".out");
  }

  private static Path errors(String lake) {
    return folder.resolve(lake + ".err");
  }

  private static Set<String> outcomes(List<JsonNode> steps) {
    Set<String> outcomes = new TreeSet<>();
    steps.forEach(s -> outcomes.add(s.at("/record/outcome").asText()));
    return outcomes;
  }

  private static Set<String> names(List<JsonNode> steps, String outcome) {
    Set<String> names = new TreeSet<>();
    steps.stream()
        .filter(s -> s.at("/record/outcome").asText().equals(outcome))
        .forEach(
            s ->
                names.add(
                    s.at("/record/key/job").asText() + " " + s.at("/record/key/subject").asText()));
    return names;
  }

  /** The digest of each table's rows, without the runs that wrote them. */
  private static Map<String, String> contents(String name) {
    Map<String, String> contents = new TreeMap<>();
    try (Lake lake = Lake.open(folder.resolve(name).toString())) {
      for (TableName table : lake.tables()) {
        if (!table.layer().equals("platform")) {
          Dataset<Row> rows = lake.table(table).read(lake.find(table).orElseThrow());
          contents.put(
              table.toString(), ContentDigest.of(rows.drop(Contents.OF_RUNS)).digest().hex());
        }
      }
    }
    return contents;
  }

  private static List<Path> folders(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (var listed = Files.list(parent)) {
      return listed.toList();
    }
  }
}
