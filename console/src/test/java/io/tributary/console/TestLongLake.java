package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.internal.Reads;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageEvent;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.RegisteredModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the light commands read of a lake with 10,000 runs and 490 model versions. How long they
 * take is measured by {@code bench/run light}: here is counted what decides it.
 */
class TestLongLake {
  private static final Path PROJECT = Path.of("../examples/nyc-flights");
  private static final int RUNS = 10_000;
  private static final int VERSIONS = 490;

  /** The newest fold, earlier ones, and what is not folded yet, with its commits. */
  private static final int MOST_FILES = 120;

  @TempDir static Path lake;

  private record Answered(String out, Reads reads) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  @BeforeAll
  static void write() throws IOException {
    LongLake.write(PROJECT, lake, RUNS, VERSIONS, 100);
    flights();
  }

  /** The log of the table of flights, which has no rows: a delivery reaches nobody. */
  private static void flights() throws IOException {
    StringJoiner fields = new StringJoiner(",");
    for (String column : List.of("_event_time", "_known_time")) {
      fields.add(
          "{\"name\":\"%s\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}"
              .formatted(column));
    }
    Path log = Files.createDirectories(lake.resolve("validated/flights/_delta_log"));
    Files.writeString(
        log.resolve("%020d.json".formatted(0)),
        "{\"commitInfo\":{\"timestamp\":0,\"operation\":\"WRITE\"}}\n"
            + "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
            + Json.write(
                Map.of(
                    "metaData",
                    Map.of(
                        "id",
                        LongLake.version("validated.flights", 0).id(),
                        "format",
                        Map.of("provider", "parquet", "options", Map.of()),
                        "schemaString",
                        "{\"type\":\"struct\",\"fields\":[%s]}".formatted(fields),
                        "partitionColumns",
                        List.of(),
                        "configuration",
                        Map.of())))
            + "\n");
  }

  private static Answered run(String... words) {
    return run(MOST_FILES, words);
  }

  private static Answered run(int mostFiles, String... words) {
    List<String> line = new ArrayList<>(Arrays.asList(words));
    line.addAll(List.of("--project", PROJECT.toString(), "--lake", lake.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Reads before = Reads.now();
    int code =
        Tributary.run(
            new PrintWriter(out, true), new PrintWriter(err, true), line.toArray(String[]::new));
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    Reads reads = Reads.now().since(before);
    assertThat(reads.files()).isLessThan(mostFiles);
    return new Answered(out.toString(), reads);
  }

  /** What the live files of a log hold, and a few small ones that one may add. */
  private static long bytes(String log) throws IOException {
    try (Stream<Path> files = Files.list(lake.resolve("platform").resolve(log))) {
      long largest = 0;
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        largest = Math.max(largest, Files.size(file));
      }
      return 2 * largest + 1_000_000;
    }
  }

  @Test
  void runsDecodesTheRecordsThatItShows() throws IOException {
    Answered all = run("runs");
    assertThat(all.lines()).hasSize(31);
    assertThat(all.reads().bodies()).isBetween(30L, 60L);
    assertThat(all.reads().bytes()).isLessThan(bytes("runs"));

    Answered scores = run("runs", "--job", "score", "--last", "100");
    assertThat(scores.lines())
        .hasSize(101)
        .allMatch(l -> l.contains(" score ") || l.contains("RUN "));
    assertThat(scores.reads().bodies()).isEqualTo(100);

    Answered failed = run("runs", "--failed");
    assertThat(failed.lines()).hasSize(31);
    assertThat(failed.reads().bodies()).isEqualTo(30);

    String one = scores.lines().get(50).substring(0, 25);
    Answered found = run("runs", one);
    assertThat(found.out()).contains(one);
    assertThat(found.reads().bodies()).isEqualTo(1);
  }

  @Test
  void theNewestRunThatUsedADefinitionIsFoundWithoutDecodingOthers() throws IOException {
    Answered columns = run("lineage", "scores.departures", "--columns");
    assertThat(columns.out()).contains("scores departures, as run ");
    assertThat(columns.reads().bodies()).isEqualTo(1);

    Answered view = run("show", "carrier_history@1");
    assertThat(view.out()).contains("# Types of the features:");
    assertThat(view.reads().bodies()).isEqualTo(1);
    assertThat(view.reads().bytes()).isLessThan(bytes("runs"));
  }

  @Test
  void theNewestRunIsTheOneThatANaiveSearchFinds() {
    RunLog log = RunLog.open(lake.toString());
    List<RunRecord> all = log.list();
    assertThat(all).hasSize(RUNS);
    for (String reference :
        List.of(
            "view carrier_history@1",
            "view clock@1",
            "source flights",
            "source airlines",
            "model late_arrival",
            "scores departures",
            "monitor late_arrival",
            "view nothing@1")) {
      List<RunRecord> used =
          all.stream()
              .filter(run -> run.outcome() == Outcome.SUCCEEDED)
              .filter(run -> run.definitions().containsKey(reference))
              .toList();
      assertThat(log.newestUsing(reference, run -> true))
          .as(reference)
          .isEqualTo(
              used.stream()
                  .filter(run -> reference.endsWith(" " + run.key().subject()))
                  .reduce((a, b) -> b)
                  .or(() -> used.stream().reduce((a, b) -> b)));
    }
  }

  @Test
  void lineageDecodesEachEventOnce() throws IOException {
    List<LineageEvent> events = Lineage.open(lake.toString()).events();
    assertThat(events)
        .hasSize(
            (int)
                RunLog.open(lake.toString()).list().stream()
                    .filter(run -> run.outcome() == Outcome.SUCCEEDED)
                    .count());
    Answered back = run("lineage", "features.carrier_history_v1", "--back");
    assertThat(back.reads().bodies()).isEqualTo(events.size());
    assertThat(back.reads().bytes()).isLessThan(bytes("lineage"));

    JsonNode json = Json.read(run("lineage", "scores.departures", "--json").out(), JsonNode.class);
    List<String> upstream = new ArrayList<>();
    json.get("upstream").forEach(e -> upstream.add(e.get("run").asText()));
    assertThat(upstream).hasSizeGreaterThan(1_000).doesNotHaveDuplicates();
  }

  @Test
  void aTraceDecodesWhatItShows() throws IOException {
    long decisions = run("registry", "history").lines().size();
    // Of three logs.
    Answered traced = run(3 * MOST_FILES, "trace", "late_arrival@9", "--json");
    JsonNode nodes = Json.read(traced.out(), JsonNode.class).get("nodes");
    Map<String, Integer> shown = new TreeMap<>();
    nodes.forEach(node -> shown.merge(node.get("kind").asText(), 1, Integer::sum));
    assertThat(shown)
        .containsEntry("model", 1)
        .containsEntry("delivery", 9)
        .containsEntry("file", 9);
    // A delivery's event and verdict; the version; the runs; those among which its build is found.
    long needed = 2L * shown.get("delivery") + 1 + shown.get("run") + VERSIONS;
    // The registry's chain takes each decision's digest; an alias that it had, the moves since.
    assertThat(traced.reads().bodies()).isBetween(needed, needed + 2 * decisions);
    assertThat(traced.reads().bytes())
        .isLessThan(bytes("runs") + bytes("registry") + bytes("deliveries"));
  }

  @Test
  void aVersionsTraceReadsNoOtherVersion() throws IOException {
    ModelRegistry registry = ModelRegistry.open(lake.toString());
    long decisions = registry.changes().size();
    Reads before = Reads.now();
    assertThat(registry.find("late_arrival", 7).orElseThrow().version().number()).isEqualTo(7);
    assertThat(Reads.now().since(before).bodies()).as("what is verified stays so").isEqualTo(1);
    before = Reads.now();
    ModelRegistry.open(lake.toString()).find("late_arrival", 7);
    // The chain takes the digest of each decision.
    assertThat(Reads.now().since(before).bodies()).isBetween(decisions, decisions + 1);
    RegisteredModel folded = registry.models().get("late_arrival");
    for (long number = 1; number <= VERSIONS; number += 9) {
      assertThat(registry.find("late_arrival", number)).isEqualTo(folded.version(number));
      assertThat(registry.aliasesOf(ModelReference.of("late_arrival", number)))
          .isEqualTo(folded.aliasesOf(number));
    }
    assertThat(registry.find("late_arrival@production"))
        .isEqualTo(folded.holder("production").orElseThrow());
  }

  @Test
  void theRegistryDecodesEachDecisionForItsChainAndItsModels() throws IOException {
    Answered all = run("registry", "list", "--retired");
    assertThat(all.lines()).hasSize(VERSIONS + 1);
    long decisions = run("registry", "history").lines().size();
    assertThat(decisions).isGreaterThan(VERSIONS + 50);
    // The chain takes each decision's digest once more than the last one's.
    assertThat(all.reads().bodies()).isBetween(2 * decisions - 1, 2 * decisions);
    assertThat(all.reads().bytes()).isLessThan(bytes("registry"));
    assertThat(run("registry", "show", "late_arrival").out()).startsWith("late_arrival@");
  }

  @Test
  void aSearchDecodesEachVersionOnceAndReadsNoArtefact() throws IOException {
    long decisions = run("registry", "history").lines().size();
    RegisteredModel model = ModelRegistry.open(lake.toString()).models().get("late_arrival");
    List<String> expected =
        model.versions().stream()
            .filter(v -> v.version().metrics().get("auc") >= 0.74)
            .filter(v -> v.retirement().isEmpty())
            .map(v -> v.version().reference().toString())
            .toList();

    Answered found =
        run("registry", "search", "auc >= 0.74 and status != retired", "--limit", "500", "--json");

    List<String> versions = new ArrayList<>();
    Json.read(found.out(), JsonNode.class).forEach(v -> versions.add(v.get("version").asText()));
    assertThat(versions).hasSizeGreaterThan(50).containsExactlyInAnyOrderElementsOf(expected);
    // The chain takes each decision's digest once more than the last one's.
    assertThat(found.reads().bodies()).isBetween(decisions, 2 * decisions);
    assertThat(found.reads().bytes()).isLessThan(bytes("registry"));

    List<String> best = run("registry", "search", "--by", "auc", "--limit", "3").lines();
    assertThat(best).hasSize(5);
    assertThat(best.get(1)).containsPattern("^late_arrival@449 .* 0\\.7490 ");
    assertThat(best.get(4)).isEqualTo("487 more; --limit 490 shows them.");
  }

  @Test
  void anImpactDecodesTheRunsThatReadTheThing() throws IOException {
    List<RunRecord> all = RunLog.open(lake.toString()).list();
    List<RunRecord> scored =
        all.stream()
            .filter(run -> run.outcome() == Outcome.SUCCEEDED)
            .filter(run -> run.key().job().equals("score"))
            .filter(
                run ->
                    run.facts(ScoringFacts.class)
                        .filter(f -> f.model().equals("late_arrival@9") && f.rows() > 0)
                        .isPresent())
            .toList();
    Answered impact = run("impact", "late_arrival@9", "--json");
    JsonNode nodes = Json.read(impact.out(), JsonNode.class).get("nodes");
    List<String> tables = new ArrayList<>();
    nodes.forEach(
        node -> {
          if (node.get("name").asText().startsWith("scores.")) {
            tables.add(node.get("name").asText());
          }
        });
    assertThat(scored).isNotEmpty();
    assertThat(tables)
        .containsExactlyElementsOf(
            scored.stream().map(run -> run.outputs().get(0).shortName()).toList());
    assertThat(impact.reads().bytes()).isLessThan(bytes("runs") + 2 * bytes("registry"));
    // The text of a scoring is searched for the model and for what is touched, and a monitor's for
    // the scores; the records of a few are decoded.
    long decisions = run("registry", "history").lines().size();
    long searched = 2 * counted(all, "score ") + counted(all, "monitor ");
    assertThat(impact.reads().bodies()).isLessThan(2 * decisions + searched + 100);
  }

  private static long counted(List<RunRecord> all, String work) {
    return all.stream()
        .filter(run -> run.outcome() == Outcome.SUCCEEDED)
        .filter(run -> run.key().toString().startsWith(work))
        .count();
  }

  @Test
  void aDeliverysImpactDecodesARunOfEachDefinition() throws IOException {
    List<RunRecord> all = RunLog.open(lake.toString()).list();
    long decisions = run("registry", "history").lines().size();
    Answered impact = run(3 * MOST_FILES, "impact", "flights", "--delivery", "40", "--json");
    JsonNode nodes = Json.read(impact.out(), JsonNode.class).get("nodes");
    assertThat(nodes.get(0).get("id").asText()).isEqualTo("delivery:flights@40");
    assertThat(nodes.get(nodes.size() - 1).get("name").asText()).startsWith("validated.flights@");
    // The text of each is searched; decoded are the builds, a run of each other definition, and
    // those of the nights before the delivery.
    long searched =
        counted(all, "materialize ")
            + counted(all, "score ")
            + counted(all, "ingest weather")
            + counted(all, "training-set ");
    long decoded = counted(all, "training-set ") + 200;
    assertThat(impact.reads().bodies()).isLessThan(2 * decisions + searched + decoded);
    assertThat(impact.reads().bytes())
        .isLessThan(bytes("runs") + 2 * bytes("registry") + bytes("deliveries"));
  }
}
