package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.CommitLog;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The runs of a lake: the log {@code platform.runs}, with the log {@code platform.lineage} beside
 * it. Each run is in it once, however often its record was appended; a record as killed counts only
 * until the run's work is known to be complete. Safe for concurrent threads and processes.
 */
public final class RunLog {
  /** The log's table. */
  public static final TableName RUNS = TableName.of("platform", "runs");

  private static final String ENDED = "run/";

  /** How a commit's facts begin. */
  private static final Pattern RUN = Pattern.compile("^\\{\"format\":\\d+,\"run\":\"([^\"]+)\"");

  private static final String KILLED = "killed/";
  private static final Set<String> KINDS =
      Stream.of(Outcome.values()).map(RunLog::kind).collect(Collectors.toUnmodifiableSet());

  /** The platform's job that writes the tables of a layer. */
  private static final Map<String, String> WRITERS =
      Map.ofEntries(
          Map.entry("bronze", "ingest"),
          Map.entry("validated", "ingest"),
          Map.entry("quarantine", "ingest"),
          Map.entry("features", "materialize"),
          Map.entry("training", "training-set"),
          Map.entry("scores", "score"),
          Map.entry("superseded", "score"),
          Map.entry("monitor", "monitor"),
          Map.entry("counts", "monitor"),
          Map.entry("actuals", "monitor"),
          Map.entry("windows", "monitor"));

  private final String lake;
  private final EventLog runs;
  private final EventLog lineage;

  private final Optional<History> fixed;

  private RunLog(String lake, EventLog runs, Optional<History> fixed) {
    this.lake = LakeTables.normal(lake);
    this.runs = runs;
    this.lineage = EventLog.open(LakeTables.path(lake, Lineage.TABLE));
    this.fixed = fixed;
  }

  /** The log of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static RunLog open(String lake) {
    return new RunLog(lake, EventLog.open(LakeTables.path(lake, RUNS)), Optional.empty());
  }

  /** The same with the runs that are recorded now, read once: for whoever asks of many. */
  public RunLog asOfNow() {
    return new RunLog(lake, runs, Optional.of(runs.read()));
  }

  private History history() {
    return fixed.orElseGet(runs::read);
  }

  /** All runs, in the order in which they were recorded. */
  public List<RunRecord> list() {
    return records(e -> true).toList();
  }

  /** The runs with a job key, in the order in which they were recorded. */
  public List<RunRecord> list(JobKey key) {
    return records(of(key)).toList();
  }

  /**
   * The newest runs, in the order in which they were recorded.
   *
   * @param limit the maximum number
   * @param job only runs of this step
   * @param failed only runs that failed
   */
  public List<RunRecord> newest(int limit, Optional<String> job, boolean failed) {
    History history = history();
    List<Event> newest = new ArrayList<>();
    for (int i = history.events().size() - 1; i >= 0 && newest.size() < limit; i--) {
      Event event = history.events().get(i);
      if (isShown(history, event)
          && (job.isEmpty() || event.subject().startsWith(job.get() + " "))
          && (!failed || event.kind().equals(kind(Outcome.FAILED)))) {
        newest.add(event);
      }
    }
    Collections.reverse(newest);
    return newest.stream().map(e -> record(history, e)).toList();
  }

  /**
   * The newest run that succeeded, used a definition and passes a filter; preferably one whose
   * subject the definition is.
   *
   * @param reference kind and name, {@code view carrier_history@1}
   */
  public Optional<RunRecord> newestUsing(String reference, Predicate<RunRecord> filter) {
    History history = history();
    String quoted = Json.write(reference);
    List<Event> newestFirst =
        new ArrayList<>(
            history.events().stream()
                .filter(e -> e.kind().equals(kind(Outcome.SUCCEEDED)))
                .toList());
    Collections.reverse(newestFirst);
    Predicate<RunRecord> used = run -> run.definitions().containsKey(reference) && filter.test(run);
    return newestFirst.stream()
        .filter(e -> mayBeAbout(e, reference))
        .map(e -> record(history, e))
        .filter(run -> reference.endsWith(" " + run.key().subject()) && used.test(run))
        .findFirst()
        .or(
            () ->
                newestFirst.stream()
                    .filter(e -> e.body().contains(quoted))
                    .map(e -> record(history, e))
                    .filter(used)
                    .findFirst());
  }

  /**
   * The definitions that runs which succeeded used under a name, by digest, each with the run that
   * used it first; in that order. No record is decoded.
   *
   * @param reference kind and name, {@code view carrier_history@1}
   */
  public Map<Digest, String> firstUsing(String reference) {
    Pattern used = Pattern.compile(Pattern.quote(Json.write(reference)) + ":\"([0-9a-f]{64})\"");
    Map<Digest, String> first = new LinkedHashMap<>();
    for (Succeeded run : succeeded()) {
      Matcher found = used.matcher(run.event.body());
      if (found.find()) {
        first.putIfAbsent(Digest.parse(found.group(1)), run.run());
      }
    }
    return first;
  }

  /** Whether a run's subject may be the name in a reference, judging by its event alone. */
  private static boolean mayBeAbout(Event event, String reference) {
    String name = reference.substring(reference.indexOf(' '));
    return event.subject().endsWith(name) || event.subject().contains(name + " ");
  }

  public Optional<RunRecord> find(RunId run) {
    History history = history();
    return history
        .find(ENDED + run)
        .or(() -> history.find(KILLED + run))
        .filter(e -> KINDS.contains(e.kind()))
        .map(e -> record(history, e));
  }

  /** The runs that wrote to a table, in the order in which they were recorded. */
  public List<RunRecord> writing(TableName table) {
    String name = table.subject().replaceFirst("_v[0-9]+$", "");
    String work = WRITERS.getOrDefault(table.layer(), "") + " " + name;
    List<RunRecord> ofWriter = writing(table, e -> e.subject().startsWith(work));
    return ofWriter.isEmpty() ? writing(table, e -> true) : ofWriter;
  }

  /** Bodies that don't have the table's name are not parsed. */
  private List<RunRecord> writing(TableName table, Predicate<Event> filter) {
    String quoted = "\"" + table + "@";
    return records(
            e ->
                e.kind().equals(kind(Outcome.SUCCEEDED))
                    && filter.test(e)
                    && e.body().contains(quoted))
        .filter(r -> r.outputs().stream().anyMatch(v -> v.table().equals(table)))
        .toList();
  }

  /** A run that succeeded; its record is decoded when it is asked for. */
  public static final class Succeeded {
    private final Event event;

    private Succeeded(Event event) {
      this.event = event;
    }

    /** The run's id. */
    public String run() {
      return event.run();
    }

    /** The job key as text. */
    public String key() {
      return event.subject();
    }

    /** Whether the record has a text somewhere. */
    public boolean mentions(String text) {
      return event.body().contains(text);
    }

    /** Whether the record has one of some texts somewhere. */
    public boolean mentionsAny(Collection<String> texts) {
      if (texts.isEmpty()) {
        return false;
      }
      String body = event.body();
      return texts.stream().anyMatch(body::contains);
    }

    /** The record. */
    public RunRecord record() {
      return event.body(RunRecord.class);
    }
  }

  /** The runs that succeeded, in the order in which they were recorded. */
  public List<Succeeded> succeeded() {
    return history().events().stream()
        .filter(e -> e.kind().equals(kind(Outcome.SUCCEEDED)))
        .map(Succeeded::new)
        .toList();
  }

  /**
   * The same with the runs whose work is committed and that are not recorded, since their process
   * has died or has not come to it yet: each by its commit, where its record would be by its time.
   */
  public List<Succeeded> succeededOrCommitted() {
    List<RunRecord> lost = unrecorded(facts -> false);
    Set<String> ids = lost.stream().map(run -> run.run().text()).collect(Collectors.toSet());
    List<Succeeded> all = new ArrayList<>();
    // One of them may have been recorded meanwhile.
    succeeded().stream().filter(run -> !ids.contains(run.run())).forEach(all::add);
    for (RunRecord run : lost) {
      int place = all.size();
      while (place > 0 && all.get(place - 1).event.at().isAfter(run.ended())) {
        place--;
      }
      all.add(place, new Succeeded(event(run)));
    }
    return List.copyOf(all);
  }

  /** Whether a run's own record is in the log; a record as killed does not count. */
  public boolean isRecorded(RunId run) {
    return runs.read().contains(id(run));
  }

  /** The number of attempts at a key so far: the highest attempt number, 0 if there is none. */
  public int attempts(JobKey key) {
    return list(key).stream().mapToInt(RunRecord::attempt).max().orElse(0);
  }

  /**
   * Appends records in one commit to each log; lineage first, so that a recorded run has its
   * lineage.
   */
  public void append(List<RunRecord> records) {
    List<Event> derived =
        records.stream()
            .filter(r -> r.outcome() == Outcome.SUCCEEDED)
            .map(RunLog::lineage)
            .toList();
    if (!derived.isEmpty()) {
      lineage.append(derived);
    }
    if (!records.isEmpty()) {
      runs.append(records.stream().map(RunLog::event).toList());
    }
  }

  /**
   * Derives the records of runs whose process died between their commit point and their record, and
   * appends them. Doing it twice, or from two processes at once, records each once.
   *
   * @param running whether a run's process is alive, which will record it itself
   * @return what was appended
   */
  public List<RunRecord> repair(Predicate<CommitFacts> running) {
    List<RunRecord> lost = unrecorded(running);
    append(lost);
    return lost;
  }

  /** The records of runs with a commit point that have none in the log. */
  private List<RunRecord> unrecorded(Predicate<CommitFacts> running) {
    List<RunRecord> lost = new ArrayList<>();
    Optional<History> known = Optional.empty();
    for (TableName table : LakeTables.list(lake)) {
      if (table.layer().equals("platform")) {
        continue;
      }
      Optional<TableHistory> commits = CommitLog.open(LakeTables.path(lake, table)).read();
      if (commits.isEmpty()) {
        continue;
      }
      for (LogCommit commit : commits.get().known()) {
        if (known.isEmpty()) {
          known = Optional.of(runs.read());
        }
        // Nearly all are, and to decode them takes longest.
        if (run(commit).filter(known.get()::contains).isPresent()) {
          continue;
        }
        Optional<CommitFacts> facts = facts(commit).filter(CommitFacts::commitPoint);
        if (facts.isEmpty()) {
          continue;
        }
        if (!known.get().contains(id(facts.get().run())) && !running.test(facts.get())) {
          lost.add(
              record(
                  facts.get(),
                  new TableVersion(table, commits.get().tableId(), commit.version()),
                  commit));
        }
      }
    }
    return lost;
  }

  /** The id of the record of a commit's run, by the commit's text. */
  private static Optional<String> run(LogCommit commit) {
    return commit
        .userMetadata()
        .map(RUN::matcher)
        .filter(Matcher::find)
        .map(found -> id(RunId.parse(found.group(1))));
  }

  /** Whether any commit of the lake's tables has such facts. */
  public boolean anyCommit(Predicate<CommitFacts> of) {
    return LakeTables.list(lake).stream()
        .filter(table -> !table.layer().equals(RUNS.layer()))
        .flatMap(table -> CommitLog.open(LakeTables.path(lake, table)).read().stream())
        .flatMap(commits -> commits.known().stream())
        .flatMap(commit -> facts(commit).stream())
        .anyMatch(of);
  }

  /** The facts of a commit's run; empty for a commit that no job wrote. */
  public static Optional<CommitFacts> facts(LogCommit commit) {
    return commit
        .userMetadata()
        .filter(text -> text.contains("\"fingerprint\"") && text.contains("\"commitPoint\""))
        .map(CommitFacts::read);
  }

  private static RunRecord record(CommitFacts facts, TableVersion version, LogCommit commit) {
    List<TableVersion> outputs = new ArrayList<>(facts.outputs());
    outputs.add(version);
    return new RunRecord(
        facts.run(),
        facts.key(),
        facts.attempt(),
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        facts.started(),
        Math.max(0, Duration.between(facts.started(), commit.at()).toMillis()) / 1e3,
        facts.inputs(),
        outputs,
        facts.facts(),
        facts.notes(),
        facts.reads(),
        facts.writes(),
        facts.definitions(),
        Optional.empty(),
        facts.environment());
  }

  private static Predicate<Event> of(JobKey key) {
    String subject = key.toString();
    return e -> e.subject().equals(subject);
  }

  /**
   * Records filtered by their events without bodies; only the bodies of those that pass are read.
   */
  private Stream<RunRecord> records(Predicate<Event> filter) {
    History history = history();
    return history.events().stream()
        .filter(e -> isShown(history, e) && filter.test(e))
        .map(e -> record(history, e));
  }

  /**
   * Whether an event is a run's record, other than a record as killed of a run that is known to
   * have ended.
   */
  private static boolean isShown(History history, Event event) {
    return KINDS.contains(event.kind())
        && !(event.id().startsWith(KILLED) && history.contains(ENDED + event.run()));
  }

  private static RunRecord record(History history, Event event) {
    return event.kind().equals(kind(Outcome.UNCHANGED))
        ? event.body(Unchanged.class).record(history)
        : event.body(RunRecord.class);
  }

  /** The body of an unchanged run's event, which refers to the run found. */
  private record Unchanged(
      RunId run,
      JobKey key,
      RunId found,
      Instant started,
      double seconds,
      Environment environment) {
    RunRecord record(History history) {
      Optional<RunRecord> of =
          history
              .find(ENDED + found)
              .filter(e -> e.kind().equals(kind(Outcome.SUCCEEDED)))
              .map(e -> e.body(RunRecord.class));
      return new RunRecord(
          run,
          key,
          of.map(RunRecord::attempt).orElse(0),
          Outcome.UNCHANGED,
          Optional.of(found),
          Optional.empty(),
          "as run " + found + " left it",
          started,
          seconds,
          of.map(RunRecord::inputs).orElse(List.of()),
          of.map(RunRecord::outputs).orElse(List.of()),
          of.flatMap(RunRecord::facts),
          of.map(RunRecord::notes).orElse(Map.of()),
          of.map(RunRecord::reads).orElse(List.of()),
          of.map(RunRecord::writes).orElse(List.of()),
          of.map(RunRecord::definitions).orElse(Map.of()),
          Optional.empty(),
          environment);
    }
  }

  private static boolean isKilled(RunRecord record) {
    return record.error().filter(e -> e.is(ErrorCode.KILLED)).isPresent();
  }

  private static String id(RunId run) {
    return ENDED + run;
  }

  private static String kind(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  private static Event event(RunRecord record) {
    return new Event(
        (isKilled(record) ? KILLED : ENDED) + record.run(),
        record.ended(),
        kind(record.outcome()),
        record.key().toString(),
        Principal.osUser(record.environment().user()),
        record.run().text(),
        RunRecord.FORMAT,
        1,
        Json.write(body(record)));
  }

  private static Object body(RunRecord record) {
    return record.outcome() == Outcome.UNCHANGED
        ? new Unchanged(
            record.run(),
            record.key(),
            record.found().orElseThrow(),
            record.started(),
            record.seconds(),
            record.environment())
        : record;
  }

  private static Event lineage(RunRecord record) {
    LineageEvent event = LineageEvent.of(record);
    return new Event(
        "lineage/" + record.run(),
        event.at(),
        Lineage.DERIVED,
        record.key().toString(),
        Principal.osUser(record.environment().user()),
        record.run().text(),
        LineageEvent.FORMAT,
        1,
        Json.write(event));
  }
}
