package io.tributary.ingest;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.SeenValue;
import io.tributary.core.TableName;
import io.tributary.definition.Credential;
import io.tributary.definition.Lookup;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.runs.CompletedRun;
import io.tributary.ingest.gate.Measurements;
import io.tributary.ingest.gate.SourceSuite;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Stamp;
import io.tributary.lake.Lake;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FileErrors;
import io.tributary.source.FoundFile;
import io.tributary.source.place.DeltaFeed;
import io.tributary.source.place.Intake;
import io.tributary.source.place.JdbcTable;
import io.tributary.source.place.SourceFolder;
import io.tributary.source.rows.SourceRules;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Loads what a source has newly delivered: files that are not yet in the ledger become one
 * delivery, which goes to {@code bronze}, through the gate, and to {@code validated} or {@code
 * quarantine}. If the source's contract or the content of its look-ups has changed, {@code
 * validated} is rebuilt from {@code bronze}. A changed suite judges what is delivered from then on,
 * and what it rejected before, as a delivery of now, once its files are found again.
 *
 * <p>The order of commits is bronze, quarantine, validated; the last is the commit point, and the
 * ledger records it afterwards. Killed anywhere, the next run goes on where this one ended.
 *
 * <p>Ends with {@code EXPECTATIONS_FAILED} as long as a file that is there belongs to a delivery
 * that was rejected; what could be admitted is admitted before.
 */
public final class IngestJob implements Job {
  /** The job's name in its key. */
  public static final String NAME = "ingest";

  private final Lake lake;
  private final SourceSuite suite;
  private final SourceRules rules;
  private final List<Definition> definitions;
  private final Intake folder;
  private final DeliveryLedger ledger;

  /**
   * The job of one source that reads files.
   *
   * @throws PlatformException INVALID_DEFINITION when the source's suite is wrong or does not fit
   *     it
   */
  public IngestJob(CheckedProject project, String source, Lake lake) {
    this(project, source, lake, Optional.empty());
  }

  /**
   * The same for an interval: of a source with an interval in its path, that interval's files.
   *
   * @throws PlatformException INVALID_DEFINITION when the source's suite is wrong or does not fit
   *     it
   */
  public IngestJob(CheckedProject project, String source, Lake lake, Optional<Interval> interval) {
    this(project, source, lake, interval, InstantSource.system());
  }

  /** The same by a clock that says how old the files are. */
  IngestJob(
      CheckedProject project,
      String source,
      Lake lake,
      Optional<Interval> interval,
      InstantSource clock) {
    this.lake = lake;
    this.suite = SourceSuite.of(project, source);
    this.rules = SourceRules.of(project, source);
    this.definitions = definitions(project);
    this.ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    this.folder = intake(project.project(), interval, clock);
  }

  /** The same with another way in than the source's. */
  IngestJob(CheckedProject project, String source, Lake lake, Function<DeliveryLedger, Intake> in) {
    this.lake = lake;
    this.suite = SourceSuite.of(project, source);
    this.rules = SourceRules.of(project, source);
    this.definitions = definitions(project);
    this.ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    this.folder = in.apply(ledger);
  }

  /** The source, what it is made of, and its suite. */
  private List<Definition> definitions(CheckedProject project) {
    List<Definition> all = new ArrayList<>(project.definitions(List.of("source " + rules.name())));
    suite.definition().ifPresent(all::add);
    return List.copyOf(all);
  }

  /** Where the source's deliveries come from. */
  private Intake intake(Project project, Optional<Interval> interval, InstantSource clock) {
    Source source = rules.source().definition();
    if (source.input() instanceof SourceInput.Jdbc jdbc) {
      Optional<Credential> credential =
          jdbc.credentials().map(name -> project.credentials().get(name));
      return new RangeIntake(
          source.name(), new JdbcTable(source, jdbc, credential), lake.uri(), ledger);
    }
    if (source.input() instanceof SourceInput.DeltaTable table) {
      return new RangeIntake(
          source.name(), new DeltaFeed(source, table, project.folder(), lake), lake.uri(), ledger);
    }
    return new SourceFolder(
        source,
        project.folder(),
        (SourceInput.Files) source.input(),
        interval,
        lake.session()::hadoop,
        () -> ledger.read(source.name()),
        rules.reader()::scan,
        clock);
  }

  @Override
  public JobKey key() {
    return key(rules.name());
  }

  /**
   * Looks whether the files that the source names are there, before anything is loaded.
   *
   * @throws PlatformException UNREADABLE_FILE or SERVER when one is not, or can't be reached
   */
  public void look() {
    folder.look();
  }

  /** The key of a source's ingest. */
  public static JobKey key(String source) {
    return JobKey.of(NAME, source);
  }

  @Override
  public List<Definition> definitions() {
    return definitions;
  }

  /** The static sources that it looks up, in the order of the look-ups. */
  @Override
  public List<Pin> inputs() {
    List<Pin> pins = new ArrayList<>();
    for (Lookup lookup : rules.source().definition().lookup()) {
      TableName table = TableName.of("validated", lookup.source());
      pins.add(
          Commits.deliveredPin(lake.table(table))
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.NOT_FOUND,
                          "Cannot ingest source %s: it looks up %s, of which nothing has been admitted. Ingest %s first."
                              .formatted(rules.name(), lookup.source(), lookup.source()))));
    }
    return pins;
  }

  /**
   * Of what makes rows, and of the bytes of all files that have been or are now delivered; not of
   * the suite, which alone gives nothing to do.
   */
  @Override
  public Digest definition() {
    Set<String> present = new HashSet<>();
    Set<String> counted = new TreeSet<>();
    for (FoundFile file : folder.find()) {
      present.add(file.sha256());
      counted.add(file.sha256());
    }
    for (LedgerEntry entry : ledger.entries(rules.name())) {
      if (entry.delivery().release().isPresent()) {
        counted.add("release " + entry.delivery().number());
      }
      for (DeliveredFile file : entry.delivery().files()) {
        if (entry.is(Outcome.ADMITTED)) {
          counted.add(file.sha256().hex());
        }
      }
    }
    if (present.isEmpty() && counted.isEmpty()) {
      throw FileErrors.nothingEver(rules.name(), folder.nothing());
    }
    return Digest.of(rules.digest() + "\n" + String.join("\n", counted));
  }

  /**
   * Empty, too, while the ledger has no record of a delivery that was judged, and while a file of a
   * rejected delivery is there: then a run has something to say.
   */
  @Override
  public Optional<CompletedRun> recorded(Lake of) {
    Set<String> present = new HashSet<>();
    folder.find().forEach(f -> present.add(f.sha256()));
    List<LedgerEntry> entries = ledger.entries(rules.name());
    boolean open =
        entries.stream().anyMatch(e -> e.verdict().isEmpty())
            || refused(entries, present).isPresent();
    return open ? Optional.empty() : of.table(validated()).recorded(key());
  }

  /**
   * The first delivery that was rejected, has a file that is there, and that neither a person nor
   * newer reference data has settled.
   */
  private Optional<LedgerEntry> refused(List<LedgerEntry> entries, Set<String> present) {
    Set<Long> settled = released(entries);
    return entries.stream()
        .filter(e -> e.is(Outcome.REJECTED) && !settled.contains(e.delivery().number()))
        .filter(e -> !isReplaced(e, entries))
        .filter(
            e -> e.delivery().files().stream().anyMatch(f -> present.contains(f.sha256().hex())))
        .findFirst();
  }

  /** The rejected deliveries that a person has settled. */
  static Set<Long> released(List<LedgerEntry> entries) {
    Set<Long> settled = new HashSet<>();
    entries.forEach(e -> e.delivery().release().ifPresent(r -> settled.addAll(r.settles())));
    return settled;
  }

  @Override
  public void run(Attempt attempt) {
    Stamp stamp = new Stamp(attempt.run(), Principal.osUser(attempt.environment().user()));
    Map<String, FoundFile> present = new LinkedHashMap<>();
    folder.find().forEach(f -> present.putIfAbsent(f.sha256(), f));
    IngestRun run = new IngestRun(attempt, rules, suite.suite(), folder, ledger, stamp);
    List<LedgerEntry> entries = withNew(settled(present, run), present, stamp);
    run.load(entries, present);
    folder.settled();
    unchanged();
    refuseRejected(present.keySet());
  }

  /**
   * The deliveries that count: those that were judged but could not be recorded in the ledger are
   * recorded now, and those that were never loaded and whose files have changed since are
   * withdrawn.
   */
  private List<LedgerEntry> settled(Map<String, FoundFile> present, IngestRun run) {
    List<LedgerEntry> entries = new ArrayList<>();
    List<DeliveryVerdict> withdrawn = new ArrayList<>();
    Map<Long, Commits.Recorded> recorded = Commits.recorded(lake, rules.name());
    List<Commits.Recorded> unrecorded = new ArrayList<>();
    List<LedgerEntry> known = ledger.entries(rules.name());
    Map<Long, String> again = again(known, present, run);
    for (LedgerEntry entry : known) {
      Delivery delivery = entry.delivery();
      Optional<DeliveryVerdict> verdict = entry.verdict();
      Commits.Recorded last = recorded.get(delivery.number());
      if (again.containsKey(delivery.number())) {
        verdict = Optional.of(run.withdraw(entry, again.get(delivery.number())));
        withdrawn.add(verdict.get());
      } else if (last != null
          && !entry.is(Outcome.WITHDRAWN)
          && !verdict.equals(Optional.of(last.verdict()))) {
        verdict = Optional.of(last.verdict());
        unrecorded.add(last);
      } else if (verdict.isEmpty() && !allThere(delivery, present, folder)) {
        verdict = Optional.of(run.withdraw(delivery));
        withdrawn.add(verdict.get());
      }
      entries.add(new LedgerEntry(delivery, verdict));
    }
    run.recordAgain(unrecorded);
    run.record(withdrawn);
    return entries;
  }

  /**
   * The rejected deliveries whose rows are delivered again, and why: ranges of a table that a wider
   * one, which is new, has in it; and files that are still there when what judges them has changed.
   * Those become deliveries of now, which later readers find behind all that was admitted since.
   */
  private Map<Long, String> again(
      List<LedgerEntry> entries, Map<String, FoundFile> present, IngestRun run) {
    Set<String> known = new HashSet<>();
    entries.stream()
        .filter(e -> !e.is(Outcome.WITHDRAWN))
        .forEach(e -> e.delivery().files().forEach(f -> known.add(f.sha256().hex())));
    boolean wider =
        present.values().stream()
            .anyMatch(f -> !f.range().isEmpty() && !known.contains(f.sha256()));
    Set<Long> settled = released(entries);
    Set<Long> touched = touched(entries);
    Map<Long, String> again = new LinkedHashMap<>();
    for (LedgerEntry entry : entries) {
      long number = entry.delivery().number();
      if (!entry.is(Outcome.REJECTED) || settled.contains(number)) {
        continue;
      }
      boolean there =
          entry.delivery().files().stream().allMatch(f -> present.containsKey(f.sha256().hex()));
      if (wider) {
        again.put(number, "its rows are delivered again with what came after them");
      } else if (there
          && !touched.contains(number)
          && !isReplaced(entry, entries)
          && !run.isOfToday(entry.verdict().orElseThrow())) {
        again.put(number, "its files are delivered again, to be judged by changed rules");
      }
    }
    return again;
  }

  /** The deliveries that a person has released rows of. */
  private static Set<Long> touched(List<LedgerEntry> entries) {
    Set<Long> touched = new HashSet<>();
    entries.forEach(e -> e.delivery().release().ifPresent(r -> touched.addAll(r.deliveries())));
    return touched;
  }

  /** Whether a later delivery is the whole content of reference data, so that this one is none. */
  private boolean isReplaced(LedgerEntry entry, List<LedgerEntry> entries) {
    return rules.isStatic()
        && entries.stream()
            .anyMatch(
                e -> e.is(Outcome.ADMITTED) && e.delivery().number() > entry.delivery().number());
  }

  private static boolean allThere(
      Delivery delivery, Map<String, FoundFile> present, Intake folder) {
    for (DeliveredFile file : delivery.files()) {
      if (!present.containsKey(file.sha256().hex())) {
        folder.find(file).ifPresent(f -> present.put(f.sha256(), f));
      }
    }
    return delivery.files().stream().allMatch(f -> present.containsKey(f.sha256().hex()));
  }

  /**
   * The same entries, one for the files that none of them has, and before it one for the files of
   * each delivery that had been rejected and is tried again: it is judged apart from what came
   * since.
   */
  private List<LedgerEntry> withNew(
      List<LedgerEntry> entries, Map<String, FoundFile> present, Stamp stamp) {
    Set<String> known = new HashSet<>();
    Map<String, Long> rejected = new HashMap<>();
    for (LedgerEntry entry : entries) {
      for (DeliveredFile file : entry.delivery().files()) {
        if (!entry.is(Outcome.WITHDRAWN)) {
          known.add(file.sha256().hex());
        } else if (entry.verdict().orElseThrow().suite().isPresent()) {
          rejected.put(file.sha256().hex(), entry.delivery().number());
        }
      }
    }
    Map<Long, List<DeliveredFile>> deliveries = new TreeMap<>();
    present.values().stream()
        .filter(f -> !known.contains(f.sha256()))
        .sorted(Comparator.comparing(FoundFile::path))
        .forEach(
            f ->
                deliveries
                    .computeIfAbsent(
                        rejected.getOrDefault(f.sha256(), Long.MAX_VALUE), n -> new ArrayList<>())
                    .add(f.delivered()));
    List<LedgerEntry> all = new ArrayList<>(entries);
    for (List<DeliveredFile> files : deliveries.values()) {
      Delivery delivery = ledger.deliver(rules.name(), files, all.size(), stamp);
      all.add(new LedgerEntry(delivery, Optional.empty()));
    }
    return all;
  }

  private void refuseRejected(Set<String> present) {
    List<LedgerEntry> entries = ledger.entries(rules.name());
    refused(entries, present)
        .ifPresent(
            entry -> {
              String message =
                  new Measurements(lake, rules.name())
                      .in(
                          entry.verdict().orElseThrow().message(),
                          entry.delivery().number(),
                          SeenValue::of);
              throw new PlatformException(
                  ErrorCode.EXPECTATIONS_FAILED,
                  touched(entries).contains(entry.delivery().number())
                      ? message
                          + " Some of its rows are released, so that a corrected expectation does not judge it again: release the others."
                      : message);
            });
  }

  @Override
  public void unchanged() {
    ledger.recognize(rules.name(), folder.recognizable());
  }

  private TableName validated() {
    return TableName.of("validated", rules.name());
  }
}
