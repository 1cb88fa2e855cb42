package io.tributary.notify;

import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.SuspectUse;
import io.tributary.definition.Monitor;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.definition.Recording;
import io.tributary.definition.Secret;
import io.tributary.definition.SourceLocation;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.SampleFacts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A lake whose monitor {@code late} has judged nights, as far as an outbox reads it. */
final class JudgedLake {
  static final ZoneId ZONE = ZoneId.of("America/New_York");
  static final Secret SECRET =
      new Secret("ALERTS_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  static final Instant NOW = Instant.parse("2024-03-05T06:00:00Z");

  private final Path folder;
  private int commits;

  JudgedLake(Path folder) {
    this.folder = folder;
  }

  Outbox outbox() {
    return Outbox.open(folder.toString(), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  static Breach breach(String input, double value) {
    return new Breach(
        "inputs", input, "deviation", value, 2.15, "missing", "late@3", Optional.empty());
  }

  /** Commits the verdicts on a night. */
  JudgedLake judge(String night, Breach... breaches) throws IOException {
    Path log = folder.resolve("monitor/late/_delta_log");
    Files.createDirectories(log);
    JobKey key = JobKey.of("monitor", "late", Interval.day(LocalDate.parse(night), ZONE));
    MonitoringFacts facts =
        new MonitoringFacts(Map.of(), 9, List.of(breaches), Optional.of("alert"), List.of());
    String commit =
        Json.write(
            Map.of(
                "commitInfo",
                Map.of(
                    "timestamp",
                    NOW.toEpochMilli(),
                    "operation",
                    "WRITE",
                    "userMetadata",
                    Json.write(SampleFacts.of(key, NOW, List.of(), Optional.of(facts))))));
    String table =
        "\n{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
            + Json.write(
                Map.of(
                    "metaData",
                    Map.of(
                        "id",
                        "t",
                        "format",
                        Map.of("provider", "parquet", "options", Map.of()),
                        "schemaString",
                        "{\"type\":\"struct\",\"fields\":[]}",
                        "partitionColumns",
                        List.of(),
                        "configuration",
                        Map.of())));
    Files.writeString(
        log.resolve("%020d.json".formatted(commits)), commit + (commits == 0 ? table : "") + "\n");
    commits++;
    return this;
  }

  /** Appends a change to the log of the registry, as a command does that dies right after. */
  JudgedLake change(String id, Instant at, String kind, String subject, Map<String, Object> body) {
    EventLog.open(folder.resolve("platform/registry").toString())
        .append(
            List.of(
                new Event(id, at, kind, subject, Principal.osUser("ada"), "", Json.write(body))));
    return this;
  }

  static Receiver webhook(String name, int port) {
    return new Receiver.Webhook(
        name,
        URI.create("http://127.0.0.1:" + port + "/hook"),
        SECRET,
        List.of(),
        Receiver.CHANGES);
  }

  static Project project(Receiver... receivers) {
    return project(Monitor.Breach.ALERT, receivers);
  }

  static Project project(Monitor.Breach breach, Receiver... receivers) {
    Monitor monitor =
        new Monitor(
            "late",
            "",
            "late",
            "next",
            28,
            0.2,
            0.2,
            0.01,
            0,
            1,
            Optional.empty(),
            Optional.empty(),
            false,
            Duration.ofDays(2),
            0.05,
            List.of(),
            breach,
            new SourceLocation("monitors/late.yaml", 1));
    return new Project(
        "shop",
        Path.of("/shop"),
        ZONE,
        "lake",
        OnlineAddress.of("rocksdb:x"),
        List.of(),
        Duration.ofDays(1),
        SuspectUse.REFUSE,
        Recording.DEFAULT,
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of("late", monitor),
        Map.of(),
        Map.of(),
        List.of(receivers));
  }
}
