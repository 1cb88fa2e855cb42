package io.tributary.check;

import io.tributary.core.Digest;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.runs.LakeTables;
import io.tributary.source.DeliveredFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What ingest has loaded of a project's sources. The files of admitted deliveries were checked
 * then, by the contract of that time; those of a delivery that was rejected, or that no run has
 * judged, were not.
 */
final class Deliveries {
  private final Map<String, List<Delivered>> delivered = new HashMap<>();
  private final Map<String, List<DeliveredFile>> recognized = new HashMap<>();
  private final Map<String, DeliveryVerdict> verdicts = new HashMap<>();

  private record Delivered(String source, long number, List<DeliveredFile> files) {}

  private record Recognized(String source, List<DeliveredFile> files) {}

  private Deliveries() {}

  /** As the lake's ledger has them. */
  static Deliveries of(Project project) {
    Deliveries deliveries = new Deliveries();
    String lake = LakeTables.normal(project.lake());
    String ledger = LakeTables.path(lake, TableName.of("platform", "deliveries"));
    EventLog.open(ledger).read().events().forEach(deliveries::add);
    return deliveries;
  }

  private void add(Event event) {
    switch (event.kind()) {
      case "delivered" -> list(delivered, event).add(event.body(Delivered.class));
      case "recognized" -> list(recognized, event).addAll(event.body(Recognized.class).files());
      case "judged" -> {
        DeliveryVerdict verdict = event.body(DeliveryVerdict.class);
        verdicts.put(verdict.source() + "/" + verdict.number(), verdict);
      }
      default -> {}
    }
  }

  private static <T> List<T> list(Map<String, List<T>> lists, Event event) {
    return lists.computeIfAbsent(event.subject(), source -> new ArrayList<>());
  }

  /** Whether a source has ever delivered files. */
  boolean ofSource(String source) {
    return delivered.containsKey(source);
  }

  /** The files of a source whose bytes a delivery has that was admitted, wherever they lie. */
  List<DeliveredFile> admitted(String source) {
    List<DeliveredFile> files = new ArrayList<>();
    Set<Digest> bytes = new HashSet<>();
    for (Delivered delivery : delivered.getOrDefault(source, List.of())) {
      DeliveryVerdict last = verdicts.get(source + "/" + delivery.number());
      if (last != null && last.outcome() == Outcome.ADMITTED) {
        files.addAll(delivery.files());
        delivery.files().forEach(file -> bytes.add(file.sha256()));
      }
    }
    recognized.getOrDefault(source, List.of()).stream()
        .filter(file -> bytes.contains(file.sha256()))
        .forEach(files::add);
    return files;
  }
}
