package io.tributary.pipeline;

import io.tributary.core.Digest;
import io.tributary.core.Outcome;
import io.tributary.core.TableName;
import io.tributary.definition.ViewId;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageEvent;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.lake.Commit;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.RegisteredModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a lake holds, without what differs from run to run: the ids of runs and tables, and when
 * something was done.
 */
final class Contents {
  /** The columns that differ from run to run. */
  static final String[] OF_RUNS = {"_run", "_scored_at", "_superseded_at", "_superseded_by"};

  private Contents() {}

  /** The digest of each table's rows, of what is published, of models, of the ledger. */
  static Map<String, String> of(Lake lake) {
    Map<String, String> contents = new TreeMap<>();
    for (TableName table : lake.tables()) {
      if (!table.layer().equals("platform")) {
        Dataset<Row> rows = lake.table(table).read(lake.find(table).orElseThrow());
        ContentDigest digest = ContentDigest.of(rows.drop(OF_RUNS));
        contents.put(table.toString(), digest.rows() + " rows " + digest.digest());
      }
    }
    online(lake, contents);
    for (RegisteredModel model : ModelRegistry.open(lake.uri()).models().values()) {
      model
          .versions()
          .forEach(
              v ->
                  contents.put(
                      "model " + v.version().reference(),
                      v.version().artefact().digest() + " " + v.version().metrics()));
      model.aliases().forEach((name, a) -> contents.put("alias " + name, "" + a.number()));
    }
    DeliveryLedger ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    for (String source : List.of("drivers", "rides")) {
      for (LedgerEntry e : ledger.entries(source)) {
        contents.put(
            "delivery " + source + "/" + e.delivery().number(),
            // Not their stamps: when a file was read says whether it has one, and nothing of what
            // it holds.
            e.delivery().files().stream()
                    .map(f -> f.path() + " " + f.bytes() + " " + f.sha256().hex())
                    .toList()
                + " "
                + e.verdict().map(v -> v.outcome() + " " + v.counts()).orElse("not judged"));
      }
    }
    return contents;
  }

  private static void online(Lake lake, Map<String, String> contents) {
    try (OnlineStore online = OnlineStores.open("rocksdb:" + Path.of(lake.uri(), "online"))) {
      for (ViewId view : online.views()) {
        Publication published = online.published(view);
        List<String> rows = new ArrayList<>();
        try (PublishedRows stored = online.rows(published)) {
          stored.forEach((key, row) -> rows.add(HexFormat.of().formatHex(key) + row));
        }
        contents.put(
            "online " + view,
            published.instant() + " " + rows.size() + " rows " + Digest.of(rows.toString()));
      }
    }
  }

  /** How often each interval's notice was made, and promotions blocked. */
  static Map<String, Integer> told(Lake lake) {
    Map<String, Integer> told = new TreeMap<>();
    lake.events("notices").read().events().stream()
        .filter(e -> e.kind().equals("noted"))
        .forEach(e -> told.merge("notice " + e.subject(), 1, Integer::sum));
    ModelRegistry.open(lake.uri()).models().values().stream()
        .flatMap(model -> model.blocks().stream())
        .forEach(block -> told.merge("block of " + block.night(), 1, Integer::sum));
    return told;
  }

  /**
   * How often each piece of work was done: commit points by key, publications by view. A finished
   * step that was done again shows here.
   */
  static Map<String, Integer> work(Lake lake) {
    Map<String, Integer> work = new TreeMap<>();
    for (TableName table : lake.tables()) {
      for (Commit commit : lake.table(table).commits()) {
        commit
            .facts()
            .filter(f -> f.commitPoint())
            .ifPresent(f -> work.merge(f.key().toString(), 1, Integer::sum));
      }
    }
    try (OnlineStore online = OnlineStores.open("rocksdb:" + Path.of(lake.uri(), "online"))) {
      for (ViewId view : online.views()) {
        work.put("publications of " + view, online.publications(view).size());
      }
    }
    return work;
  }

  /** The keys that a run succeeded at, with what lineage says those runs wrote. */
  static Map<String, String> succeeded(Lake lake) {
    Map<String, TreeSet<String>> wrote = new TreeMap<>();
    Lineage lineage = Lineage.open(lake.uri());
    for (RunRecord record : RunLog.open(lake.uri()).list()) {
      if (record.outcome() == Outcome.SUCCEEDED) {
        TreeSet<String> nodes =
            wrote.computeIfAbsent(record.key().toString(), k -> new TreeSet<>());
        for (LineageEvent event : lineage.events()) {
          if (event.run().equals(record.run())) {
            event.outputs().forEach(o -> nodes.add(name(o)));
          }
        }
      }
    }
    Map<String, String> texts = new TreeMap<>();
    wrote.forEach((key, nodes) -> texts.put(key, nodes.toString()));
    return texts;
  }

  private static String name(LineageNode node) {
    return node.kind() + " " + node.name();
  }
}
