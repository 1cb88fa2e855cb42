package io.tributary.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What ingest's commits say of themselves; from the tables' logs alone. */
final class Commits {
  private Commits() {}

  /** The pin of all that has been delivered into a validated table; empty when nothing has. */
  static Optional<Pin> deliveredPin(LakeTable table) {
    return newest(table).map(v -> table.pin(v.lastDelivery()));
  }

  /** What the newest commit that says so says of a validated table. */
  static Optional<IngestFacts.Validated> newest(LakeTable validated) {
    return newestFirst(validated).stream()
        .flatMap(c -> facts(c).flatMap(IngestFacts::validated).stream())
        .findFirst();
  }

  private static Optional<IngestFacts> facts(Commit commit) {
    return commit.facts().flatMap(f -> f.facts(IngestFacts.class));
  }

  /** The commit that brought a delivery's rows to bronze. */
  static Optional<Commit> ofDelivery(LakeTable bronze, long delivery) {
    return newestFirst(bronze).stream().filter(c -> brought(c, delivery)).findFirst();
  }

  /** Whether some commit to quarantine has rows of a delivery. */
  static boolean hasQuarantined(LakeTable quarantine, long delivery) {
    return quarantine.commits().stream().anyMatch(c -> brought(c, delivery));
  }

  private static boolean brought(Commit commit, long delivery) {
    return facts(commit).filter(f -> f.brought().contains(delivery)).isPresent();
  }

  /** What a look-up's rows depend on: its table, its last delivery, and when it was made anew. */
  static String content(Lake lake, Pin pin) {
    String rebuilt = "";
    for (Commit commit : newestFirst(lake.table(pin.version().table()))) {
      if (commit.rebuilds()) {
        rebuilt = " rebuilt at " + commit.version().version();
        break;
      }
    }
    return pin.version().table()
        + "#"
        + pin.version().id()
        + " delivery "
        + pin.deliveries().orElseThrow()
        + rebuilt;
  }

  /** The last verdict on each delivery that last commits of runs tell of. */
  static Map<Long, LedgerEntry.Verdict> verdicts(Lake lake, String source) {
    Map<Long, LedgerEntry.Verdict> verdicts = new LinkedHashMap<>();
    for (IngestFacts.Judged judged : judged(lake, source)) {
      for (JsonNode body : judged.verdicts()) {
        LedgerEntry.Verdict verdict = Json.read(body.toString(), LedgerEntry.Verdict.class);
        verdicts.put(verdict.number(), verdict);
      }
    }
    return verdicts;
  }

  /** The reports that commits have of some deliveries, by delivery. */
  static Map<Long, DeliveryReport> reports(Lake lake, String source) {
    Map<Long, DeliveryReport> reports = new LinkedHashMap<>();
    for (IngestFacts.Judged judged : judged(lake, source)) {
      for (JsonNode body : judged.reports()) {
        DeliveryReport report = Json.read(body.toString(), DeliveryReport.class);
        reports.put(report.delivery(), report);
      }
    }
    return reports;
  }

  private static List<IngestFacts.Judged> judged(Lake lake, String source) {
    return List.of("quarantine", "validated").stream()
        .flatMap(layer -> lake.table(TableName.of(layer, source)).commits().stream())
        .flatMap(c -> facts(c).flatMap(IngestFacts::judged).stream())
        .toList();
  }

  private static List<Commit> newestFirst(LakeTable table) {
    List<Commit> commits = new ArrayList<>(table.commits());
    Collections.reverse(commits);
    return commits;
  }
}
