package io.tributary.console;

import io.tributary.console.airflow.Airflow;
import io.tributary.console.airflow.Airflow.Clearing;
import io.tributary.console.airflow.Airflow.Triggered;
import io.tributary.console.airflow.Backfill;
import io.tributary.console.airflow.Dag;
import io.tributary.console.airflow.DagRun;
import io.tributary.console.airflow.Following;
import io.tributary.console.airflow.Health;
import io.tributary.console.airflow.ImportError;
import io.tributary.console.airflow.Nights;
import io.tributary.console.airflow.Patience;
import io.tributary.console.airflow.Pool;
import io.tributary.console.airflow.TaskInstance;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary airflow}: what an Airflow does for the project, and what it is asked to do. */
final class AirflowCommand {
  private AirflowCommand() {}

  /** Where lines for people go: none under {@code --json}, which prints one object at the end. */
  static Consumer<String> lines(ProjectOptions options) {
    return line -> {
      if (!options.json()) {
        options.out().println(line);
        options.out().flush();
      }
    };
  }

  /** Says how a run ended; gives the exit code. */
  static int end(ProjectOptions options, AirflowProject at, Following.Ended ended) {
    DagRun run = ended.run();
    if (options.json()) {
      Map<String, Object> json = described(at, run);
      json.put("exitCode", ended.exitCode());
      ended.failed().ifPresent(task -> json.put("failed", task));
      ended.reason().ifPresent(reason -> json.put("reason", reason));
      options.print(json);
    } else if (run.hasFailed()) {
      lines(options)
          .accept(
              "Run %s failed%s. Read on: tributary airflow logs %s %s; mend it, then: tributary airflow clear %s %s --only-failed"
                  .formatted(
                      run.dagRunId(),
                      ended.failed().map(task -> " by task " + task).orElse(""),
                      run.dagId(),
                      run.dagRunId(),
                      run.dagId(),
                      run.dagRunId()));
    } else {
      lines(options)
          .accept(
              "Run %s: %s%s"
                  .formatted(
                      run.dagRunId(),
                      run.state(),
                      ended.reason().map(reason -> ", but " + reason).orElse("")));
    }
    return ended.exitCode();
  }

  /** A run as an object. */
  static Map<String, Object> described(AirflowProject at, DagRun run) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dag", run.dagId());
    json.put("run", run.dagRunId());
    json.put("state", run.state());
    json.put("type", run.runType());
    at.nights().of(run).ifPresent(night -> json.put("night", night.toString()));
    return json;
  }

  /** {@code tributary airflow status}. */
  @Command(
      description = {
        "How the Airflow is that runs the project: its processes, files of DAGs that it can't read, the project's DAGs",
        "with their last runs, running backfills, the pool. It ends with 4 where a process is not healthy."
      })
  static final class Status implements Callable<Integer> {
    @Mixin private ProjectOptions options;

    /** What is known of a DAG. */
    private record Row(Dag dag, Optional<DagRun> last, List<Backfill> backfills) {}

    @Override
    public Integer call() {
      AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
      Airflow airflow = at.airflow();
      String version = airflow.version();
      Health health = airflow.health();
      List<ImportError> errors = airflow.importErrors();
      List<Row> rows =
          airflow.dags(at.tag()).stream()
              .map(
                  dag ->
                      new Row(
                          dag,
                          airflow.lastRun(dag.dagId()),
                          airflow.backfills(dag.dagId()).stream()
                              .filter(b -> b.completedAt().isEmpty())
                              .toList()))
              .toList();
      Optional<Pool> pool = airflow.pool(at.pool());
      if (options.json()) {
        options.print(json(at, version, health, errors, rows, pool));
      } else {
        print(at, version, health, errors, rows, pool);
      }
      return health.isWorking() ? 0 : ErrorGroup.EXTERNAL.exitCode();
    }

    private void print(
        AirflowProject at,
        String version,
        Health health,
        List<ImportError> errors,
        List<Row> rows,
        Optional<Pool> pool) {
      Consumer<String> lines = lines(options);
      lines.accept(
          "Airflow %s at %s: %s"
              .formatted(
                  version,
                  at.airflow().server(),
                  health.parts().entrySet().stream()
                      .map(part -> part.getKey() + " " + part.getValue())
                      .collect(Collectors.joining(", "))));
      errors.forEach(error -> lines.accept("It can't read " + error));
      lines.accept(
          pool.map(
                  p ->
                      "Pool %s: %d of %d slots taken, %d tasks wait"
                          .formatted(p.name(), p.occupiedSlots(), p.slots(), p.queuedSlots()))
              .orElse(
                  "There is no pool %s. Make it: tributary airflow setup".formatted(at.pool())));
      if (rows.isEmpty()) {
        lines.accept(
            "No DAG has the tag %s. See that the project's file is in the folder of DAGs."
                .formatted(at.tag()));
        return;
      }
      lines.accept("");
      TextTable table =
          new TextTable("DAG", "SCHEDULE", "PAUSED", "LAST RUN", "NIGHT", "STATE", "NEXT RUN");
      for (Row row : rows) {
        table.add(
            row.dag().dagId(),
            row.dag().timetableSummary().orElse("none"),
            row.dag().isPaused() ? "yes" : "no",
            row.last().map(DagRun::dagRunId).orElse(""),
            row.last().flatMap(at.nights()::of).map(LocalDate::toString).orElse(""),
            row.last().map(DagRun::state).orElse(""),
            row.dag().nextDagrunRunAfter().map(Instant::toString).orElse(""));
      }
      table.print(options.out());
      for (Row row : rows) {
        if (row.dag().hasImportErrors()) {
          lines.accept(
              "DAG %s is of a file that can't be read since.".formatted(row.dag().dagId()));
        }
        row.backfills().forEach(b -> lines.accept(BackfillCommand.line(at, b)));
      }
    }

    private static Map<String, Object> json(
        AirflowProject at,
        String version,
        Health health,
        List<ImportError> errors,
        List<Row> rows,
        Optional<Pool> pool) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("server", at.airflow().server());
      json.put("version", version);
      json.put("working", health.isWorking());
      json.put("health", health.parts());
      json.put(
          "importErrors",
          errors.stream()
              .map(error -> Map.of("file", error.filename(), "reason", error.reason()))
              .toList());
      pool.ifPresent(
          p ->
              json.put(
                  "pool",
                  Map.of(
                      "name", p.name(),
                      "slots", p.slots(),
                      "occupied", p.occupiedSlots(),
                      "queued", p.queuedSlots())));
      List<Object> dags = new ArrayList<>();
      for (Row row : rows) {
        Map<String, Object> dag = new LinkedHashMap<>();
        dag.put("dag", row.dag().dagId());
        dag.put("file", row.dag().fileloc());
        dag.put("paused", row.dag().isPaused());
        dag.put("hasImportErrors", row.dag().hasImportErrors());
        row.dag().timetableSummary().ifPresent(schedule -> dag.put("schedule", schedule));
        row.dag().nextDagrunRunAfter().ifPresent(next -> dag.put("next", next));
        row.last().ifPresent(run -> dag.put("last", described(at, run)));
        dag.put(
            "backfills",
            row.backfills().stream().map(b -> BackfillCommand.described(at, b)).toList());
        dags.add(dag);
      }
      json.put("dags", dags);
      return json;
    }
  }

  /** {@code tributary airflow trigger}. */
  @Command(
      description = {
        "Starts a run of a DAG, of the project's pipeline where none is named. Its id is made from the night, or from its conf:",
        "what is there already is not started twice, and its state is told. With --follow it stays until the run has ended,",
        "and ends as that did; without, it ends with 0 also where the run is there and has failed."
      })
  static final class Trigger implements Callable<Integer> {
    @Mixin private ProjectOptions options;
    @Mixin private AirflowProject.Staying staying;

    @Parameters(
        arity = "0..1",
        paramLabel = "DAG",
        description = "Its id, or the last word of one of the project's: train, retrain …")
    private String dag;

    @Option(names = "--night", paramLabel = "DAY", description = "The night to run.")
    private String night;

    @Option(
        names = "--conf",
        paramLabel = "KEY=VALUE",
        description = "What the run is told, as text; may be repeated.")
    private Map<String, String> conf = Map.of();

    @Option(
        names = "--run-id",
        paramLabel = "ID",
        description = "Its id; needed for a second run with the same conf.")
    private String id;

    @Option(
        names = "--logical-date",
        paramLabel = "INSTANT",
        description = "Its logical date, for a DAG that needs one; no two runs have the same.")
    private String logicalDate;

    @Option(names = "--unpause", description = "Unpause the DAG where it is paused.")
    private boolean unpause;

    @Option(
        names = "--follow",
        description = "Stay until it has ended, as tributary airflow follow.")
    private boolean follow;

    @Override
    public Integer call() {
      AirflowProject at =
          AirflowProject.of(options, follow ? staying.patience() : Patience.ofCommand());
      String id = at.dag("trigger a DAG", Optional.ofNullable(dag));
      Dag known = at.airflow().dag("trigger DAG " + id, id);
      Map<String, Object> told = conf(id);
      Optional<DagRun> other = otherOfNight(at, id);
      if (other.isPresent()) {
        return there(at, other.get());
      }
      if (known.isPaused() && unpause) {
        at.airflow().unpause(id);
      } else if (known.isPaused()) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "Cannot trigger DAG %s: it is paused, and the run would wait until it is not. Add --unpause."
                .formatted(id));
      }
      if (known.hasImportErrors()) {
        throw at.airflow().broken("trigger DAG " + id, known);
      }
      Triggered triggered =
          at.airflow()
              .trigger(
                  id,
                  runId(told),
                  told,
                  Optional.ofNullable(logicalDate)
                      .map(text -> Interval.instant(text, at.project().zone())));
      if (!triggered.isNew()) {
        return there(at, triggered.run());
      }
      if (!follow && options.json()) {
        Map<String, Object> json = described(at, triggered.run());
        json.put("new", true);
        options.print(json);
      }
      lines(options).accept("Triggered %s of DAG %s".formatted(triggered.run().dagRunId(), id));
      return follow ? follow(at, triggered.run()) : 0;
    }

    private int follow(AirflowProject at, DagRun run) {
      return end(
          options, at, staying.following(at, lines(options)).follow(run.dagId(), run.dagRunId()));
    }

    /** A run that is there is told of, and followed where that is asked. */
    private int there(AirflowProject at, DagRun run) {
      lines(options)
          .accept(
              "Run %s of DAG %s is there: %s.%s"
                  .formatted(
                      run.dagRunId(),
                      run.dagId(),
                      run.state(),
                      run.hasEnded()
                          ? " To run it again: tributary airflow clear %s %s"
                              .formatted(run.dagId(), run.dagRunId())
                          : ""));
      if (follow) {
        return follow(at, run);
      }
      if (options.json()) {
        Map<String, Object> json = described(at, run);
        json.put("new", false);
        options.print(json);
      }
      return 0;
    }

    /** The night that is named, by its option or in conf. */
    private Optional<String> night() {
      return Optional.ofNullable(night).or(() -> Optional.ofNullable(conf.get("night")));
    }

    /** A run of the same night under another id, as its schedule or a backfill made it. */
    private Optional<DagRun> otherOfNight(AirflowProject at, String id) {
      return this.id != null || logicalDate != null || !Set.of("night").containsAll(conf.keySet())
          ? Optional.empty()
          : night()
              .flatMap(
                  named ->
                      at.dag(id).runs(Nights.parse(named)).stream()
                          .filter(run -> !run.dagRunId().equals("night__" + named))
                          .findFirst());
    }

    private Map<String, Object> conf(String id) {
      Map<String, Object> told = new TreeMap<>(conf);
      if (night != null) {
        String before = conf.getOrDefault("night", night);
        if (!before.equals(night)) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot trigger DAG %s: --night is %s and --conf night is %s. Write one."
                  .formatted(id, night, before));
        }
      }
      night().ifPresent(named -> told.put("night", Nights.parse(named).toString()));
      return told;
    }

    private String runId(Map<String, Object> told) {
      if (id != null) {
        return id;
      }
      return night()
          .map(named -> "night__" + named)
          .orElseGet(() -> "conf__" + Digest.of(Json.write(told)).shortHex());
    }
  }

  /** {@code tributary airflow follow}. */
  @Command(
      description = {
        "Stays until a run has ended, and says each step of each task once, and why one failed. It ends with 0, or with",
        "the exit code of the task that failed first: 2 a definition is wrong, 3 the data is, 4 something outside failed."
      })
  static final class Follow implements Callable<Integer> {
    @Mixin private ProjectOptions options;
    @Mixin private AirflowProject.Staying staying;

    @Parameters(
        arity = "1..2",
        paramLabel = "[DAG] RUN",
        description =
            "A run's id, or the day of a night; of the pipeline's DAG where none is named.")
    private List<String> words;

    @Override
    public Integer call() {
      AirflowProject at = AirflowProject.of(options, staying.patience());
      AirflowProject.Words named = at.words("follow a run", words, 1);
      DagRun run = at.run("follow the run", named.dag(), required("follow a run", named));
      return end(
          options, at, staying.following(at, lines(options)).follow(run.dagId(), run.dagRunId()));
    }
  }

  /** The run that words must name. */
  private static String required(String doing, AirflowProject.Words named) {
    return named.rest().stream()
        .findFirst()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_REQUEST,
                    "Cannot %s of DAG %s: none is named. Name its id, or the day of a night."
                        .formatted(doing, named.dag())));
  }

  /** {@code tributary airflow logs}. */
  @Command(
      description = {
        "What the tasks of a run wrote, in their last try or in one that is named. With --json a line for each task,",
        "and behind it one for each of its messages, as Airflow has it."
      })
  static final class Logs implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        arity = "1..3",
        paramLabel = "[DAG] RUN [TASK]",
        description = "A run's id, or the day of a night; one task of it, or all.")
    private List<String> words;

    @Option(names = "--try", paramLabel = "N", description = "Which try (default: the last).")
    private Integer attempt;

    @Override
    public void run() {
      AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
      AirflowProject.Words named = at.words("read logs", words, 2);
      DagRun run = at.run("read logs of the run", named.dag(), required("read logs", named));
      List<TaskInstance> all = at.airflow().tasks(run.dagId(), run.dagRunId());
      List<TaskInstance> tasks = all;
      if (named.rest().size() > 1) {
        String task = named.rest().get(1);
        tasks = all.stream().filter(t -> t.taskId().equals(task) || t.name().equals(task)).toList();
        if (tasks.isEmpty()) {
          throw new PlatformException(
              ErrorCode.NOT_FOUND,
              "Cannot read the log of task %s: run %s has no such task. It has %s."
                  .formatted(task, run.dagRunId(), all.stream().map(TaskInstance::name).toList()));
        }
      }
      for (TaskInstance task : tasks) {
        int read = attempt == null ? task.tryNumber() : attempt;
        boolean tried = task.tryNumber() >= 1 && read >= 1 && read <= task.tryNumber();
        if (options.json()) {
          printJson(at, run, task, read, tried);
        } else {
          print(at, run, task, read, tried, tasks.size() > 1);
        }
      }
    }

    /** A log is large: its messages are printed as they come, each with what it is of. */
    private void printJson(
        AirflowProject at, DagRun run, TaskInstance task, int read, boolean tried) {
      Map<String, Object> line = described(at, run);
      line.put("task", task.name());
      line.put("try", read);
      line.put("taskState", task.state().orElse("none"));
      options.print(line);
      if (tried) {
        line.keySet().retainAll(Set.of("task", "try"));
        at.airflow()
            .log(
                run.dagId(),
                task,
                read,
                message -> {
                  line.put("message", message.json());
                  options.print(line);
                });
      }
    }

    private void print(
        AirflowProject at, DagRun run, TaskInstance task, int read, boolean tried, boolean titled) {
      Consumer<String> lines = lines(options);
      if (titled) {
        lines.accept("== %s, try %d: %s".formatted(task.name(), read, task.state().orElse("none")));
      }
      if (task.tryNumber() < 1) {
        lines.accept(
            "Task %s never started (%s), so it has no log."
                .formatted(task.name(), task.state().orElse("nothing is decided")));
      } else if (!tried) {
        lines.accept(
            "Task %s has no try %d: it was tried %d times."
                .formatted(task.name(), read, task.tryNumber()));
      } else {
        AtomicLong messages = new AtomicLong();
        at.airflow()
            .log(
                run.dagId(),
                task,
                read,
                message -> {
                  messages.incrementAndGet();
                  message.lines().forEach(lines);
                });
        if (messages.get() == 0) {
          lines.accept("Task %s has no log of try %d.".formatted(task.name(), read));
        }
      }
    }
  }

  /** {@code tributary airflow clear}. */
  @Command(
      description = {
        "Lets tasks of a run go again: all, or those that are named, or that failed. Finished work is found by each step and",
        "not done twice. It says what is cleared; --dry-run clears nothing."
      })
  static final class Clear implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        arity = "0..2",
        paramLabel = "[DAG] [RUN]",
        description = "A run's id, or the day of a night.")
    private List<String> words = List.of();

    @Option(names = "--night", paramLabel = "DAY", description = "The run of this night.")
    private String night;

    @Option(names = "--task", paramLabel = "TASK", description = "This task; may be repeated.")
    private List<String> tasks = List.of();

    @Option(names = "--downstream", description = "Also the tasks that need these.")
    private boolean downstream;

    @Option(
        names = "--only-failed",
        description = "Only what failed, or did not run because of it.")
    private boolean onlyFailed;

    @Option(names = "--dry-run", description = "Say what would be cleared, and clear nothing.")
    private boolean dryRun;

    @Override
    public void run() {
      AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
      AirflowProject.Words named = at.words("clear a run", words, 1);
      if (night != null && !named.rest().isEmpty()) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot clear run %s and night %s: they are two. Name one."
                .formatted(named.rest().get(0), night));
      }
      DagRun run =
          at.run(
              "clear the run",
              named.dag(),
              night == null ? required("clear a run", named) : Nights.parse(night).toString());
      Clearing clearing = new Clearing(run.dagId(), run.dagRunId(), tasks, downstream, onlyFailed);
      List<TaskInstance> would = at.airflow().wouldClear(clearing);
      List<String> active =
          at.airflow().tasks(run.dagId(), run.dagRunId()).stream()
              .filter(TaskInstance::isActive)
              .map(task -> "%s is %s".formatted(task.name(), task.state().orElseThrow()))
              .toList();
      if (!active.isEmpty()) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "Cannot clear run %s: %s. Wait for it: tributary airflow follow %s %s."
                .formatted(run.dagRunId(), String.join(", ", active), run.dagId(), run.dagRunId()));
      }
      List<TaskInstance> cleared = dryRun || would.isEmpty() ? would : at.airflow().clear(clearing);
      if (options.json()) {
        Map<String, Object> json = described(at, run);
        json.put("dryRun", dryRun);
        json.put("cleared", cleared.stream().map(TaskInstance::name).toList());
        options.print(json);
        return;
      }
      would.forEach(
          task ->
              lines(options).accept("%s: %s".formatted(task.name(), task.state().orElse("none"))));
      lines(options)
          .accept(
              cleared.isEmpty()
                  ? "Nothing of run %s is to be cleared.".formatted(run.dagRunId())
                  : "%s %d tasks of run %s%s"
                      .formatted(
                          dryRun ? "Would clear" : "Cleared",
                          cleared.size(),
                          run.dagRunId(),
                          dryRun
                              ? ""
                              : ". Follow it: tributary airflow follow %s %s"
                                  .formatted(run.dagId(), run.dagRunId())));
    }
  }

  /** {@code tributary airflow setup}. */
  @Command(
      description = {
        "Prepares an Airflow for the project: looks at its version and its DAGs, and makes the pool with one slot in which",
        "their tasks run one after the other. What is there already stays."
      })
  static final class Setup implements Runnable {
    @Mixin private ProjectOptions options;

    @Option(
        names = "--force",
        description =
            "Give a pool that has another number of slots one, for tasks that are not deferred.")
    private boolean force;

    @Override
    public void run() {
      AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
      Airflow airflow = at.airflow();
      Consumer<String> lines = lines(options);
      lines.accept("Airflow %s at %s".formatted(airflow.version(), airflow.server()));
      String did = pool(at);
      List<String> there = airflow.dags(at.tag()).stream().map(Dag::dagId).toList();
      List<String> missing =
          Stream.concat(at.project().pipelines().keySet().stream(), AirflowProject.FURTHER.stream())
              .map(at::id)
              .filter(id -> !there.contains(id))
              .toList();
      if (options.json()) {
        options.print(
            Map.of(
                "version", airflow.version(),
                "pool", at.pool(),
                "did", did,
                "dags", there,
                "missing", missing));
      }
      lines.accept("Pool %s, one slot: %s".formatted(at.pool(), did));
      lines.accept("DAGs: " + (there.isEmpty() ? "none" : String.join(", ", there)));
      missing.stream()
          .filter(id -> at.project().pipelines().containsKey(id.substring(id.indexOf('.') + 1)))
          .findFirst()
          .ifPresent(
              id -> {
                throw airflow.noDag("set up project " + at.project().name(), id);
              });
      if (!missing.isEmpty()) {
        lines.accept("Not there: " + String.join(", ", missing));
      }
    }

    private String pool(AirflowProject at) {
      Airflow airflow = at.airflow();
      Optional<Pool> known = airflow.pool(at.pool());
      Pool pool =
          known.orElseGet(
              () ->
                  airflow.makePool(
                      at.pool(),
                      1,
                      "One task of project %s at a time.".formatted(at.project().name())));
      if (pool.slots() == 1 && !pool.includeDeferred()) {
        return known.isPresent() ? "kept" : "made";
      }
      if (!force) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "Cannot set up pool %s: it %s. Add --force to give it one."
                .formatted(pool.name(), problem(pool)));
      }
      airflow.resizePool(pool.name(), 1);
      return pool.slots() == 1
          ? "deferred tasks take it no more"
          : "resized, from %d slots".formatted(pool.slots());
    }

    private static String problem(Pool pool) {
      if (pool.slots() == 0) {
        return "has 0 slots, and nothing would run";
      }
      if (pool.slots() == 1) {
        return "has a slot that deferred tasks take too, and nothing would run while a sensor waits";
      }
      return (pool.slots() < 0 ? "has no limit" : "has %d slots".formatted(pool.slots()))
          + ", and two runs at once would meet on the same tables";
    }
  }
}
