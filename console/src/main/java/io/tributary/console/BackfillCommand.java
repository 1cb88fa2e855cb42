package io.tributary.console;

import io.tributary.console.airflow.Airflow.BackfillChange;
import io.tributary.console.airflow.Backfill;
import io.tributary.console.airflow.Dag;
import io.tributary.console.airflow.DagRun;
import io.tributary.console.airflow.Heartbeat;
import io.tributary.console.airflow.NightlyDag;
import io.tributary.console.airflow.Nights;
import io.tributary.console.airflow.Patience;
import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tributary airflow backfill}: nights that have passed, run by Airflow. */
@Command(
    description = "Nights that have passed, run by Airflow: start, watch, pause and end backfills.",
    subcommands = {
      BackfillCommand.Create.class,
      BackfillCommand.ListBackfills.class,
      BackfillCommand.Watch.class,
      BackfillCommand.Pause.class,
      BackfillCommand.Unpause.class,
      BackfillCommand.Cancel.class
    })
final class BackfillCommand implements Runnable {
  /** Of the subcommands too. */
  @Mixin private ProjectOptions options;

  @Override
  public void run() {
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot run airflow backfill: say what to do. Name one of create, list, watch, pause, unpause, cancel.");
  }

  /** A backfill as a line. */
  static String line(AirflowProject at, Backfill backfill) {
    return "Backfill %d of DAG %s: nights %s to %s, %d at once, %s"
        .formatted(
            backfill.id(),
            backfill.dagId(),
            night(at, backfill, true),
            night(at, backfill, false),
            backfill.maxActiveRuns(),
            backfill.state());
  }

  /** A backfill as an object. */
  static Map<String, Object> described(AirflowProject at, Backfill backfill) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("backfill", backfill.id());
    json.put("dag", backfill.dagId());
    json.put("state", backfill.state());
    json.put("firstNight", night(at, backfill, true));
    json.put("lastNight", night(at, backfill, false));
    json.put("maxActive", backfill.maxActiveRuns());
    json.put("reprocess", backfill.reprocessBehavior());
    return json;
  }

  /** Its first or its last night, by its runs; by its own dates where they are not there yet. */
  private static String night(AirflowProject at, Backfill backfill, boolean first) {
    List<LocalDate> nights = List.copyOf(at.dag(backfill.dagId()).runs(backfill).keySet());
    return (nights.isEmpty()
            ? at.nights().endedBy(first ? backfill.fromDate() : backfill.toDate())
            : nights.get(first ? 0 : nights.size() - 1))
        .toString();
  }

  /** The DAG that a backfill is of. */
  static final class OfDag {
    @Option(
        names = "--dag",
        paramLabel = "DAG",
        description = "Of which DAG (default: that of the project's pipeline).")
    private String dag;

    String id(AirflowProject at) {
      return at.dag("backfill a DAG", Optional.ofNullable(dag));
    }
  }

  /** Which backfill a command is about. */
  static final class Which {
    @Mixin private OfDag dag;

    @Parameters(
        arity = "0..1",
        paramLabel = "ID",
        description = "Its number (default: of the DAG's that goes on).")
    private Long id;

    Backfill find(AirflowProject at, String doing, boolean alsoEnded) {
      if (id != null) {
        return at.airflow().backfill(id);
      }
      String of = dag.id(at);
      List<Backfill> all = at.airflow().backfills(of);
      return all.stream()
          .filter(b -> b.completedAt().isEmpty())
          .findFirst()
          .or(() -> alsoEnded ? all.stream().findFirst() : Optional.empty())
          .orElseThrow(
              () ->
                  new PlatformException(
                      ErrorCode.NOT_FOUND,
                      "Cannot %s: no backfill of DAG %s %s. See tributary airflow backfill list."
                          .formatted(doing, of, alsoEnded ? "is there" : "goes on")));
    }
  }

  /** Stays until a backfill has ended, and tells of each night. */
  private static int watch(
      ProjectOptions options,
      AirflowProject at,
      AirflowProject.Staying staying,
      Backfill backfill) {
    Consumer<String> lines = AirflowCommand.lines(options);
    NightlyDag dag = at.dag(backfill.dagId());
    Map<LocalDate, String> seen = new LinkedHashMap<>();
    Heartbeat heartbeat = new Heartbeat(at.airflow(), backfill.dagId());
    Map<LocalDate, Integer> codes = new TreeMap<>();
    boolean paused = false;
    while (true) {
      Backfill now = at.airflow().backfill(backfill.id());
      if (now.isPaused() != paused) {
        paused = now.isPaused();
        lines.accept(line(at, now));
      }
      for (Map.Entry<LocalDate, DagRun> night : dag.runs(backfill).entrySet()) {
        DagRun run = night.getValue();
        if (run.state().equals(seen.put(night.getKey(), run.state()))) {
          continue;
        }
        codes.remove(night.getKey());
        if (run.state().equals("queued")) {
          continue;
        }
        String why = "";
        if (run.hasFailed()) {
          var ended = staying.following(at, lines).ended(run);
          codes.put(night.getKey(), ended.exitCode());
          why =
              ended.failed().map(task -> " by task " + task).orElse("")
                  + ended.reason().map(reason -> ": " + reason).orElse("");
        }
        lines.accept("night %s %s%s".formatted(night.getKey(), run.state(), why));
      }
      if (now.completedAt().isPresent()) {
        end(options, at, now, seen);
        return seen.isEmpty()
            ? ErrorGroup.EXTERNAL.exitCode()
            : codes.values().stream().findFirst().orElse(0);
      }
      heartbeat.check();
      staying.pause();
    }
  }

  private static void end(
      ProjectOptions options, AirflowProject at, Backfill ended, Map<LocalDate, String> nights) {
    Map<String, Long> counts =
        nights.values().stream()
            .collect(
                Collectors.groupingBy(state -> state, LinkedHashMap::new, Collectors.counting()));
    if (options.json()) {
      Map<String, Object> json = described(at, ended);
      Map<String, String> states = new LinkedHashMap<>();
      nights.forEach((night, state) -> states.put(night.toString(), state));
      json.put("nights", states);
      options.print(json);
      return;
    }
    AirflowCommand.lines(options)
        .accept(
            "Backfill %d has ended: %s"
                .formatted(
                    ended.id(),
                    counts.isEmpty()
                        ? "it ran no night"
                        : counts.entrySet().stream()
                            .map(count -> count.getValue() + " " + count.getKey())
                            .collect(Collectors.joining(", "))));
    nights.forEach(
        (night, state) -> {
          if (state.equals("failed")) {
            AirflowCommand.lines(options)
                .accept(
                    "Read on: tributary airflow logs %s %s; mend it, then: tributary airflow clear %s --night %s --only-failed"
                        .formatted(ended.dagId(), night, ended.dagId(), night));
          }
        });
  }

  /** {@code tributary airflow backfill create}. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = {
        "Runs nights that have passed. It says which nights that is; nights that have runs stay as they are, unless",
        "--reprocess says otherwise. --dry-run starts nothing."
      })
  static final class Create implements Callable<Integer> {
    @ParentCommand private BackfillCommand group;
    @Mixin private OfDag dag;
    @Mixin private AirflowProject.Staying staying;

    @Option(names = "--from", required = true, paramLabel = "DAY", description = "The first night.")
    private String from;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "DAY",
        description = "The night before which it ends.")
    private String to;

    @Option(
        names = "--max-active",
        paramLabel = "N",
        defaultValue = "1",
        description = "How many nights may go on at once (default: ${DEFAULT-VALUE}).")
    private int maxActive;

    @Option(
        names = "--reprocess",
        paramLabel = "WHICH",
        defaultValue = "NONE",
        description =
            "Which runs that are there run again: ${COMPLETION-CANDIDATES} (default: none).")
    private Reprocess reprocess;

    @Option(names = "--dry-run", description = "Say which nights it would run, and start nothing.")
    private boolean dryRun;

    @Option(names = "--unpause", description = "Unpause the DAG where it is paused.")
    private boolean unpause;

    @Option(names = "--watch", description = "Stay until it has ended, as backfill watch.")
    private boolean watch;

    /** Which runs that are there run again. */
    enum Reprocess {
      NONE,
      FAILED,
      COMPLETED;

      @Override
      public String toString() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public Integer call() {
      ProjectOptions options = group.options;
      LocalDate first = Nights.parse(from);
      LocalDate end = Nights.parse(to);
      if (!first.isBefore(end) || maxActive < 1) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            first.isBefore(end)
                ? "Cannot backfill with --max-active %d: nothing would run. Name 1 or more."
                    .formatted(maxActive)
                : "Cannot backfill nights from %s to before %s: there are none. --to is the night after the last."
                    .formatted(first, end));
      }
      AirflowProject at =
          AirflowProject.of(options, watch ? staying.patience() : Patience.ofCommand());
      String id = dag.id(at);
      NightlyDag.Plan plan = at.dag(id).plan(first, end, maxActive, reprocess.toString());
      Consumer<String> lines = AirflowCommand.lines(options);
      plan.there()
          .forEach(
              (night, run) -> {
                if (!plan.starts().contains(night)) {
                  lines.accept(
                      "night %s stays: %s (%s)".formatted(night, run.state(), run.dagRunId()));
                }
              });
      plan.starts()
          .forEach(
              night ->
                  lines.accept(
                      "night %s %s"
                          .formatted(
                              night,
                              plan.there().containsKey(night)
                                  ? "runs again: " + plan.there().get(night).state()
                                  : "runs")));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("dag", id);
      json.put("nights", plan.starts().stream().map(LocalDate::toString).toList());
      if (dryRun) {
        lines.accept("%d nights would run".formatted(plan.starts().size()));
        if (options.json()) {
          options.print(json);
        }
        return 0;
      }
      boolean paused = requireGoesOn(at, id);
      Backfill started = at.airflow().backfill(plan.span());
      if (paused) {
        // Last, so that no scheduler takes runs before all of them are there.
        at.airflow().unpause(id);
      }
      lines.accept(
          "Backfill %d of DAG %s: %d nights, %d at once"
              .formatted(started.id(), id, plan.starts().size(), started.maxActiveRuns()));
      if (watch) {
        return watch(options, at, staying, started);
      }
      if (options.json()) {
        json.put("backfill", started.id());
        options.print(json);
      }
      return 0;
    }

    private boolean requireGoesOn(AirflowProject at, String id) {
      Dag known = at.airflow().dag("backfill DAG " + id, id);
      if (known.isPaused() && !unpause) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "Cannot backfill DAG %s: it is paused, and the runs would wait until it is not. Add --unpause."
                .formatted(id));
      }
      return known.isPaused();
    }
  }

  /** {@code tributary airflow backfill list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "The backfills of a DAG, the newest first.")
  static final class ListBackfills implements Runnable {
    @ParentCommand private BackfillCommand group;
    @Mixin private OfDag dag;

    @Override
    public void run() {
      ProjectOptions options = group.options;
      AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
      String id = dag.id(at);
      List<Backfill> all = at.airflow().backfills(id);
      if (options.json()) {
        options.print(all.stream().map(b -> described(at, b)).toList());
        return;
      }
      if (all.isEmpty()) {
        AirflowCommand.lines(options).accept("DAG %s has no backfills.".formatted(id));
      }
      all.forEach(b -> AirflowCommand.lines(options).accept(line(at, b)));
    }
  }

  /** {@code tributary airflow backfill watch}. */
  @Command(
      name = "watch",
      mixinStandardHelpOptions = true,
      description = {
        "Stays until a backfill has ended, and says how each night did. It ends with 0, or with the exit code of the",
        "first night that failed."
      })
  static final class Watch implements Callable<Integer> {
    @ParentCommand private BackfillCommand group;
    @Mixin private Which which;
    @Mixin private AirflowProject.Staying staying;

    @Override
    public Integer call() {
      ProjectOptions options = group.options;
      AirflowProject at = AirflowProject.of(options, staying.patience());
      return watch(options, at, staying, which.find(at, "watch a backfill", true));
    }
  }

  /** {@code tributary airflow backfill pause}. */
  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Starts no further night of a backfill; those that run go on.")
  static final class Pause implements Runnable {
    @ParentCommand private BackfillCommand group;
    @Mixin private Which which;

    @Override
    public void run() {
      change(group.options, which, BackfillChange.PAUSE);
    }
  }

  /** {@code tributary airflow backfill unpause}. */
  @Command(
      name = "unpause",
      mixinStandardHelpOptions = true,
      description = "Goes on with a backfill that is paused.")
  static final class Unpause implements Runnable {
    @ParentCommand private BackfillCommand group;
    @Mixin private Which which;

    @Override
    public void run() {
      change(group.options, which, BackfillChange.UNPAUSE);
    }
  }

  /** {@code tributary airflow backfill cancel}. */
  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Ends a backfill: nights that wait fail, those that run go on.")
  static final class Cancel implements Runnable {
    @ParentCommand private BackfillCommand group;
    @Mixin private Which which;

    @Override
    public void run() {
      change(group.options, which, BackfillChange.CANCEL);
    }
  }

  private static void change(ProjectOptions options, Which which, BackfillChange change) {
    AirflowProject at = AirflowProject.of(options, Patience.ofCommand());
    String doing = change.name().toLowerCase(Locale.ROOT) + " a backfill";
    Backfill before = which.find(at, doing, false);
    if (change == BackfillChange.CANCEL && before.completedAt().isPresent()) {
      options.warn(
          "Backfill %d had ended before: nothing of it is cancelled.".formatted(before.id()));
    }
    Backfill changed = at.airflow().change(before.id(), change);
    if (options.json()) {
      options.print(described(at, changed));
    } else {
      AirflowCommand.lines(options).accept(line(at, changed));
    }
  }
}
