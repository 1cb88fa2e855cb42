package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestImpact {
  private static final Instant AT = Instant.parse("2026-01-31T06:15:00Z");
  private static final RunId INGESTED = RunId.parse("20260131T061500Z-00000001");
  private static final RunId COPIED = RunId.parse("20260201T061500Z-00000002");
  private static final RunId REBUILT = RunId.parse("20260202T061500Z-00000003");
  private static final RunId EARLIER = RunId.parse("20260130T061500Z-00000004");

  @TempDir Path lake;

  /** The rebuild judges the delivery again, so that the newest verdict on it is the rebuild's. */
  @Test
  void aRebuildDoesNotHideWhatHadReadTheSourceBefore() throws IOException {
    table();
    EventLog.open(lake + "/platform/deliveries")
        .append(
            List.of(
                event("delivered/flights/17", "delivered", INGESTED, Map.of("number", 17)),
                event("judged/flights/17/a", "judged", INGESTED, verdict()),
                event("judged/flights/17/b", "judged", REBUILT, verdict())));
    RunLog.open(lake.toString())
        .append(
            List.of(
                run(EARLIER, "trips", List.of(upTo(2, 16)), "validated.trips@0#t"),
                run(INGESTED, "flights", List.of(), "validated.flights@3#f"),
                run(COPIED, "trips", List.of(upTo(3, 17)), "validated.trips@1#t"),
                run(REBUILT, "flights", List.of(), "validated.flights@5#f")));
    assertThat(Impact.open(lake.toString(), false).delivery("flights", 17).nodes())
        .extracting(node -> node.id() + " from " + node.from())
        .containsExactly(
            "delivery:flights@17 from []",
            "table:validated.flights@3 from [delivery:flights@17]",
            "table:validated.trips@1 from [table:validated.flights@3]",
            "table:validated.flights@5 from [delivery:flights@17]");
  }

  /** Its process died after the commit, or has not come to the record yet; another had read it. */
  @Test
  void aCommitThatIsNotRecordedIsFollowed() throws IOException {
    table();
    EventLog.open(lake + "/platform/deliveries")
        .append(
            List.of(
                event("delivered/flights/17", "delivered", INGESTED, Map.of("number", 17)),
                event("judged/flights/17/a", "judged", INGESTED, verdict())));
    RunId reader = RunId.parse("20260203T061500Z-00000005");
    Pin trips = Pin.of(TableVersion.parse("validated.trips@0#trips"));
    RunLog.open(lake.toString())
        .append(
            List.of(
                run(INGESTED, "flights", List.of(), "validated.flights@3#f"),
                run(reader, "tours", List.of(trips), "validated.tours@0#u", AT.plusSeconds(60))));
    commit("trips", COPIED, List.of(upTo(3, 17)), AT.plusSeconds(30));
    Impact impact = Impact.open(lake.toString(), false);
    assertThat(impact.delivery("flights", 17).nodes())
        .extracting(node -> node.id() + " from " + node.from())
        .containsExactly(
            "delivery:flights@17 from []",
            "table:validated.flights@3 from [delivery:flights@17]",
            "table:validated.trips@0 from [table:validated.flights@3]",
            "table:validated.tours@0 from [table:validated.trips@0]");
    assertThat(impact.coverage().things()).contains("table:validated.trips@0");

    RunLog log = RunLog.open(lake.toString());
    assertThat(log.repair(facts -> true)).as("its process is alive").isEmpty();
    assertThat(log.succeededOrCommitted()).hasSize(3);
    assertThat(log.repair(facts -> false)).hasSize(1);
    assertThat(log.succeededOrCommitted())
        .extracting(RunLog.Succeeded::run)
        .containsExactly(INGESTED.text(), reader.text(), COPIED.text());
  }

  private void commit(String source, RunId run, List<Pin> inputs, Instant at) throws IOException {
    CommitFacts facts =
        new CommitFacts(
            run,
            JobKey.of("ingest", source),
            1,
            at,
            inputs,
            Digest.of("fingerprint"),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            List.of(),
            new Environment("abc123", false, "17", "Linux", "ada", "host"),
            true);
    table(
        source,
        Map.of(
            "timestamp",
            at.toEpochMilli(),
            "operation",
            "WRITE",
            "userMetadata",
            Json.write(facts)));
  }

  private static Pin upTo(long version, long delivery) {
    return Pin.upTo(TableVersion.parse("validated.flights@" + version + "#f"), delivery);
  }

  private static Event event(String id, String kind, RunId run, Object body) {
    return new Event(
        id, AT, kind, "flights", Principal.osUser("ada"), run.text(), Json.write(body));
  }

  private static DeliveryVerdict verdict() {
    return new DeliveryVerdict(
        "flights",
        17,
        DeliveryVerdict.Outcome.ADMITTED,
        Digest.of("rules"),
        Optional.empty(),
        Optional.empty(),
        "",
        RowCounts.NONE);
  }

  private static RunRecord run(RunId run, String source, List<Pin> inputs, String output) {
    return run(run, source, inputs, output, AT);
  }

  private static RunRecord run(
      RunId run, String source, List<Pin> inputs, String output, Instant at) {
    return new RunRecord(
        run,
        JobKey.of("ingest", source),
        1,
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        at,
        1,
        inputs,
        List.of(TableVersion.parse(output)),
        Optional.empty(),
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        new Environment("abc123", false, "17", "Linux", "ada", "host"));
  }

  /** The log of the source's table, as far as an impact reads it. */
  private void table() throws IOException {
    table("flights", Map.of("timestamp", 0, "operation", "WRITE"));
  }

  private void table(String source, Map<String, Object> commit) throws IOException {
    Path log = Files.createDirectories(lake.resolve("validated/" + source + "/_delta_log"));
    Files.writeString(
        log.resolve("%020d.json".formatted(0)),
        Json.write(Map.of("commitInfo", commit))
            + "\n{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
            + Json.write(
                Map.of(
                    "metaData",
                    Map.of(
                        "id",
                        source.equals("flights") ? "f" : source,
                        "format",
                        Map.of("provider", "parquet", "options", Map.of()),
                        "schemaString",
                        "{\"type\":\"struct\",\"fields\":[{\"name\":\"_event_time\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}]}",
                        "partitionColumns",
                        List.of(),
                        "configuration",
                        Map.of())))
            + "\n");
  }
}
