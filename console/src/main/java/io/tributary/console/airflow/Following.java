package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Looks at a run again and again until it has ended, and tells each step of each task once. How
 * long it stays while the server is away is its client's patience.
 */
public final class Following {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  /** States that say nothing yet. */
  private static final Set<String> WAITING = Set.of("", "scheduled", "queued");

  private final Airflow airflow;
  private final ZoneId zone;
  private final Duration every;
  private final Consumer<String> out;

  /**
   * @param zone of the times that are told
   * @param every how long it waits between two looks
   * @param out told a line a step
   */
  public Following(Airflow airflow, ZoneId zone, Duration every, Consumer<String> out) {
    this.airflow = airflow;
    this.zone = zone;
    this.every = every;
    this.out = out;
  }

  /**
   * How a run ended.
   *
   * @param exitCode 0 of one that succeeded; else that of the task that failed first, and {@link
   *     ErrorGroup#EXTERNAL} where that has told none
   * @param failed the task that failed first
   * @param reason why, as its log says
   */
  public record Ended(DagRun run, int exitCode, Optional<String> failed, Optional<String> reason) {}

  /** What was told of a task last. */
  private record Seen(int attempt, String state) {}

  /**
   * Stays until a run has ended.
   *
   * @throws PlatformException NOT_FOUND where there is no such run
   */
  public Ended follow(String dag, String run) {
    Map<String, Seen> seen = new HashMap<>();
    Heartbeat heartbeat = new Heartbeat(airflow, dag);
    while (true) {
      // The run first: its tasks then are those that it has ended with.
      DagRun now =
          airflow
              .run(dag, run)
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.NOT_FOUND,
                          "Cannot follow run %s: DAG %s has no such run. See tributary airflow status."
                              .formatted(run, dag)));
      List<TaskInstance> tasks = airflow.tasks(dag, run);
      tasks.stream()
          .sorted(
              Comparator.comparing(task -> task.endDate().or(task::startDate).orElse(Instant.MAX)))
          .forEach(task -> tell(dag, task, seen));
      if (now.hasEnded()) {
        return ended(now, tasks);
      }
      heartbeat.check();
      pause(every);
    }
  }

  /** How a run that has ended did. */
  public Ended ended(DagRun run) {
    return ended(run, airflow.tasks(run.dagId(), run.dagRunId()));
  }

  private Ended ended(DagRun run, List<TaskInstance> tasks) {
    if (!run.hasFailed() && tasks.isEmpty()) {
      return new Ended(
          run,
          ErrorGroup.USER.exitCode(),
          Optional.empty(),
          Optional.of("it ran no task, as its logical date is before the start date of its DAG"));
    }
    if (!run.hasFailed()) {
      return new Ended(run, 0, Optional.empty(), Optional.empty());
    }
    Optional<TaskInstance> first =
        tasks.stream()
            .filter(TaskInstance::hasFailed)
            .min(Comparator.comparing(task -> task.endDate().orElse(Instant.MAX)));
    int code =
        first
            .flatMap(task -> airflow.exitCode(run.dagId(), task))
            .filter(told -> told >= 1 && told <= ErrorGroup.EXTERNAL.exitCode())
            .orElse(ErrorGroup.EXTERNAL.exitCode());
    return new Ended(
        run,
        code,
        first.map(TaskInstance::name),
        first.flatMap(task -> reason(run.dagId(), task, task.tryNumber())));
  }

  /** Waits before the next look. */
  public static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlatformException(
          ErrorCode.KILLED, "Cannot go on: it was interrupted. Ask again; the run goes on.", e);
    }
  }

  private void tell(String dag, TaskInstance task, Map<String, Seen> seen) {
    Seen now = new Seen(task.tryNumber(), task.state().orElse(""));
    Seen before = seen.put(task.name(), now);
    if (now.equals(before)) {
      return;
    }
    if (before != null && before.state().equals("running") && before.attempt() < now.attempt()) {
      out.accept(line(task, "failed", before.attempt(), reason(dag, task, before.attempt())));
    }
    if (WAITING.contains(now.state())) {
      return;
    }
    switch (now.state()) {
      case "failed" ->
          out.accept(line(task, "failed", now.attempt(), reason(dag, task, now.attempt())));
      case "up_for_retry" ->
          out.accept(
              line(
                  task,
                  "failed, and is tried again",
                  now.attempt(),
                  reason(dag, task, now.attempt())));
      case "upstream_failed" ->
          out.accept(line(task, "did not run, as what it needs failed", 1, Optional.empty()));
      default ->
          out.accept(line(task, now.state().replace('_', ' '), now.attempt(), Optional.empty()));
    }
  }

  private Optional<String> reason(String dag, TaskInstance task, int attempt) {
    LogMessage.Reason reason = new LogMessage.Reason();
    if (attempt >= 1) {
      airflow.log(dag, task, attempt, reason);
    }
    return reason.told();
  }

  private String line(TaskInstance task, String state, int attempt, Optional<String> reason) {
    Optional<Instant> at = state.equals("running") ? task.startDate() : task.endDate();
    return "%s  %s %s%s%s"
        .formatted(
            at.or(task::startDate).map(t -> TIME.format(t.atZone(zone))).orElse("--:--:--"),
            task.name(),
            state,
            attempt > 1 ? " (try " + attempt + ")" : "",
            reason.map(r -> ": " + r).orElse(""));
  }
}
