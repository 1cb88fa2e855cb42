package io.tributary.ingest;

import static org.apache.spark.sql.functions.lit;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.ingest.gate.DeliveryReport;
import io.tributary.ingest.gate.DuplicateKeys;
import io.tributary.ingest.gate.Gate;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.Stamp;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.quality.MetricLog;
import io.tributary.quality.Suite;
import io.tributary.runtime.Attempt;
import io.tributary.source.FileLines;
import io.tributary.source.FoundFile;
import io.tributary.source.place.Intake;
import io.tributary.source.rows.SourceRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One run of a source's ingest: which deliveries are loaded and judged, and the commits. */
final class IngestRun {
  private final Attempt attempt;
  private final Lake lake;
  private final SourceRules rules;
  private final Suite suite;
  private final Intake folder;
  private final DeliveryLedger ledger;
  private final Stamp stamp;
  private final LakeTable bronze;
  private final LakeTable validated;
  private final LakeTable quarantine;
  private final Digest content;

  /** Of all that decides what is admitted; what {@code validated} holds follows from the rest. */
  private final Digest judgedBy;

  private final Evolution evolution;
  private final Gate gate;
  private final QualityLog quality;
  private final DeliveryLoader loader;
  private final IngestCommits commits;

  IngestRun(
      Attempt attempt,
      SourceRules rules,
      Suite suite,
      Intake folder,
      DeliveryLedger ledger,
      Stamp stamp) {
    this.attempt = attempt;
    this.lake = attempt.lake();
    this.rules = rules;
    this.suite = suite;
    this.folder = folder;
    this.ledger = ledger;
    this.stamp = stamp;
    this.bronze = lake.table(TableName.of("bronze", rules.name()));
    this.validated = lake.table(TableName.of("validated", rules.name()));
    this.quarantine = lake.table(TableName.of("quarantine", rules.name()));
    List<String> parts = new ArrayList<>(List.of(rules.digest().hex()));
    for (Pin pin : attempt.inputs()) {
      parts.add(Commits.content(lake, pin));
    }
    this.content = Digest.of(String.join("\n", parts));
    this.judgedBy =
        rules.source().definition().refuseDuplicates()
            ? Digest.of(content.hex() + "\nrefusing duplicates")
            : content;
    this.evolution = new Evolution(rules.source().definition());
    this.gate = new Gate(lake, rules, attempt.inputs());
    this.quality = QualityLog.of(lake);
    this.loader =
        new DeliveryLoader(attempt, rules, suite, bronze, validated, evolution, gate, quality);
    this.commits = new IngestCommits(attempt, rules, gate, validated, quarantine, content);
  }

  /** Whether a delivery was judged by what would judge it now. */
  boolean isOfToday(DeliveryVerdict verdict) {
    return verdict.rules().equals(judgedBy) && verdict.suite().equals(Optional.of(suite.digest()));
  }

  /**
   * Loads and judges what has not been judged. A changed suite judges no former delivery: where
   * other rules or look-ups make all rows anew, each is judged by the suite that it was admitted
   * by.
   */
  void load(List<LedgerEntry> entries, Map<String, FoundFile> present) {
    boolean rebuild = isStale();
    List<LedgerEntry> wanted =
        entries.stream()
            .filter(e -> !e.is(Outcome.WITHDRAWN))
            .filter(e -> rebuild || e.verdict().isEmpty())
            .toList();
    if (wanted.isEmpty()) {
      return;
    }
    keepSuite(entries);
    List<Release> releases =
        entries.stream().flatMap(e -> e.delivery().release().stream()).toList();
    List<String> widened = evolution.widen(bronze, attempt);
    DuplicateKeys duplicates = new DuplicateKeys(rules);
    List<LoadedDelivery> loaded = new ArrayList<>();
    try {
      for (LedgerEntry entry : wanted) {
        loaded.add(
            entry.delivery().release().isPresent()
                ? loader.loadReleased(entry, entry.delivery().release().get(), rebuild)
                : loader.load(entry, present, releases));
      }
      write(withDuplicates(duplicates, loaded, rebuild), entries, releases, widened, rebuild);
    } finally {
      duplicates.release();
      loaded.forEach(l -> l.gated().release());
    }
  }

  /**
   * Withdraws a delivery that was not judged and whose files are no longer what they were: removes
   * what it may have brought to bronze and quarantine.
   *
   * @return what the ledger is to record
   */
  DeliveryVerdict withdraw(Delivery delivery) {
    return withdraw(
        new LedgerEntry(delivery, Optional.empty()), "its files were changed before it was loaded");
  }

  /** The same of a delivery that was rejected. */
  DeliveryVerdict withdraw(LedgerEntry rejected, String why) {
    Delivery delivery = rejected.delivery();
    if (Commits.ofDelivery(bronze, delivery.number()).isPresent()) {
      remove(delivery, bronze);
    }
    if (Commits.hasQuarantined(quarantine, delivery.number())) {
      remove(delivery, quarantine);
    }
    return new DeliveryVerdict(
        rules.name(),
        delivery.number(),
        Outcome.WITHDRAWN,
        rules.digest(),
        rejected.verdict().flatMap(DeliveryVerdict::suite),
        rejected.verdict().flatMap(DeliveryVerdict::reading),
        why,
        RowCounts.NONE);
  }

  private void remove(Delivery delivery, LakeTable from) {
    from.replaceWhere(
        from.read(from.requireVersion()).where(lit(false)),
        LakeTable.DELIVERY + " = " + delivery.number(),
        attempt.facts(IngestFacts.NONE));
  }

  /**
   * The last look before a commit that admits or rejects: a file whose writer was still at work
   * when it was read is not what its sender means.
   */
  private void refuseReplaced(List<LoadedDelivery> loaded) {
    for (LoadedDelivery l : loaded) {
      for (FoundFile file : l.files()) {
        if (folder.isReplaced(file)) {
          record(List.of(withdraw(l.delivery())));
          throw new PlatformException(
              ErrorCode.CONFLICT,
              "Cannot load file %s of source %s: it was changed after it had been read. %s"
                  .formatted(file.path(), rules.name(), FileLines.whole(file)));
        }
      }
    }
  }

  /** Records in the ledger what became of deliveries, once it is decided. */
  void record(List<DeliveryVerdict> verdicts) {
    ledger.judge(verdicts, stamp);
  }

  /** Records what earlier runs ended before recording. */
  void recordAgain(List<Commits.Recorded> unrecorded) {
    Map<RunId, List<DeliveryVerdict>> byRun = new LinkedHashMap<>();
    unrecorded.forEach(
        t -> byRun.computeIfAbsent(t.run(), r -> new ArrayList<>()).add(t.verdict()));
    byRun.forEach((run, verdicts) -> ledger.judge(verdicts, new Stamp(run, stamp.principal())));
  }

  /**
   * Keeps what was measured and how expectations were met, before the commit that decides by it: a
   * run that ends in between has measured, and decided nothing.
   */
  private void keep(List<DeliveryReport> reports) {
    MetricLog.open(lake.uri())
        .append(
            attempt.run(),
            rules.name(),
            reports.stream()
                .flatMap(r -> r.measured(rules.name(), attempt.started(), attempt.run()).stream())
                .toList());
    quality.record(rules.name(), reports, stamp);
  }

  /** Before the first commit that it judges; the ledger knows whether that was earlier. */
  private void keepSuite(List<LedgerEntry> entries) {
    Optional<Digest> digest = Optional.of(suite.digest());
    if (entries.stream()
        .flatMap(e -> e.verdict().stream())
        .noneMatch(v -> v.suite().equals(digest))) {
      quality.keep(rules.name(), suite, stamp);
    }
  }

  /** Whether validated was made by other rules or look-ups than those of now. */
  private boolean isStale() {
    return Commits.newest(validated).filter(before -> !before.rules().equals(content)).isPresent();
  }

  /**
   * The deliveries with the duplicates that they bring. Where the source refuses such, a delivery
   * that brings one is rejected, and the next are looked at without it; what a person has released
   * stays, and what was admitted while they were counted.
   */
  private List<LoadedDelivery> withDuplicates(
      DuplicateKeys keys, List<LoadedDelivery> loaded, boolean rebuild) {
    if (!DuplicateKeys.canBe(rules.source())) {
      return loaded;
    }
    List<Gated> admitted = LoadedDelivery.admitted(loaded);
    if (admitted.isEmpty()) {
      return loaded;
    }
    Optional<Dataset<Row>> former =
        rebuild
            ? Optional.empty()
            : validated.version().map(v -> validated.read(v).select(gate.validatedColumns()));
    DuplicateKeys.Found found =
        keys.find(
            LoadedDelivery.union(admitted, Gated::events, keys.eventColumns()),
            LoadedDelivery.union(admitted, Gated::sound, gate.validatedColumns()),
            admitted.stream().mapToLong(Gated::admitted).sum(),
            former,
            refusable(loaded));
    return loaded.stream()
        .map(
            l -> {
              Optional<Duplicates> duplicates =
                  Optional.ofNullable(found.of().get(l.delivery().number()));
              if (duplicates.isEmpty()) {
                return l;
              }
              return l.with(
                  found.refused().contains(l.delivery().number())
                      ? gate.refused(l.gated(), duplicates.get(), keys)
                      : gate.warned(l.gated(), duplicates.get()),
                  duplicates);
            })
        .toList();
  }

  /**
   * The deliveries that may be rejected for duplicates: those that were admitted before, and the
   * others. Rules count from the next delivery on.
   */
  private List<Set<Long>> refusable(List<LoadedDelivery> loaded) {
    if (!rules.source().definition().refuseDuplicates()) {
      return List.of();
    }
    Set<Long> counting = Commits.admittedCounting(validated);
    Set<Long> before = new TreeSet<>();
    Set<Long> others = new TreeSet<>();
    for (LoadedDelivery l : loaded) {
      long number = l.delivery().number();
      if (l.delivery().release().isEmpty() && !counting.contains(number)) {
        (l.entry().is(Outcome.ADMITTED) ? before : others).add(number);
      }
    }
    return List.of(before, others);
  }

  private void write(
      List<LoadedDelivery> loaded,
      List<LedgerEntry> entries,
      List<Release> releases,
      List<String> widened,
      boolean rebuild) {
    if (rebuild) {
      refuseToTakeBack(loaded);
    }
    refuseReplaced(loaded);
    List<DeliveryVerdict> verdicts = new ArrayList<>();
    List<DeliveryReport> reports = new ArrayList<>();
    RowCounts total = RowCounts.NONE;
    for (LoadedDelivery l : loaded) {
      RowCounts counts = l.counts();
      total = total.plus(counts);
      boolean admitted = l.gated().isAdmitted();
      verdicts.add(
          new DeliveryVerdict(
              rules.name(),
              l.delivery().number(),
              admitted ? Outcome.ADMITTED : Outcome.REJECTED,
              judgedBy,
              l.delivery().release().isPresent()
                  ? Optional.empty()
                  : Optional.of(l.gated().verdicts().digest()),
              reading(l.entry()),
              admitted ? "" : l.rejection(),
              counts));
      reports.add(
          new DeliveryReport(l.delivery().number(), admitted, counts, l.gated().verdicts()));
    }
    keep(reports);
    IngestFacts.Judged judged = judged(loaded, total, entries, verdicts);
    Ingest.changes(rules.name(), judged).forEach(line -> attempt.progress().say("  " + line));
    attempt.report(new IngestFacts(List.of(), widened, Optional.of(judged), Optional.empty()));
    boolean admits = loaded.stream().anyMatch(l -> l.gated().isAdmitted());
    // The verdicts stand in the commit that decides them.
    commits.quarantine(
        loaded, releases, total, rebuild, admits ? Optional.empty() : Optional.of(judged));
    if (admits || rebuild) {
      commits.validated(
          loaded,
          total,
          widened,
          judged,
          last(entries, verdicts),
          rebuild,
          () -> refuseReplaced(loaded));
    }
    record(verdicts);
  }

  /** How the files of a delivery were read: what is in bronze is never read again. */
  private Optional<Digest> reading(LedgerEntry entry) {
    return entry.verdict().isPresent()
        ? entry.verdict().flatMap(DeliveryVerdict::reading)
        : Optional.of(rules.reading()).filter(r -> entry.delivery().release().isEmpty());
  }

  /** The first delivery that has what there is now, where the last before had another. */
  private static Optional<Long> from(
      Digest now,
      Function<DeliveryVerdict, Optional<Digest>> part,
      List<LedgerEntry> entries,
      List<DeliveryVerdict> verdicts) {
    return LedgerEntry.last(entries, part).filter(before -> !before.equals(now)).isEmpty()
        ? Optional.empty()
        : verdicts.stream()
            .filter(v -> part.apply(v).equals(Optional.of(now)))
            .map(DeliveryVerdict::number)
            .findFirst();
  }

  /** The last delivery that is in validated once these verdicts are. */
  private static long last(List<LedgerEntry> entries, List<DeliveryVerdict> verdicts) {
    long last = 0;
    for (LedgerEntry entry : entries) {
      if (entry.is(Outcome.ADMITTED)) {
        last = Math.max(last, entry.delivery().number());
      }
    }
    for (DeliveryVerdict verdict : verdicts) {
      if (verdict.outcome() == Outcome.ADMITTED) {
        last = Math.max(last, verdict.number());
      }
    }
    return last;
  }

  private IngestFacts.Judged judged(
      List<LoadedDelivery> loaded,
      RowCounts total,
      List<LedgerEntry> entries,
      List<DeliveryVerdict> verdicts) {
    return new IngestFacts.Judged(
        loaded.stream().map(l -> l.delivery().number()).toList(),
        total,
        from(suite.digest(), DeliveryVerdict::suite, entries, verdicts),
        from(rules.reading(), DeliveryVerdict::reading, entries, verdicts),
        duplicates(loaded),
        loaded.stream()
            .flatMap(l -> l.gated().verdicts().verdicts().stream())
            .filter(v -> !v.met())
            .map(v -> v.recorded().line())
            .limit(20)
            .toList(),
        verdicts);
  }

  private static Map<Long, Duplicates> duplicates(List<LoadedDelivery> loaded) {
    Map<Long, Duplicates> duplicates = new TreeMap<>();
    loaded.forEach(l -> l.duplicates().ifPresent(d -> duplicates.put(l.delivery().number(), d)));
    return duplicates;
  }

  /** What was admitted stays admitted until somebody has looked. */
  private static void refuseToTakeBack(List<LoadedDelivery> loaded) {
    for (LoadedDelivery l : loaded) {
      if (l.entry().is(Outcome.ADMITTED) && !l.gated().isAdmitted()) {
        throw l.takenBack();
      }
    }
  }
}
