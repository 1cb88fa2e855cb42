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
    return new RunRecord(
        run,
        JobKey.of("ingest", source),
        1,
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        AT,
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
                        "f",
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
