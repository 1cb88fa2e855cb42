package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LineageNode;
import io.tributary.ingest.gate.DeliveryReport;
import io.tributary.ingest.gate.DuplicateKeys;
import io.tributary.ingest.gate.Gate;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.ingest.ledger.Stamp;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.quality.ExpectationResult;
import io.tributary.quality.MetricLog;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import io.tributary.runtime.Attempt;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.FileFacts;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One run of a source's ingest: which deliveries are loaded and judged, and the commits. */
final class IngestRun {
  /** Rows of a file of {@code validated}: few enough that a night's reading can skip most files. */
  private static final long ROWS_A_FILE = 64_000;

  private static final String DISTINGUISH =
      "Add to event-key the column that distinguishes such rows, or declare with known-time or sequence which is later, or write on-duplicate-key: count and one of them counts";

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
  }

  /** What the run has of a delivery. */
  private record Loaded(
      LedgerEntry entry,
      List<FoundFile> files,
      RowCounts read,
      Optional<Dataset<Row>> malformed,
      Gated gated,
      Optional<Duplicates> duplicates) {
    Delivery delivery() {
      return entry.delivery();
    }

    Loaded with(Gated judged, Optional<Duplicates> of) {
      return new Loaded(entry, files, read, malformed, judged, of);
    }

    boolean isAdmitted() {
      return gated.isAdmitted();
    }

    RowCounts counts() {
      return new RowCounts(
          read.lines(),
          read.malformed(),
          gated.quarantined(),
          gated.admitted(),
          gated.repeats(),
          read.shiftedTimes(),
          entry.delivery().release().isPresent() ? read.released() : -gated.taken());
    }
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
    List<Loaded> loaded = new ArrayList<>();
    try {
      for (LedgerEntry entry : wanted) {
        loaded.add(
            entry.delivery().release().isPresent()
                ? loadReleased(entry, entry.delivery().release().get(), rebuild)
                : load(entry, present, releases));
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
  private void refuseReplaced(List<Loaded> loaded) {
    for (Loaded l : loaded) {
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

  /**
   * What judges a delivery: the suite that admitted it, as long as it fits the source's columns;
   * else the suite of now.
   */
  private Suite suite(LedgerEntry entry) {
    Optional<Digest> admittedBy =
        entry
            .verdict()
            .filter(v -> v.outcome() == Outcome.ADMITTED)
            .flatMap(DeliveryVerdict::suite)
            .filter(d -> !d.equals(suite.digest()));
    Optional<Suite> former = admittedBy.flatMap(d -> quality.suite(rules.name(), d));
    return former
        .filter(
            s -> QualityGate.fits(s, rules.source().schema(), rules.source().definition().zone()))
        .orElse(suite);
  }

  /** Whether validated was made by other rules or look-ups than those of now. */
  private boolean isStale() {
    return Commits.newest(validated).filter(before -> !before.rules().equals(content)).isPresent();
  }

  /**
   * Released rows come from bronze, where they have been since they were delivered. One that got
   * into validated while the decision was being made, because another ingest made its delivery's
   * rows by changed rules, is not admitted again.
   */
  private Loaded loadReleased(LedgerEntry entry, Release release, boolean rebuild) {
    Delivery delivery = entry.delivery();
    attempt.progress().say("  " + delivery.description() + ": gate");
    ReleasedRows places = new ReleasedRows(lake.spark(), List.of(release));
    Dataset<Row> rows = places.only(bronzeRows(release.deliveries()));
    long inside = 0;
    if (!rebuild && validated.version().isPresent()) {
      Dataset<Row> admitted =
          places.only(
              validated
                  .read(validated.requireVersion())
                  .where(col(LakeTable.DELIVERY).isin(release.deliveries().toArray()))
                  .select(LakeTable.DELIVERY, "_file", "_line"));
      inside = admitted.count();
      if (inside > 0) {
        String[] place = {LakeTable.DELIVERY, "_file", "_line"};
        rows = rows.join(admitted, place, "left_anti");
      }
    }
    long entering = release.count() - inside;
    Gated gated =
        gate.judgeReleased(
            delivery, rows.withColumn(LakeTable.DELIVERY, lit(delivery.number())), entering);
    RowCounts read = new RowCounts(0, 0, 0, 0, 0, 0, entering);
    Loaded loaded = new Loaded(entry, List.of(), read, Optional.empty(), gated, Optional.empty());
    loaded.counts().checked(delivery.description());
    return loaded;
  }

  /** The places of the rows of a delivery that were released. */
  private Optional<ReleasedRows> taken(long delivery, List<Release> releases) {
    List<Release> takers =
        releases.stream().filter(r -> r.deliveries().contains(delivery)).toList();
    return takers.isEmpty()
        ? Optional.empty()
        : Optional.of(new ReleasedRows(lake.spark(), takers));
  }

  private Loaded load(LedgerEntry entry, Map<String, FoundFile> present, List<Release> releases) {
    Delivery delivery = entry.delivery();
    Optional<Commit> brought = Commits.ofDelivery(bronze, delivery.number());
    RowCounts read;
    Optional<Dataset<Row>> malformed = Optional.empty();
    List<FoundFile> files = List.of();
    if (entry.verdict().isPresent()) {
      read = entry.verdict().get().counts();
    } else {
      files = delivery.files().stream().map(f -> present.get(f.sha256().hex())).toList();
      files.forEach(f -> attempt.reads(LineageNode.file(f.path(), f.delivered().sha256())));
      DeliveryFiles frames =
          DeliveryFiles.of(
              lake.spark(),
              rules.name(),
              delivery.number(),
              files,
              rules.reader(),
              rules.reader().columns(),
              attempt.run().text());
      if (brought.isEmpty()) {
        frames = append(frames, delivery);
        brought = Commits.ofDelivery(bronze, delivery.number());
      } else {
        // An earlier attempt brought it and died: whose rows they are would be said nowhere else.
        attempt.writes(LineageNode.table(brought.get().version()));
        // A part alone can break the contract where the whole file keeps it.
        frames = frames.undivided();
        frames.malformed().count();
      }
      read = read(frames, delivery, brought.orElseThrow());
      if (read.malformed() > 0) {
        malformed = Optional.of(frames.malformed());
      }
    }
    if (brought.isEmpty()) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot rebuild source %s: table bronze.%s has no commit of %s. Restore the table's folder from a copy."
              .formatted(rules.name(), rules.name(), delivery.description()));
    }
    attempt.progress().say("  " + delivery.description() + ": gate");
    Gated gated =
        gate.judge(
            delivery,
            suite(entry),
            bronzeRows(List.of(delivery.number())),
            read.lines(),
            files(brought.get()),
            taken(delivery.number(), releases));
    Loaded loaded = new Loaded(entry, files, read, malformed, gated, Optional.empty());
    loaded.counts().checked(delivery.description());
    return loaded;
  }

  /**
   * Appends the good lines to bronze.
   *
   * @return the files as they were read
   */
  private DeliveryFiles append(DeliveryFiles files, Delivery delivery) {
    CommitFacts facts = attempt.facts(IngestFacts.NONE.bringing(List.of(delivery.number())));
    return files.orUndivided(
        read -> {
          bronze.append(read.good(), facts);
          return read;
        });
  }

  private static RowCounts read(DeliveryFiles frames, Delivery delivery, Commit brought) {
    long lines = 0;
    long malformed = 0;
    long shifted = 0;
    for (FileFacts file : frames.facts()) {
      lines += file.lines();
      malformed += file.malformed();
      shifted += file.shiftedTimes();
    }
    RowCounts read = new RowCounts(lines, malformed, 0, 0, 0, shifted);
    written(brought)
        .ifPresent(
            rows ->
                new RowCounts(read.lines(), read.malformed(), 0, rows, 0, 0)
                    .checked("the files of " + delivery.description()));
    return read;
  }

  /** The rows that a commit wrote, as Delta counted them. */
  private static Optional<Long> written(Commit commit) {
    return Optional.ofNullable(commit.metrics().get("numOutputRows")).map(Long::valueOf);
  }

  private static long files(Commit commit) {
    return Optional.ofNullable(commit.metrics().get("numFiles")).map(Long::valueOf).orElse(0L);
  }

  private Dataset<Row> bronzeRows(List<Long> deliveries) {
    Dataset<Row> rows = bronze.read(bronze.requireVersion());
    return rows.where(col(LakeTable.DELIVERY).isin(deliveries.toArray()))
        .select(evolution.columns(rows.schema()));
  }

  /**
   * The deliveries with the duplicates that they bring. Where the source refuses such, a delivery
   * that brings one is rejected, and the next are looked at without it; what a person has released
   * stays, and what was admitted while they were counted.
   */
  private List<Loaded> withDuplicates(DuplicateKeys keys, List<Loaded> loaded, boolean rebuild) {
    if (!DuplicateKeys.canBe(rules.source())) {
      return loaded;
    }
    List<Gated> admitted = admitted(loaded);
    if (admitted.isEmpty()) {
      return loaded;
    }
    Optional<Dataset<Row>> former =
        rebuild
            ? Optional.empty()
            : validated.version().map(v -> validated.read(v).select(gate.validatedColumns()));
    DuplicateKeys.Found found =
        keys.find(
            union(admitted, Gated::events, keys.eventColumns()),
            union(admitted, Gated::sound, gate.validatedColumns()),
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
  private List<Set<Long>> refusable(List<Loaded> loaded) {
    if (!rules.source().definition().refuseDuplicates()) {
      return List.of();
    }
    Set<Long> counting = Commits.admittedCounting(validated);
    Set<Long> before = new TreeSet<>();
    Set<Long> others = new TreeSet<>();
    for (Loaded l : loaded) {
      long number = l.delivery().number();
      if (l.delivery().release().isEmpty() && !counting.contains(number)) {
        (l.entry().is(Outcome.ADMITTED) ? before : others).add(number);
      }
    }
    return List.of(before, others);
  }

  private void write(
      List<Loaded> loaded,
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
    for (Loaded l : loaded) {
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
              admitted ? "" : rejection(l),
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
    writeQuarantine(
        loaded, releases, total, rebuild, admits ? Optional.empty() : Optional.of(judged));
    if (admits || rebuild) {
      writeValidated(loaded, total, widened, judged, last(entries, verdicts), rebuild);
    }
    record(verdicts);
  }

  private static List<Gated> admitted(List<Loaded> loaded) {
    return loaded.stream().filter(Loaded::isAdmitted).map(Loaded::gated).toList();
  }

  private static Dataset<Row> union(
      List<Gated> deliveries, Function<Gated, Dataset<Row>> rows, Column[] columns) {
    return deliveries.stream()
        .map(g -> rows.apply(g).select(columns))
        .reduce(Dataset::union)
        .orElseThrow();
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
      List<Loaded> loaded,
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

  private static Map<Long, Duplicates> duplicates(List<Loaded> loaded) {
    Map<Long, Duplicates> duplicates = new TreeMap<>();
    loaded.forEach(l -> l.duplicates().ifPresent(d -> duplicates.put(l.delivery().number(), d)));
    return duplicates;
  }

  /** What was admitted stays admitted until somebody has looked. */
  private static void refuseToTakeBack(List<Loaded> loaded) {
    for (Loaded l : loaded) {
      if (l.entry().is(Outcome.ADMITTED) && !l.gated().isAdmitted()) {
        throw new PlatformException(
            ErrorCode.EXPECTATIONS_FAILED,
            "Cannot rebuild validated.%s by its changed rules: %s, which was admitted by the former ones, now breaks %s. The table is as it was. %s"
                .formatted(
                    l.delivery().source(),
                    l.delivery().description(),
                    why(l, ExpectationResult::message),
                    l.duplicates().isPresent()
                        ? DISTINGUISH + "."
                        : "Correct the source's definition or what it looks up, or deliver corrected data under another source."));
      }
    }
  }

  private static String rejection(Loaded l) {
    return "Cannot admit "
        + l.delivery().description()
        + ": "
        + why(l, v -> v.recorded().line())
        + ". Its rows are in quarantine."
        + l.delivery().source()
        + "; what was admitted before is as it was. "
        + (l.duplicates().isPresent()
            ? DISTINGUISH + "; or release"
            : "Correct the file or the expectation, or release")
        + " rows that are good as they are: tributary quarantine show "
        + l.delivery().source()
        + ".";
  }

  private static String why(Loaded l, Function<ExpectationResult, String> line) {
    return l.gated().verdicts().rejecting().stream()
        .map(line)
        .collect(Collectors.joining("; and "));
  }

  private void writeQuarantine(
      List<Loaded> loaded,
      List<Release> releases,
      RowCounts total,
      boolean rebuild,
      Optional<IngestFacts.Judged> verdict) {
    Set<Long> judged = new TreeSet<>();
    loaded.forEach(l -> judged.add(l.delivery().number()));
    Set<Long> left = new TreeSet<>();
    loaded.forEach(l -> l.delivery().release().ifPresent(r -> left.addAll(r.deliveries())));
    left.removeAll(judged);
    List<Long> numbers = Stream.concat(judged.stream(), left.stream()).toList();
    boolean before = numbers.stream().anyMatch(n -> Commits.hasQuarantined(quarantine, n));
    long expected = total.malformed() + total.quarantined();
    if (expected == 0 && !before) {
      return;
    }
    Dataset<Row> rows =
        lake.spark().emptyDataset(org.apache.spark.sql.Encoders.row(DeliveryFiles.QUARANTINE));
    for (Loaded l : loaded) {
      if (l.malformed().isPresent()) {
        rows = rows.union(l.malformed().get());
      } else if (l.read().malformed() > 0) {
        rows =
            rows.union(
                quarantine
                    .read(quarantine.requireVersion())
                    .where(
                        col(LakeTable.DELIVERY)
                            .equalTo(l.delivery().number())
                            .and(col("_stage").equalTo("parse")))
                    .select(columns(DeliveryFiles.QUARANTINE.fieldNames())));
      }
      if (l.gated().quarantined() > 0) {
        rows =
            rows.union(
                l.gated().isAdmitted()
                    ? gate.quarantined(l.gated().broken())
                    : gate.rejected(l.gated().all(), rejected(l)));
      }
    }
    if (!left.isEmpty()) {
      rows =
          rows.union(
              new ReleasedRows(lake.spark(), releases)
                  .without(
                      quarantine
                          .read(quarantine.requireVersion())
                          .where(col(LakeTable.DELIVERY).isin(left.toArray())))
                  .select(columns(DeliveryFiles.QUARANTINE.fieldNames())));
    }
    rows = rows.coalesce(1);
    CommitFacts facts =
        attempt.facts(new IngestFacts(numbers, List.of(), verdict, Optional.empty()));
    if (rebuild) {
      check("quarantine", quarantine.replace(rows, facts), expected);
    } else if (before) {
      String theirs =
          numbers.stream()
              .map(String::valueOf)
              .collect(Collectors.joining(", ", LakeTable.DELIVERY + " in (", ")"));
      quarantine.replaceWhere(rows, theirs, facts);
    } else {
      check("quarantine", quarantine.append(rows, facts), expected);
    }
  }

  private static String rejected(Loaded l) {
    return "delivery "
        + l.delivery().number()
        + " was rejected: "
        + l.gated().verdicts().rejecting().stream()
            .map(ExpectationResult::expectation)
            .collect(Collectors.joining("; "));
  }

  private static int files(long rows, long rowsAFile) {
    return (int) Math.max(1, Math.min(1_000, rows / rowsAFile));
  }

  private void writeValidated(
      List<Loaded> loaded,
      RowCounts total,
      List<String> widened,
      IngestFacts.Judged judged,
      long lastDelivery,
      boolean rebuild) {
    List<Gated> admitted = admitted(loaded);
    Dataset<Row> rows =
        admitted.isEmpty()
            ? loaded.get(0).gated().sound().where(lit(false)).select(gate.validatedColumns())
            : union(admitted, Gated::sound, gate.validatedColumns());
    int files = files(total.admitted(), ROWS_A_FILE);
    EventTimes times =
        rules.isStatic() || admitted.isEmpty()
            ? EventTimes.NONE
            : EventTimes.of(
                union(admitted, Gated::events, EventTimes.columns()), total.admitted(), files);
    IngestFacts.Validated made =
        new IngestFacts.Validated(
            lastDelivery,
            content,
            rebuild,
            rules.isStatic() ? Optional.empty() : Optional.of(times.knownFrom()));
    attempt.report(new IngestFacts(List.of(), widened, Optional.of(judged), Optional.of(made)));
    rows =
        rules.isStatic()
            ? rows.coalesce(files(total.admitted(), 16 * ROWS_A_FILE))
            : times.clustered(rows);
    CommitFacts facts = attempt.commitPoint();
    refuseReplaced(loaded);
    TableVersion written = rebuild ? validated.replace(rows, facts) : validated.append(rows, facts);
    check("validated", written, total.admitted());
  }

  private void check(String layer, TableVersion version, long expected) {
    LakeTable table = lake.table(version.table());
    for (Commit commit : table.commits()) {
      if (commit.version().equals(version)) {
        long rows = written(commit).orElse(expected);
        if (rows != expected) {
          throw new PlatformException(
              ErrorCode.BUG,
              "Cannot account for the rows of %s.%s: %,d were to be written, %,d were. Report this as a bug."
                  .formatted(layer, rules.name(), expected, rows));
        }
      }
    }
  }

  private static Column[] columns(String... names) {
    return java.util.Arrays.stream(names).map(n -> col("`" + n + "`")).toArray(Column[]::new);
  }
}
