package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
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
import java.util.Set;
import java.util.TreeSet;

/** What ingest's commits record of themselves; from the tables' logs alone. */
final class Commits {
  private Commits() {}

  /** The pin of all that has been delivered into a validated table; empty when nothing has. */
  static Optional<Pin> deliveredPin(LakeTable table) {
    return newest(table).map(v -> table.pin(v.lastDelivery()));
  }

  /** What the newest commit that has them records of a validated table. */
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

  /** What a look-up's rows depend on: its table, its last delivery, and when it was rebuilt. */
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

  /** What a run's last commit records of a delivery. */
  record Recorded(RunId run, DeliveryVerdict verdict) {}

  /** The last record of each delivery of a source, by its number. */
  static Map<Long, Recorded> recorded(Lake lake, String source) {
    Map<Long, Recorded> recorded = new LinkedHashMap<>();
    for (String layer : List.of("quarantine", "validated")) {
      for (Commit commit : lake.table(TableName.of(layer, source)).commits()) {
        for (DeliveryVerdict verdict :
            facts(commit)
                .flatMap(IngestFacts::judged)
                .map(IngestFacts.Judged::verdicts)
                .orElse(List.of())) {
          recorded.put(verdict.number(), new Recorded(commit.facts().orElseThrow().run(), verdict));
        }
      }
    }
    return recorded;
  }

  /**
   * The deliveries that were ever admitted while duplicates were counted: the rules of their
   * verdicts are those of the rows, without the word that duplicates are refused.
   */
  static Set<Long> admittedCounting(LakeTable validated) {
    Set<Long> deliveries = new TreeSet<>();
    for (Commit commit : validated.commits()) {
      Optional<IngestFacts> facts = facts(commit);
      Optional<Digest> rules = facts.flatMap(IngestFacts::validated).map(v -> v.rules());
      facts.flatMap(IngestFacts::judged).stream()
          .flatMap(j -> j.verdicts().stream())
          .filter(v -> v.outcome() == Outcome.ADMITTED && rules.equals(Optional.of(v.rules())))
          .forEach(v -> deliveries.add(v.number()));
    }
    return deliveries;
  }

  /** The rows that a commit wrote, as Delta counted them. */
  static Optional<Long> written(Commit commit) {
    return Optional.ofNullable(commit.metrics().get("numOutputRows")).map(Long::valueOf);
  }

  private static List<Commit> newestFirst(LakeTable table) {
    List<Commit> commits = new ArrayList<>(table.commits());
    Collections.reverse(commits);
    return commits;
  }
}
