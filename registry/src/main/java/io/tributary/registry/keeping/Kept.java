package io.tributary.registry.keeping;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.CommitLog;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.facts.UnknownFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.Evaluation;
import io.tributary.registry.Evaluations;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.Suspect;
import io.tributary.registry.Suspects;
import io.tributary.registry.TrainingSetReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What of a lake somebody may still go back to, whatever its age: by the registry, the run log, the
 * commits of its tables, the marks of suspect things and what is published. What is newer than an
 * instant stays anyway, and so do the newest version of each table, all event logs and all
 * definitions.
 */
public final class Kept {
  /**
   * What is younger stays, whatever a project says: readers take no lock, and a run of another
   * build or machine may take days.
   */
  public static final Duration LEAST = Duration.ofDays(7);

  /** Layers whose commits are read again, each at its own version, for nights of long ago. */
  private static final Map<String, String> READ_AGAIN =
      Map.of("features", "publishing old nights of ", "scores", "monitoring old nights of ");

  /**
   * Jobs whose every result stays in the lake, not only the newest of each piece of work: snapshots
   * by the versions of their tables.
   */
  private static final Set<String> LASTING = Set.of("score", "ingest", "materialize");

  private final String lake;
  private final Instant before;
  private final Map<TableName, TableHistory> tables;
  private final Map<String, RegisteredModel> models;
  private final List<Suspect> suspects;
  private final Map<TableName, RowRules> rules = new HashMap<>();
  private final Map<TableName, Set<KeptVersion>> versions = new TreeMap<>();
  private final Set<String> scored = new HashSet<>();
  private final List<RegisteredVersion> past = new ArrayList<>();

  private Kept(
      String lake,
      Instant before,
      Map<TableName, TableHistory> tables,
      Map<String, RegisteredModel> models) {
    this.lake = lake;
    this.before = before;
    this.tables = tables;
    this.models = models;
    this.suspects = Suspects.open(lake).standing();
  }

  /** What a run read, and did. */
  private record Work(
      RunId run, JobKey key, Instant started, List<Pin> inputs, Optional<RunFacts> facts) {
    static Work of(RunRecord record) {
      return new Work(
          record.run(), record.key(), record.started(), record.inputs(), record.facts());
    }

    static Work of(CommitFacts commit) {
      return new Work(
          commit.run(), commit.key(), commit.started(), commit.inputs(), commit.facts());
    }
  }

  /** What was replaced, retired or written earlier need not stay for its age. */
  public static Instant before(Instant now, Duration retention) {
    return now.minus(retention.compareTo(LEAST) < 0 ? LEAST : retention);
  }

  /**
   * What is kept of a lake at a local folder or Hadoop URI, as it is now.
   *
   * @param before what was replaced or retired earlier need not stay for its age
   * @param published the snapshots that publications which stay are made of
   * @throws PlatformException REFUSED where a newer build wrote facts on which this depends
   */
  public static Kept of(String lake, Instant before, Collection<KeptVersion> published) {
    Map<TableName, TableHistory> tables = new TreeMap<>();
    for (TableName table : LakeTables.list(lake)) {
      CommitLog.open(LakeTables.path(lake, table)).read().ifPresent(log -> tables.put(table, log));
    }
    return of(lake, before, published, tables, ModelRegistry.open(lake).models());
  }

  /** The same of tables and models that were read before. */
  public static Kept of(
      String lake,
      Instant before,
      Collection<KeptVersion> published,
      Map<TableName, TableHistory> tables,
      Map<String, RegisteredModel> models) {
    Kept kept = new Kept(LakeTables.normal(lake), before, tables, models);
    kept.runs();
    kept.models();
    kept.readAgain();
    kept.marked();
    published.forEach(version -> kept.keep(version.version(), version.by()));
    return kept;
  }

  /** The versions of a table that must stay readable, and by whom; beside its newest one. */
  public Set<KeptVersion> versions(TableName table) {
    return versions.getOrDefault(table, Set.of());
  }

  /** The tables that are there, with their logs. */
  public Map<TableName, TableHistory> tables() {
    return tables;
  }

  /**
   * Versions of models that nobody needs any more: retired long enough ago, not held, that have
   * scored nothing here, and that no alias and no mark names.
   */
  public List<RegisteredVersion> past() {
    return List.copyOf(past);
  }

  /**
   * The bundles of versions that are {@link #past()} and of no other, with these versions. What
   * their events refer to beside, by which they are described, stays.
   */
  public Map<Digest, Set<String>> pastArtefacts() {
    Map<Digest, Set<String>> gone = new HashMap<>();
    past.forEach(
        version ->
            gone.computeIfAbsent(version.version().artefact().digest(), d -> new TreeSet<>())
                .add(version.version().reference().toString()));
    for (RegisteredVersion version : all()) {
      gone.keySet().removeAll(version.stored().values());
      version.version().environment().ifPresent(e -> gone.remove(e.dependencyArtefact()));
      if (!past.contains(version)) {
        gone.remove(version.version().artefact().digest());
      }
    }
    return gone;
  }

  /** The artefacts that some version refers to, whether it is {@link #past()} or not. */
  public Set<Digest> artefacts() {
    Set<Digest> artefacts = new HashSet<>();
    all().forEach(version -> artefacts.addAll(version.artefacts()));
    return artefacts;
  }

  /** The contents of imported training sets that a version which is not {@link #past()} has. */
  public Set<Digest> imported() {
    Set<Digest> contents = new HashSet<>();
    all().stream()
        .filter(version -> !past.contains(version))
        .flatMap(version -> version.version().trainingSet().stream())
        .forEach(set -> contents.add(set.content()));
    return contents;
  }

  /** The contents of training sets that some version has, whether it is {@link #past()} or not. */
  public Set<Digest> contents() {
    Set<Digest> contents = new HashSet<>();
    all().stream()
        .flatMap(version -> version.version().trainingSet().stream())
        .forEach(set -> contents.add(set.content()));
    return contents;
  }

  private List<RegisteredVersion> all() {
    return models.values().stream().flatMap(model -> model.versions().stream()).toList();
  }

  /** The newest run of each piece of work, those that are young, and those whose results last. */
  private void runs() {
    Map<RunId, Work> known = new LinkedHashMap<>();
    for (RunLog.Succeeded run : RunLog.open(lake).succeeded()) {
      RunRecord record = run.record();
      known.put(record.run(), Work.of(record));
    }
    // A process that was killed, or works yet, has committed and not recorded.
    for (TableHistory table : tables.values()) {
      for (LogCommit commit : table.known()) {
        RunLog.facts(commit)
            .filter(CommitFacts::commitPoint)
            .ifPresent(facts -> known.putIfAbsent(facts.run(), Work.of(facts)));
      }
    }
    Map<JobKey, Work> newest = new HashMap<>();
    known.values().forEach(work -> newest.merge(work.key(), work, Kept::later));
    for (Work work : known.values()) {
      if (work.key().job().equals("score")) {
        scored(work);
      }
      if (LASTING.contains(work.key().job())
          || work.started().isAfter(before)
          || newest.get(work.key()).run().equals(work.run())) {
        keep(work.inputs(), work.key().job() + " " + work.key().subject());
      }
    }
  }

  private static Work later(Work a, Work b) {
    return a.started().isAfter(b.started()) ? a : b;
  }

  private void scored(Work work) {
    if (work.facts().orElse(null) instanceof UnknownFacts unknown) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot tell which models have scored: the facts of run %s of %s are \"%s\", version %d, written by a newer build of Tributary. Use that build, or a later one."
              .formatted(work.run(), work.key(), unknown.kind(), unknown.version()));
    }
    if (work.facts().orElse(null) instanceof ScoringFacts facts) {
      scored.add(facts.model());
      facts.others().forEach(other -> scored.add(other.model()));
    }
  }

  private void models() {
    Evaluations evaluations = ModelRegistry.open(lake).asOfNow().evaluations();
    for (RegisteredModel model : models.values()) {
      for (RegisteredVersion version : model.versions()) {
        if (isPast(model, version)) {
          past.add(version);
          continue;
        }
        ModelVersion of = version.version();
        String by = "model " + of.reference() + (version.hold().isPresent() ? ", held" : "");
        of.trainingSet().map(TrainingSetReference::table).ifPresent(table -> keep(table, by));
        of.trainingSet().map(TrainingSetReference::pins).ifPresent(pins -> keep(pins, by));
        for (Evaluations.Recorded evaluated : evaluations.of(of.reference())) {
          Evaluation.Rows rows = evaluated.evaluation().rows();
          keep(rows.pins(), by);
          rows.build()
              .flatMap(number -> build(rows.trainingSet(), number))
              .ifPresent(b -> keep(b, by));
        }
      }
    }
  }

  /** The version of a training set's table that is a build of it. */
  private Optional<TableVersion> build(String trainingSet, long number) {
    TableName table = TableName.of("training", trainingSet);
    TableHistory history = tables.get(table);
    return history == null
        ? Optional.empty()
        : history.known().stream()
            .filter(
                commit ->
                    RunLog.facts(commit)
                        .flatMap(facts -> facts.facts(TrainingSetFacts.class))
                        .filter(built -> built.number() == number)
                        .isPresent())
            .map(commit -> new TableVersion(table, history.tableId(), commit.version()))
            .reduce((before, last) -> last);
  }

  private boolean isPast(RegisteredModel model, RegisteredVersion version) {
    String reference = version.version().reference().toString();
    return version.retirement().filter(retired -> retired.at().isBefore(before)).isPresent()
        && version.hold().isEmpty()
        && !scored.contains(reference)
        && model.aliasesOf(version.version().number()).isEmpty()
        && suspects.stream().noneMatch(mark -> mark.marks("model:" + reference));
  }

  /**
   * An old night is published from the newest commit that took its snapshot, and monitored from the
   * newest that scored it. A commit is read no more once another one has taken all its instants,
   * for an interval that has its own.
   */
  private void readAgain() {
    tables.forEach(
        (table, history) -> {
          String what = READ_AGAIN.get(table.layer());
          if (what == null) {
            return;
          }
          Set<Instant> instants = new HashSet<>();
          List<Interval> later = new ArrayList<>();
          for (int i = history.known().size() - 1; i >= 0; i--) {
            LogCommit commit = history.known().get(i);
            Optional<CommitFacts> facts = RunLog.facts(commit);
            if (facts.isEmpty()) {
              continue;
            }
            List<Instant> taken =
                facts
                    .get()
                    .facts(SnapshotFacts.class)
                    .map(SnapshotFacts::instants)
                    .orElse(List.of());
            Optional<Interval> interval = facts.get().key().interval();
            if (!instants.containsAll(taken)
                || interval
                    .filter(of -> later.stream().noneMatch(l -> l.contains(of)))
                    .isPresent()) {
              keep(
                  new TableVersion(table, history.tableId(), commit.version()),
                  what + table.subject());
            }
            instants.addAll(taken);
            interval.ifPresent(later::add);
          }
        });
  }

  private void marked() {
    for (Suspect mark : suspects) {
      for (String thing : mark.coverage().things()) {
        int at = thing.lastIndexOf('@');
        if (thing.startsWith("table:") && at > 0) {
          TableName.find(thing.substring("table:".length(), at))
              .map(tables::get)
              .ifPresent(
                  history ->
                      keep(
                          new TableVersion(
                              TableName.parse(thing.substring("table:".length(), at)),
                              history.tableId(),
                              Long.parseLong(thing.substring(at + 1))),
                          "mark of " + mark.root().replaceFirst(":", " ")));
        }
      }
    }
  }

  private void keep(List<Pin> pins, String by) {
    for (Pin pin : pins) {
      TableHistory table = tables.get(pin.version().table());
      if (table != null) {
        RowRules made = rules.computeIfAbsent(pin.version().table(), name -> RowRules.of(table));
        if (made.readable(pin).deliveries().isEmpty() || made.isRebuiltSince(pin)) {
          keep(pin.version(), by);
        }
      }
    }
  }

  /** A version of a table that was made anew since, or set back, can't be kept. */
  private void keep(TableVersion version, String by) {
    TableHistory table = tables.get(version.table());
    if (table != null
        && table.tableId().equals(version.id())
        && version.version() <= table.version()) {
      versions
          .computeIfAbsent(version.table(), name -> new LinkedHashSet<>())
          .add(new KeptVersion(version, by));
    }
  }
}
