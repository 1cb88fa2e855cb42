package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A running Airflow 3, by its REST interface {@code /api/v2}. Requests that change nothing, or the
 * same however often they are sent, are sent again to a server that is away; of any other it is
 * said that nobody knows. For one thread.
 */
public final class Airflow {
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int PAGE = 100;
  private static final int SHOWN = 5;

  /** Those whose lists of runs know no {@code conf_contains}, and ignore it. */
  private static final List<String> TOO_OLD = List.of("3.0.", "3.1.");

  private final Transport transport;
  private Optional<String> version = Optional.empty();

  private Airflow(Transport transport) {
    this.transport = transport;
  }

  /**
   * Opens one; nothing is asked yet.
   *
   * @param url without {@code /api}
   * @param notes told when the server goes away and when it is back
   */
  public static Airflow at(URI url, SignIn signIn, Patience patience, Consumer<String> notes) {
    return new Airflow(new Transport(url, signIn, patience, notes, Clock.systemUTC()));
  }

  /** Its address. */
  public String server() {
    return transport.server();
  }

  /** How long it is waited for. */
  Duration waits() {
    return transport.patience().within();
  }

  void note(String sentence) {
    transport.note(sentence);
  }

  /**
   * Its version.
   *
   * @throws PlatformException INVALID_REQUEST for an Airflow that is not 3.2 or a later 3.x, and
   *     what is none
   */
  public String version() {
    if (version.isEmpty()) {
      version = Optional.of(askVersion());
    }
    return version.get();
  }

  private String askVersion() {
    Call ask = Call.get("ask Airflow for its version", Call.path("version"));
    Answer answer = transport.sendUnsigned(ask, NOT_FOUND);
    Optional<String> known =
        answer.status() == NOT_FOUND ? former() : Optional.of(versionIn(answer));
    if (known.isEmpty()) {
      answer.json();
      throw answer.error();
    }
    if (!known.get().startsWith("3.")) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use Airflow %s at %s: its REST interface is another one than that of 3.x, which is needed. Name an Airflow 3; DAGs alone work on 2.11 too."
              .formatted(known.get(), server()));
    }
    if (TOO_OLD.stream().anyMatch(known.get()::startsWith)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use Airflow %s at %s: it does not find runs by what they were told, as 3.2 is the first to do. Upgrade it; DAGs alone work on 2.11 and each 3.x."
              .formatted(known.get(), server()));
    }
    return known.get();
  }

  private static String versionIn(Answer answer) {
    JsonNode version = answer.json().path("version");
    return version.isTextual() ? version.asText() : "of an unknown version";
  }

  /** What an Airflow 2 says, whose interface lies elsewhere. */
  private Optional<String> former() {
    Answer answer =
        transport.sendUnsigned(
            Call.get("ask Airflow for its version", "/api/v1/version"), 401, 403, NOT_FOUND);
    return answer.status() / 100 == 2 ? Optional.of(versionIn(answer)) : Optional.empty();
  }

  private Answer send(Call call, Integer... expected) {
    version();
    return transport.send(call, expected);
  }

  private <T> List<T> pages(
      String doing, String path, IntFunction<String> query, String name, Class<T> record) {
    List<T> all = new ArrayList<>();
    while (true) {
      Answer answer = send(Call.get(doing, path + query.apply(all.size())));
      List<T> page = answer.list(name, record);
      all.addAll(page);
      if (page.isEmpty() || all.size() >= answer.json().path("total_entries").asInt()) {
        return all;
      }
    }
  }

  /** How its processes are. */
  public Health health() {
    return send(Call.get("ask Airflow for its health", Call.path("monitor", "health")))
        .as(Health.class);
  }

  /** Files of DAGs that could not be read. */
  public List<ImportError> importErrors() {
    return pages(
        "list import errors",
        Call.path("importErrors"),
        offset -> Call.query("limit", PAGE, "offset", offset),
        "import_errors",
        ImportError.class);
  }

  /** The DAGs that have a tag, by id. */
  public List<Dag> dags(String tag) {
    return pages(
        "list DAGs",
        Call.path("dags"),
        offset -> Call.query("tags", tag, "order_by", "dag_id", "limit", PAGE, "offset", offset),
        "dags",
        Dag.class);
  }

  /**
   * A DAG.
   *
   * @param doing what for
   * @throws PlatformException NOT_FOUND with the import errors that there are
   */
  public Dag dag(String doing, String dag) {
    Answer answer = send(Call.get(doing, Call.path("dags", dag)), NOT_FOUND);
    if (answer.status() == NOT_FOUND) {
      throw noDag(doing, dag);
    }
    return answer.as(Dag.class);
  }

  /** That a DAG is not there, with the import errors that there are. */
  public PlatformException noDag(String doing, String dag) {
    List<ImportError> errors = importErrors();
    StringBuilder why = new StringBuilder();
    why.append("Cannot %s: Airflow %s has no DAG %s.".formatted(doing, server(), dag));
    if (errors.isEmpty()) {
      why.append(" See that its file is in the folder of DAGs; a new file is read within minutes.");
    } else {
      why.append(" It could not read ").append(errors.size()).append(" files: ");
      why.append(
          String.join("; ", errors.stream().limit(SHOWN).map(ImportError::toString).toList()));
      why.append(errors.size() > SHOWN ? " …" : "").append(". Correct them.");
    }
    return new PlatformException(ErrorCode.NOT_FOUND, why.toString());
  }

  /** That a DAG's file can't be read any more: no run of it is started then. */
  public PlatformException broken(String doing, Dag dag) {
    List<ImportError> errors =
        importErrors().stream().filter(error -> dag.fileloc().endsWith(error.filename())).toList();
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot %s: its file can't be read any more, and no run of it is started. Correct %s"
            .formatted(doing, errors.isEmpty() ? dag.fileloc() : errors.get(0)));
  }

  /** Lets the runs of a DAG go on. */
  public void unpause(String dag) {
    send(
        Call.idempotent(
            "unpause DAG " + dag,
            "PATCH",
            Call.path("dags", dag) + Call.query("update_mask", "is_paused"),
            Map.of("is_paused", false)));
  }

  /** A run; empty where there is none. */
  public Optional<DagRun> run(String dag, String run) {
    Answer answer =
        send(Call.get("look for run " + run, Call.path("dags", dag, "dagRuns", run)), NOT_FOUND);
    return answer.status() == NOT_FOUND ? Optional.empty() : Optional.of(answer.as(DagRun.class));
  }

  /** The run of a DAG that came last. */
  public Optional<DagRun> lastRun(String dag) {
    return send(
            Call.get(
                "list runs of DAG " + dag,
                Call.path("dags", dag, "dagRuns")
                    + Call.query("order_by", "-run_after", "limit", 1)))
        .list("dag_runs", DagRun.class)
        .stream()
        .findFirst();
  }

  /** The runs whose logical dates are in a span, both ends included, by these dates. */
  public List<DagRun> runs(String dag, Instant from, Instant to) {
    return pages(
        "list runs of DAG " + dag,
        Call.path("dags", dag, "dagRuns"),
        offset ->
            Call.query(
                "logical_date_gte", from,
                "logical_date_lte", to,
                "order_by", "logical_date",
                "limit", PAGE,
                "offset", offset),
        "dag_runs",
        DagRun.class);
  }

  /** The runs in whose conf a text stands, the newest first. */
  public List<DagRun> runsWith(String dag, String text) {
    return pages(
        "list runs of DAG " + dag,
        Call.path("dags", dag, "dagRuns"),
        offset ->
            Call.query(
                "conf_contains", text,
                "order_by", "-run_after",
                "limit", PAGE,
                "offset", offset),
        "dag_runs",
        DagRun.class);
  }

  /** The runs that assets started, the newest first, of one page. */
  public List<DagRun> runsByAssets(String dag) {
    return send(Call.get(
            "list runs of DAG " + dag,
            Call.path("dags", dag, "dagRuns")
                + Call.query(
                    "run_type", DagRun.BY_ASSETS, "order_by", "-run_after", "limit", PAGE)))
        .list("dag_runs", DagRun.class);
  }

  /** What the events of assets that started a run say of the interval that they are about. */
  public List<String> intervalsOfEvents(DagRun run) {
    List<String> intervals = new ArrayList<>();
    send(Call.get(
            "read what started run " + run.dagRunId(),
            Call.path("dags", run.dagId(), "dagRuns", run.dagRunId(), "upstreamAssetEvents")))
        .json()
        .path("asset_events")
        .forEach(
            event -> {
              String interval = event.path("extra").path("interval").asText();
              if (!interval.isEmpty()) {
                intervals.add(interval);
              }
            });
    return intervals;
  }

  /**
   * A run that was triggered.
   *
   * @param isNew false where it was there
   */
  public record Triggered(DagRun run, boolean isNew) {}

  /**
   * Starts a run under an id, once however often it is asked.
   *
   * @param logicalDate empty where the run needs none
   * @throws PlatformException REFUSED where another run has the id or the logical date
   */
  public Triggered trigger(
      String dag, String run, Map<String, Object> conf, Optional<Instant> logicalDate) {
    String doing = "trigger DAG " + dag;
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("dag_run_id", run);
    // It must be there, and may be null.
    body.put("logical_date", logicalDate.<Object>map(Instant::toString).orElse(NullNode.instance));
    body.put("conf", conf);
    Answer answer =
        send(
            Call.idempotent(doing, "POST", Call.path("dags", dag, "dagRuns"), body),
            NOT_FOUND,
            CONFLICT);
    if (answer.status() == NOT_FOUND) {
      throw noDag(doing, dag);
    }
    if (answer.status() != CONFLICT) {
      return new Triggered(answer.as(DagRun.class), true);
    }
    // The server hides which of both is taken.
    DagRun there =
        run(dag, run)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.REFUSED,
                        "Cannot %s as %s: another run of it has the logical date %s. Clear that one, or name another date."
                            .formatted(doing, run, logicalDate.map(Instant::toString).orElse(""))));
    if (!there.conf().equals(conf) || !there.logicalDate().equals(logicalDate)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot %s as %s: there is such a run (%s), with another conf or logical date: %s. To run that one again, clear it: tributary airflow clear %s %s. For another run, name another --run-id."
              .formatted(doing, run, there.state(), confOf(there), dag, run));
    }
    return new Triggered(there, false);
  }

  private static String confOf(DagRun run) {
    return Json.write(run.conf()) + run.logicalDate().map(date -> " " + date).orElse("");
  }

  /** The tasks of a run. */
  public List<TaskInstance> tasks(String dag, String run) {
    return pages(
        "list tasks of run " + run,
        Call.path("dags", dag, "dagRuns", run, "taskInstances"),
        offset -> Call.query("limit", PAGE, "offset", offset),
        "task_instances",
        TaskInstance.class);
  }

  /**
   * What a task wrote in one of its tries, message by message, as it comes; nothing where it has no
   * log. A log is large: it is never held whole.
   */
  public void log(String dag, TaskInstance task, int attempt, Consumer<LogMessage> out) {
    Call call =
        Call.lines(
            "read the log of task " + task.name(),
            Call.path(
                    "dags",
                    dag,
                    "dagRuns",
                    task.dagRunId(),
                    "taskInstances",
                    task.taskId(),
                    "logs",
                    "" + attempt)
                + Call.query("full_content", true, "map_index", task.mapIndex()),
            line -> out.accept(LogMessage.parse(line)));
    Answer answer = send(call, NOT_FOUND);
    if (answer.status() != NOT_FOUND && !answer.body().isEmpty()) {
      throw answer.noAirflow();
    }
  }

  /** The exit code that a task's process ended with; empty where the task has told none. */
  public Optional<Integer> exitCode(String dag, TaskInstance task) {
    Answer answer =
        send(
            Call.get(
                "read how task " + task.name() + " ended",
                Call.path(
                        "dags",
                        dag,
                        "dagRuns",
                        task.dagRunId(),
                        "taskInstances",
                        task.taskId(),
                        "xcomEntries",
                        "exit_code")
                    + Call.query("map_index", task.mapIndex())),
            NOT_FOUND);
    if (answer.status() == NOT_FOUND) {
      return Optional.empty();
    }
    JsonNode value = answer.json().path("value");
    return value.asText().matches("\\d{1,3}") ? Optional.of(value.asInt()) : Optional.empty();
  }

  /**
   * Which tasks of a run are to be cleared.
   *
   * @param tasks all where it is empty
   * @param downstream also those that need them
   * @param onlyFailed none but failed ones, and those that did not run because of them
   */
  public record Clearing(
      String dag, String run, List<String> tasks, boolean downstream, boolean onlyFailed) {
    private Map<String, Object> body(boolean dryRun) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("dry_run", dryRun);
      body.put("dag_run_id", run);
      body.put("only_failed", onlyFailed);
      body.put("reset_dag_runs", true);
      body.put("include_downstream", downstream);
      if (!tasks.isEmpty()) {
        body.put("task_ids", tasks);
      }
      return body;
    }
  }

  /** What would be cleared. */
  public List<TaskInstance> wouldClear(Clearing clearing) {
    return send(Call.idempotent(
            "clear run " + clearing.run(),
            "POST",
            Call.path("dags", clearing.dag(), "clearTaskInstances"),
            clearing.body(true)))
        .list("task_instances", TaskInstance.class);
  }

  /** Clears tasks, so that they run again, and their run goes on. */
  public List<TaskInstance> clear(Clearing clearing) {
    return send(Call.once(
            "clear run " + clearing.run(),
            "POST",
            Call.path("dags", clearing.dag(), "clearTaskInstances"),
            clearing.body(false)))
        .list("task_instances", TaskInstance.class);
  }

  /**
   * A backfill that is asked for.
   *
   * @param from the first logical date
   * @param to the last one, included
   * @param reprocess which runs that are there run again: {@code none}, {@code failed}, {@code
   *     completed}
   */
  public record Span(String dag, Instant from, Instant to, int maxActive, String reprocess) {
    private Map<String, Object> body() {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("dag_id", dag);
      body.put("from_date", from);
      body.put("to_date", to);
      body.put("max_active_runs", maxActive);
      body.put("reprocess_behavior", reprocess);
      body.put("run_backwards", false);
      return body;
    }

    private boolean isThatOf(Backfill other) {
      return other.fromDate().equals(from)
          && other.toDate().equals(to)
          && other.maxActiveRuns() == maxActive
          && other.reprocessBehavior().equals(reprocess);
    }
  }

  /** The logical dates for which a backfill would start runs. */
  public List<Instant> wouldBackfill(Span span) {
    List<Instant> dates = new ArrayList<>();
    Answer answer =
        send(
            Call.idempotent(
                "backfill DAG " + span.dag(),
                "POST",
                Call.path("backfills", "dry_run"),
                span.body()),
            NOT_FOUND);
    if (answer.status() == NOT_FOUND) {
      throw noDag("backfill DAG " + span.dag(), span.dag());
    }
    answer
        .json()
        .path("backfills")
        .forEach(run -> dates.add(Instant.parse(run.path("logical_date").asText())));
    return dates;
  }

  /**
   * Starts a backfill. Where the same one goes on already it is that one. Where the answer is lost
   * it is looked for, and asked for again only where it is not there. The server keeps it before
   * its runs, which are waited for.
   *
   * @throws PlatformException REFUSED where another one of the DAG goes on; SERVER where it has no
   *     runs
   */
  public Backfill backfill(Span span) {
    long newest = backfills(span.dag()).stream().mapToLong(Backfill::id).max().orElse(-1);
    return transport.patiently(() -> started(span, newest));
  }

  private Backfill started(Span span, long newest) {
    String doing = "backfill DAG " + span.dag();
    Answer answer;
    try {
      answer = send(Call.once(doing, "POST", Call.path("backfills"), span.body()), CONFLICT);
    } catch (PlatformException e) {
      if (!(e.getCause() instanceof Lost)) {
        throw e;
      }
      return withRuns(
          backfills(span.dag()).stream()
              .filter(found -> found.id() > newest && span.isThatOf(found))
              .findFirst()
              .orElseThrow(() -> e));
    }
    if (answer.status() != CONFLICT) {
      return answer.as(Backfill.class);
    }
    Backfill running =
        backfills(span.dag()).stream()
            .filter(other -> other.completedAt().isEmpty())
            .findFirst()
            .orElseThrow(answer::error);
    if (!span.isThatOf(running)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot %s: its backfill %d is %s, and there may be one at a time. Wait for it (tributary airflow backfill watch), or end it (tributary airflow backfill cancel)."
              .formatted(doing, running.id(), running.state()));
    }
    return withRuns(running);
  }

  /** A backfill whose runs were queued after it was kept. */
  private Backfill withRuns(Backfill backfill) {
    boolean hasRuns =
        runs(backfill.dagId(), backfill.fromDate(), backfill.toDate()).stream()
            .filter(run -> run.runType().equals("backfill"))
            .flatMap(run -> run.queuedAt().stream())
            .anyMatch(queued -> !queued.isBefore(backfill.createdAt()));
    if (!hasRuns) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot backfill DAG %s: its backfill %d is there without runs, as of a server that was ended while it made them. End it (tributary airflow backfill cancel %d), and ask again."
              .formatted(backfill.dagId(), backfill.id(), backfill.id()),
          Lost.unknown("backfill %d has no runs".formatted(backfill.id()), null));
    }
    return backfill;
  }

  /** The backfills of a DAG, the newest first. */
  public List<Backfill> backfills(String dag) {
    return pages(
        "list backfills of DAG " + dag,
        Call.path("backfills"),
        offset -> Call.query("dag_id", dag, "order_by", "-id", "limit", PAGE, "offset", offset),
        "backfills",
        Backfill.class);
  }

  public Backfill backfill(long id) {
    return send(Call.get("look for backfill " + id, Call.path("backfills", "" + id)))
        .as(Backfill.class);
  }

  /** What may be done with a backfill that goes on. */
  public enum BackfillChange {
    PAUSE,
    UNPAUSE,
    CANCEL;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private boolean isDone(Backfill backfill) {
      return switch (this) {
        case PAUSE -> backfill.isPaused() && backfill.completedAt().isEmpty();
        case UNPAUSE -> !backfill.isPaused() && backfill.completedAt().isEmpty();
        case CANCEL -> backfill.completedAt().isPresent();
      };
    }
  }

  /**
   * Changes a backfill; one that is so already stays so, and one that has completed is cancelled by
   * nothing.
   *
   * @throws PlatformException REFUSED where it is to be paused or unpaused, and has completed
   */
  public Backfill change(long id, BackfillChange change) {
    Answer answer =
        send(
            Call.idempotent(
                change.text() + " backfill " + id,
                "PUT",
                Call.path("backfills", "" + id, change.text()),
                Map.of()),
            CONFLICT);
    if (answer.status() != CONFLICT) {
      return answer.as(Backfill.class);
    }
    Backfill there = backfill(id);
    if (!change.isDone(there)) {
      throw answer.error();
    }
    return there;
  }

  /** A pool; empty where there is none. */
  public Optional<Pool> pool(String name) {
    Answer answer = send(Call.get("look for pool " + name, Call.path("pools", name)), NOT_FOUND);
    return answer.status() == NOT_FOUND ? Optional.empty() : Optional.of(answer.as(Pool.class));
  }

  /** Makes a pool; where somebody else was faster it is theirs. */
  public Pool makePool(String name, int slots, String description) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    body.put("slots", slots);
    body.put("description", description);
    body.put("include_deferred", false);
    Answer answer =
        send(Call.idempotent("make pool " + name, "POST", Call.path("pools"), body), CONFLICT);
    return answer.status() == CONFLICT
        ? pool(name).orElseThrow(answer::error)
        : answer.as(Pool.class);
  }

  /** Gives a pool another number of slots, of which deferred tasks take none. */
  public Pool resizePool(String name, int slots) {
    return send(Call.idempotent(
            "resize pool " + name,
            "PATCH",
            Call.path("pools", name)
                + Call.query("update_mask", "slots", "update_mask", "include_deferred"),
            // The server wants the rest of it too, which its own description does not say.
            Map.of("pool", name, "slots", slots, "include_deferred", false)))
        .as(Pool.class);
  }
}
