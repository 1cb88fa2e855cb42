package io.tributary.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.events.runs.CommitFacts;
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
  /** In bronze: the delivery whose rows it brought. In quarantine: the deliveries, a list. */
  static final String DELIVERY = "delivery";

  /** In validated: the last delivery that is in it. */
  static final String DELIVERIES = "deliveries";

  /** In validated: the digest of the rules and look-ups that all its rows are made by. */
  static final String RULES = "rules";

  /** In a run's last commit: the verdicts that the ledger is told. */
  static final String VERDICTS = "verdicts";

  /** In a run's last commit: how its deliveries fared, unless they are many. */
  static final String REPORTS = "reports";

  private Commits() {}

  /** The pin of all that has been delivered into a validated table; empty when nothing has. */
  static Optional<Pin> deliveredPin(LakeTable table) {
    return newest(table, DELIVERIES).map(n -> table.pin(((Number) n).longValue()));
  }

  /** The newest value of a fact. */
  static Optional<Object> newest(LakeTable table, String fact) {
    return newestFirst(table).stream()
        .map(c -> c.facts().map(f -> f.facts().get(fact)).orElse(null))
        .filter(java.util.Objects::nonNull)
        .findFirst();
  }

  /** The commit that brought a delivery's rows to bronze. */
  static Optional<Commit> ofDelivery(LakeTable bronze, long delivery) {
    return newestFirst(bronze).stream()
        .filter(
            c ->
                c.facts()
                    .map(f -> f.facts().get(DELIVERY))
                    .filter(n -> n instanceof Number m && m.longValue() == delivery)
                    .isPresent())
        .findFirst();
  }

  /** Whether some commit to quarantine has rows of a delivery. */
  static boolean hasQuarantined(LakeTable quarantine, long delivery) {
    return quarantine.commits().stream()
        .flatMap(c -> c.facts().stream())
        .anyMatch(
            f ->
                f.facts().get(DELIVERY) instanceof List<?> list
                    && list.stream().anyMatch(n -> ((Number) n).longValue() == delivery));
  }

  /** What a look-up's rows depend on: its table, its last delivery, and when it was made anew. */
  static String content(Lake lake, Pin pin) {
    String rebuilt = "";
    for (Commit commit : newestFirst(lake.table(pin.version().table()))) {
      if (commit
          .facts()
          .filter(f -> Boolean.TRUE.equals(f.facts().get(LakeTable.REBUILT)))
          .isPresent()) {
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
    for (String layer : List.of("quarantine", "validated")) {
      for (Commit commit : lake.table(TableName.of(layer, source)).commits()) {
        commit
            .facts()
            .ifPresent(
                f ->
                    list(f, VERDICTS, LedgerEntry.Verdict.class)
                        .forEach(v -> verdicts.put(v.number(), v)));
      }
    }
    return verdicts;
  }

  /** The reports that commits have of some deliveries, by delivery. */
  static Map<Long, DeliveryReport> reports(Lake lake, String source) {
    Map<Long, DeliveryReport> reports = new LinkedHashMap<>();
    for (String layer : List.of("quarantine", "validated")) {
      for (Commit commit : lake.table(TableName.of(layer, source)).commits()) {
        commit
            .facts()
            .ifPresent(
                f ->
                    list(f, REPORTS, DeliveryReport.class)
                        .forEach(r -> reports.put(r.delivery(), r)));
      }
    }
    return reports;
  }

  private static <T> List<T> list(CommitFacts facts, String fact, Class<T> type) {
    List<T> values = new ArrayList<>();
    JsonNode list = Json.mapper().valueToTree(facts.facts().getOrDefault(fact, List.of()));
    list.forEach(v -> values.add(Json.read(v.toString(), type)));
    return values;
  }

  private static List<Commit> newestFirst(LakeTable table) {
    List<Commit> commits = new ArrayList<>(table.commits());
    Collections.reverse(commits);
    return commits;
  }
}
