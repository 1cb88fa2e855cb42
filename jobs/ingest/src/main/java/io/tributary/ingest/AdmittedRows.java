package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Lookup;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.IngestFacts;
import io.tributary.ingest.gate.Gate;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.quality.Suite;
import io.tributary.source.rows.SourceRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * The rows that a version of {@code validated} had, made again: of the deliveries that its commits
 * say were admitted by then, each behind the suite that admitted it, and of what people had
 * released. Reads {@code bronze} and logs, and writes nothing.
 */
public final class AdmittedRows implements AutoCloseable {
  private final Dataset<Row> rows;
  private final List<String> otherwise;

  private AdmittedRows(Dataset<Row> rows, List<String> otherwise) {
    this.rows = rows;
    this.otherwise = otherwise;
  }

  /**
   * A delivery as it was admitted.
   *
   * @param taken the releases that had taken rows out of it when it was judged
   */
  private record Admission(LedgerEntry entry, DeliveryVerdict verdict, List<Release> taken) {}

  /**
   * Makes them, and keeps them until closed.
   *
   * @param project with the contract that made them
   * @param lookups the content that each look-up found then
   * @param only of reference data the delivery that counts; empty for all
   * @throws PlatformException NOT_FOUND when the logs no longer say what was admitted, or by what,
   *     or {@code bronze} is not what was loaded by the contract
   */
  public static AdmittedRows at(
      Lake lake,
      CheckedProject project,
      TableVersion version,
      Optional<Long> only,
      Function<Lookup, Dataset<Row>> lookups) {
    SourceRules rules = SourceRules.of(project, version.table().subject());
    LakeTable bronze = lake.table(TableName.of("bronze", rules.name()));
    Dataset<Row> stored = bronze.read(bronze.requireVersion());
    Dataset<Row> delivered =
        stored.select(new Evolution(rules.source().definition()).columnsOfThen(stored.schema()));
    Gate gate = new Gate(lake, rules, lookups);
    List<Gated> held = new ArrayList<>();
    List<String> otherwise = new ArrayList<>();
    try {
      Map<Long, Dataset<Row>> parts = new LinkedHashMap<>();
      for (Admission admission : wanted(admissions(lake, version), only)) {
        Gated gated = judged(lake, gate, rules, admission, delivered, parts);
        held.add(gated);
        parts.put(
            admission.entry().delivery().number(), gated.sound().select(gate.validatedColumns()));
        long then = admission.verdict().counts().admitted();
        if (gated.admitted() != then) {
          otherwise.add(
              "of %s %,d rows were admitted, and %,d are by the same rules now"
                  .formatted(admission.entry().delivery().description(), then, gated.admitted()));
        }
      }
      Dataset<Row> rows =
          parts.values().stream()
              .reduce(Dataset::union)
              .orElseThrow(() -> unsaid(version))
              .persist(StorageLevel.DISK_ONLY());
      // It is made while what it is made of is held, too.
      rows.count();
      return new AdmittedRows(rows, otherwise);
    } finally {
      held.forEach(Gated::release);
    }
  }

  private static Gated judged(
      Lake lake,
      Gate gate,
      SourceRules rules,
      Admission admission,
      Dataset<Row> delivered,
      Map<Long, Dataset<Row>> before) {
    Delivery delivery = admission.entry().delivery();
    long number = delivery.number();
    if (delivery.release().isEmpty()) {
      return gate.judge(
          delivery,
          suite(lake, rules.name(), admission.verdict()),
          delivered.where(col(LakeTable.DELIVERY).equalTo(number)),
          admission.verdict().counts().lines(),
          0,
          admission.taken().isEmpty()
              ? Optional.empty()
              : Optional.of(new ReleasedRows(lake.spark(), admission.taken())));
    }
    Release release = delivery.release().get();
    Dataset<Row> released = new ReleasedRows(lake.spark(), List.of(release)).only(delivered);
    Column[] place = DeliveredRows.PLACE.stream().map(name -> col(name)).toArray(Column[]::new);
    for (long from : release.deliveries()) {
      if (before.containsKey(from)) {
        // What changed rules had let in meanwhile was not admitted twice.
        released =
            released.join(
                before.get(from).select(place),
                DeliveredRows.PLACE.toArray(String[]::new),
                "left_anti");
      }
    }
    return gate.judgeReleased(
        delivery,
        released.withColumn(LakeTable.DELIVERY, lit(number)),
        admission.verdict().counts().released());
  }

  /** All, or one delivery; before a release those that it releases rows of. */
  private static List<Admission> wanted(List<Admission> all, Optional<Long> only) {
    if (only.isEmpty()) {
      return all;
    }
    Set<Long> numbers = new HashSet<>(Set.of(only.get()));
    all.stream()
        .map(admission -> admission.entry().delivery())
        .filter(delivery -> delivery.number() == only.get())
        .flatMap(delivery -> delivery.release().stream())
        .forEach(release -> numbers.addAll(release.deliveries()));
    return all.stream().filter(a -> numbers.contains(a.entry().delivery().number())).toList();
  }

  /** By number, as the commits up to a version decided them. */
  private static List<Admission> admissions(Lake lake, TableVersion version) {
    Map<Long, LedgerEntry> entries =
        new DeliveryLedger(lake.events(DeliveryLedger.LOG))
            .entries(version.table().subject()).stream()
                .collect(Collectors.toMap(e -> e.delivery().number(), e -> e));
    Map<Long, Release> releases = new HashMap<>();
    TreeMap<Long, Admission> admitted = new TreeMap<>();
    long last = 0;
    boolean complete = true;
    long next = 0;
    for (Commit commit : lake.table(version.table()).commits()) {
      if (commit.version().version() > version.version()) {
        break;
      }
      complete &= commit.version().version() == next;
      next = commit.version().version() + 1;
      Optional<IngestFacts> facts = commit.facts().flatMap(f -> f.facts(IngestFacts.class));
      if (facts.isEmpty()) {
        continue;
      }
      last = facts.get().validated().map(IngestFacts.Validated::lastDelivery).orElse(last);
      List<DeliveryVerdict> verdicts =
          facts.get().judged().map(IngestFacts.Judged::verdicts).orElse(List.of());
      // One that made all rows anew says all; an append says what came, to what is known.
      complete = says(facts.get()) && (complete || rebuilds(facts.get()));
      for (DeliveryVerdict verdict : verdicts) {
        Optional.ofNullable(entries.get(verdict.number()))
            .orElseThrow(() -> unsaid(version))
            .delivery()
            .release()
            .ifPresent(release -> releases.put(verdict.number(), release));
      }
      for (DeliveryVerdict verdict : verdicts) {
        long number = verdict.number();
        admitted.remove(number);
        if (verdict.outcome() == Outcome.ADMITTED) {
          List<Release> taken =
              releases.values().stream().filter(r -> r.deliveries().contains(number)).toList();
          admitted.put(number, new Admission(entries.get(number), verdict, taken));
        }
      }
    }
    if (!complete || admitted.isEmpty() || admitted.lastKey() != last) {
      throw unsaid(version);
    }
    return List.copyOf(admitted.values());
  }

  private static boolean rebuilds(IngestFacts facts) {
    return facts.validated().filter(IngestFacts.Validated::rebuilt).isPresent();
  }

  /** Whether a commit has a verdict on each delivery whose rows it wrote. */
  private static boolean says(IngestFacts facts) {
    return facts.validated().isEmpty()
        || facts
            .judged()
            .filter(
                judged ->
                    judged.verdicts().stream()
                        .map(DeliveryVerdict::number)
                        .collect(Collectors.toSet())
                        .containsAll(judged.deliveries()))
            .isPresent();
  }

  private static PlatformException unsaid(TableVersion version) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot make version %d of table %s again: its commits don't say which deliveries had been admitted. Restore the table's folder from a copy of the lake."
            .formatted(version.version(), version.table()));
  }

  private static Suite suite(Lake lake, String source, DeliveryVerdict verdict) {
    Digest digest = verdict.suite().orElse(Suite.EMPTY.digest());
    return digest.equals(Suite.EMPTY.digest())
        ? Suite.EMPTY
        : QualityLog.of(lake)
            .suite(source, digest)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot judge delivery %d of source %s again: the suite %s that admitted it was not kept. Restore the log platform/quality from a copy of the lake."
                            .formatted(verdict.number(), source, digest.shortHex())));
  }

  /** The columns of {@code validated}. */
  public Dataset<Row> rows() {
    return rows;
  }

  /** Deliveries of which another number of rows was admitted, each as a clause. */
  public List<String> otherwise() {
    return List.copyOf(otherwise);
  }

  @Override
  public void close() {
    rows.unpersist(false);
  }
}
