package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.ProjectRevision;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestTracer {
  private static final Instant AT = Instant.parse("2026-01-31T06:15:00Z");
  private static final String DRIVERS = "data/drivers.csv";

  @TempDir Path lake;

  private Tracer tracer() {
    return Tracer.open(lake.toString());
  }

  private static RunId id(int number) {
    return RunId.parse("20260131T061500Z-0000000" + number);
  }

  /** Deliveries of one file. */
  private void delivered(String source, String file, String... contents) {
    EventLog ledger = EventLog.open(lake + "/platform/deliveries");
    for (int i = 0; i < contents.length; i++) {
      long number = i + 1L;
      Digest digest = Digest.of(contents[i]);
      Deliveries.Delivery delivery =
          new Deliveries.Delivery(
              source,
              number,
              List.of(new Deliveries.DeliveredFile(file, 9, digest, Optional.empty())),
              Optional.empty());
      DeliveryVerdict verdict =
          new DeliveryVerdict(
              source,
              number,
              DeliveryVerdict.Outcome.ADMITTED,
              Digest.of("rules"),
              Optional.empty(),
              Optional.empty(),
              "",
              RowCounts.NONE);
      ledger.append(
          List.of(
              event("delivered/" + source + "/" + number, "delivered", source, delivery),
              event("judged/" + source + "/" + number, "judged", source, verdict)));
    }
  }

  private static Event event(String id, String kind, String source, Object body) {
    return new Event(id, AT, kind, source, Principal.osUser("ada"), id(1).text(), Json.write(body));
  }

  private static RunRecord run(
      int number, JobKey key, Map<String, Digest> definitions, List<Pin> pins, String... outputs) {
    Environment at = new Environment("abc123", false, "17", "Linux", "ada", "host");
    return run(at, number, key, definitions, pins, outputs);
  }

  private static RunRecord run(
      Environment at,
      int number,
      JobKey key,
      Map<String, Digest> definitions,
      List<Pin> pins,
      String... outputs) {
    return new RunRecord(
        id(number),
        key,
        1,
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        AT,
        1,
        pins,
        Set.of(outputs).stream().map(TableVersion::parse).toList(),
        Optional.empty(),
        Map.of(),
        List.of(),
        List.of(),
        definitions,
        Optional.empty(),
        at);
  }

  private static Pin upTo(String source, long delivery) {
    return Pin.upTo(TableVersion.parse("validated." + source + "@5#t"), delivery);
  }

  /** The log of a source's table with one column. */
  private void table(String source, String column) throws IOException {
    Path log = Files.createDirectories(lake.resolve("validated/" + source + "/_delta_log"));
    String schema =
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"%s\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}]}"
            .formatted(column);
    Files.writeString(
        log.resolve("%020d.json".formatted(0)),
        "{\"commitInfo\":{\"timestamp\":0,\"operation\":\"WRITE\"}}\n"
            + "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
            + Json.write(
                Map.of(
                    "metaData",
                    Map.of(
                        "id",
                        "t",
                        "format",
                        Map.of("provider", "parquet", "options", Map.of()),
                        "schemaString",
                        schema,
                        "partitionColumns",
                        List.of(),
                        "configuration",
                        Map.of())))
            + "\n");
  }

  private static List<String> ids(Provenance traced, String kind) {
    return traced.nodes().stream()
        .filter(node -> node.kind().equals(kind))
        .map(Provenance.Node::name)
        .toList();
  }

  @Test
  void ofAStaticSourceTheLastDeliveryAloneWasRead() throws IOException {
    table("drivers", "driver");
    table("rides", "_event_time");
    delivered("drivers", DRIVERS, "first", "second", "third", "fourth");
    delivered("rides", "data/rides.csv", "one", "two", "three");
    RunLog.open(lake.toString())
        .append(
            List.of(
                run(
                    2,
                    JobKey.of("training-set", "lateness"),
                    Map.of(),
                    List.of(upTo("drivers", 3), upTo("rides", 2)),
                    "training.lateness@0#s")));

    Provenance traced = tracer().table(TableName.of("training", "lateness"), Optional.empty());

    assertThat(ids(traced, "delivery")).containsExactly("drivers@3", "rides@1", "rides@2");
    assertThat(ids(traced, "file"))
        .containsExactly(
            DRIVERS + "@" + Digest.of("third").shortHex(),
            "data/rides.csv@" + Digest.of("one").shortHex(),
            "data/rides.csv@" + Digest.of("two").shortHex());
  }

  @Test
  void saysWhoSeesToItThatARevisionIsKnown() throws IOException {
    table("rides", "_event_time");
    delivered("rides", "data/rides.csv", "one");
    Environment clean = new Environment("abc123", false, "17", "Linux", "ada", "host");
    Environment dirty = new Environment("abc123", true, "17", "Linux", "ada", "host");
    Environment unknown = new Environment("unknown", false, "17", "Linux", "ada", "host");
    Digest files = Digest.of("files");
    List<Environment> environments =
        List.of(
            clean.with(new ProjectRevision(Optional.of("9f3c"), false, files)),
            dirty.with(new ProjectRevision(Optional.of("9f3c"), true, files)),
            unknown.with(new ProjectRevision(Optional.empty(), false, files)));
    List<Map<String, Object>> told = new ArrayList<>();
    for (int i = 0; i < environments.size(); i++) {
      RunRecord run =
          run(
              environments.get(i),
              2 + i,
              JobKey.of("training-set", "lateness"),
              Map.of(),
              List.of(upTo("rides", 1)),
              "training.lateness@" + i + "#s");
      RunLog.open(lake.toString()).append(List.of(run));
      Provenance traced = tracer().run(run.run().text());
      told.add(environment(traced));
    }
    assertThat(told.get(0)).containsEntry("project", "9f3c").doesNotContainKey("advice");
    assertThat(told.get(1))
        .containsEntry("code", "abc123 with uncommitted changes")
        .containsEntry("project", "9f3c with changed definitions")
        .containsEntry(
            "advice",
            List.of(
                "what was changed of Tributary has who built it for ada: they commit it, and build again",
                "the definitions were not those of the commit: the lake has them as they were, and whoever keeps the project commits them"));
    assertThat(told.get(2))
        .doesNotContainKey("project")
        .containsEntry("project-files", files.hex())
        .containsEntry(
            "advice",
            List.of(
                "no revision says what Tributary was: whoever installs it builds it from its repository",
                "the project was in no git repository: the lake has its definitions, and whoever keeps it commits it to one"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> environment(Provenance traced) {
    return (Map<String, Object>)
        traced.nodes().stream()
            .filter(node -> node.id().equals(traced.root()))
            .findFirst()
            .orElseThrow()
            .facts()
            .get("environment");
  }

  @Test
  void aFileThatWasDeliveredMoreThanOnceIsNamedByItsDelivery() {
    delivered("drivers", DRIVERS, "first", "second");
    delivered("towns", "data/towns.csv", "towns");
    String several = ": it was delivered 2 times, as drivers@1, drivers@2. Name one: tributary ";
    assertThatThrownBy(() -> tracer().file(DRIVERS))
        .isInstanceOf(PlatformException.class)
        .hasMessage("Cannot trace " + DRIVERS + several + "trace delivery:drivers@2.");
    assertThatThrownBy(() -> Impact.open(lake.toString(), false).file(DRIVERS))
        .hasMessage(
            "Cannot tell the impact of " + DRIVERS + several + "impact drivers --delivery 2.");

    assertThat(tracer().file(Digest.of("first").hex()).root()).isEqualTo("delivery:drivers@1");
    assertThat(tracer().file("data/towns.csv").root()).isEqualTo("delivery:towns@1");
    assertThat(tracer().delivered("drivers", 1).root()).isEqualTo("delivery:drivers@1");
    assertThatThrownBy(() -> tracer().delivered("drivers", 3))
        .hasMessage(
            "Cannot trace delivery 3 of drivers: the ledger has none. See tributary trace validated.drivers.");
  }

  @Test
  void aFileThatTwoSourcesReadIsNamedByItsDelivery() {
    for (String source : List.of("towns", "drivers")) {
      delivered(source, DRIVERS, "same");
    }
    for (String file : List.of(DRIVERS, Digest.of("same").hex())) {
      assertThatThrownBy(() -> Impact.open(lake.toString(), false).file(file))
          .hasMessageContaining(" 2 times, as drivers@1, towns@1. Name one: ");
    }
    delivered("many", "data/many.csv", "a", "b", "c", "d", "e", "f", "g");
    assertThatThrownBy(() -> tracer().file("data/many.csv"))
        .hasMessageContaining(" 7 times, last as many@2, many@3, ");
  }

  @Test
  void aViewWasMadeOfWhatItsLastRunPinned() throws IOException {
    table("rides", "_event_time");
    delivered("rides", "data/rides.csv", "one", "two");
    DefinitionStore store = DefinitionStore.open(lake.toString());
    Digest rides = store.put(definition("source", "rides", "columns", Map.of()));
    Definition former =
        definition("view", "history@1", "mean over 7d", Map.of("source rides", rides));
    Definition now = definition("view", "history@1", "mean over 8d", Map.of("source rides", rides));
    Map<String, Digest> first = Map.of("view history@1", store.put(former), "source rides", rides);
    Map<String, Digest> then = Map.of("view history@1", store.put(now), "source rides", rides);
    Meanings meanings = Meanings.open(lake.toString());
    meanings.fix(
        former, former.digest(), Optional.empty(), AT, Principal.osUser("ada"), id(1).text());
    meanings.amend(
        now,
        now.digest(),
        meanings.fixed("view history@1").orElseThrow(),
        List.of(),
        AT,
        Principal.osUser("ada"),
        "seven was a slip");
    JobKey scored = JobKey.of("score", "next");
    RunLog.open(lake.toString())
        .append(
            List.of(
                run(1, scored, first, List.of(upTo("rides", 1)), "scores.next@0#s"),
                run(2, scored, then, List.of(upTo("rides", 1)), "scores.next@1#s"),
                run(3, scored, then, List.of(upTo("rides", 2)), "scores.next@2#s"),
                run(4, JobKey.of("train", "late"), then, List.of()),
                run(5, JobKey.of("monitor", "late"), then, List.of(upTo("rides", 1)))));

    Provenance traced = tracer().view("history@1");

    assertThat(traced.root()).isEqualTo("view:history@1");
    Provenance.Node view = traced.nodes().get(traced.nodes().size() - 1);
    assertThat(view.from())
        .containsExactly(
            "definition:view history@1#" + former.digest().shortHex(),
            "definition:view history@1#" + now.digest().shortHex(),
            "table:validated.rides@5 deliveries <= 2");
    assertThat(view.facts())
        .containsEntry("meaning", now.meaningDigest().hex())
        .containsEntry("pinned-by", id(3) + ", score next");
    assertThat((String) view.facts().get("since")).contains("amended it", "(seven was a slip)");
    assertThat(facts(traced, "definition:view history@1#" + former.digest().shortHex()))
        .containsEntry("digest", former.digest().hex())
        .containsEntry("in-force", false)
        .containsEntry("first-used-by", id(1).text());
    assertThat(facts(traced, "definition:view history@1#" + now.digest().shortHex()))
        .containsEntry("in-force", true)
        .containsEntry("first-used-by", id(2).text());
    assertThat(ids(traced, "file")).hasSize(2);
    assertThat(ids(traced, "definition")).contains("source rides#" + rides.shortHex());
    assertThatThrownBy(() -> tracer().view("nothing@1"))
        .hasMessage(
            "Cannot trace nothing@1: no run used such a view, and the registry has no such model. See tributary features list.");
  }

  private static Map<String, Object> facts(Provenance traced, String id) {
    return traced.nodes().stream()
        .filter(node -> node.id().equals(id))
        .findFirst()
        .orElseThrow()
        .facts();
  }

  private static Definition definition(
      String kind, String name, String meaning, Map<String, Digest> uses) {
    return new Definition(
        kind, name, kind + ".yaml", "active", meaning, meaning, Map.of(), uses, Map.of());
  }
}
