package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Pipeline;
import io.tributary.definition.Pipeline.Step;
import io.tributary.events.runs.RunRecord;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A pipeline, run in one process: what was delivered, the history in one go, the models, then night
 * by night. A step begins when all jobs of the step before it have ended; jobs of one step that do
 * not need each other run side by side. The first job that fails ends the flow; what ran before it
 * stays, and the next run finds it unchanged.
 */
public final class Flow {
  private static final int SIDE_BY_SIDE = 3;

  private final Jobs jobs;
  private final Pipeline pipeline;
  private final JobRunner runner;
  private final ZoneId zone;
  private final List<StepRun> done = new ArrayList<>();

  Flow(Jobs jobs, Pipeline pipeline, ZoneId zone, JobRunner runner) {
    this.jobs = jobs;
    this.pipeline = pipeline;
    this.zone = zone;
    this.runner = runner;
  }

  /** What has run so far, in order. */
  public List<StepRun> done() {
    return List.copyOf(done);
  }

  /** Runs the history, the models and all nights up to the data's end. */
  public void runAll() {
    Interval history =
        pipeline
            .history()
            .orElseThrow(
                () ->
                    missing(
                        "history",
                        "history: 2013-01-01/2013-12-28, or say --night, as in --night 2013-12-30"));
    Interval nights =
        pipeline
            .until()
            .map(end -> Interval.of(history.to(), end))
            .orElseThrow(
                () ->
                    missing(
                        "until", "until: 2013-12-31, or say --night, as in --night 2013-12-30"));
    ingest("load", history);
    materialize("history", Optional.empty(), history);
    for (String model : pipeline.train()) {
      inOrder("train", List.of(jobs.trainingSetOf(model)));
      inOrder("train", List.of(jobs.train(model)));
    }
    runNights(nights);
  }

  /** Runs the pipeline's steps for each night: the days of an interval, or a part of one day. */
  public void runNights(Interval interval) {
    for (Interval night : interval.isInOneDay(zone) ? List.of(interval) : interval.days(zone)) {
      String phase = night.from().atZone(zone).toLocalDate().toString();
      for (Step step : pipeline.steps()) {
        run(phase, step, night);
      }
    }
  }

  private void run(String phase, Step step, Interval night) {
    switch (step.verb()) {
      case "ingest", "validate" -> ingest(phase, night);
      case "materialize" -> materialize(phase, step.subject(), night);
      case "publish" -> sideBySide(phase, jobs.publish(step.subject(), night));
      case "training-set" -> inOrder(phase, jobs.trainingSets(step.subject()));
      case "train" -> inOrder(phase, jobs.train(step.subject()));
      case "score" -> inOrder(phase, jobs.score(step.subject(), night));
      case "monitor" -> inOrder(phase, jobs.monitor(step.subject(), night));
      default ->
          throw new PlatformException(
              ErrorCode.INVALID_DEFINITION,
              "Cannot run pipeline "
                  + pipeline.name()
                  + ": no step \""
                  + step.verb()
                  + "\". Use ingest, materialize, publish, training-set,"
                  + " train, score or monitor.");
    }
  }

  private void ingest(String phase, Interval interval) {
    jobs.ingest(Optional.of(interval)).forEach(level -> sideBySide(phase, level));
  }

  private void materialize(String phase, Optional<String> view, Interval interval) {
    sideBySide(phase, jobs.materialize(view, interval));
  }

  private void inOrder(String phase, List<Job> step) {
    step.forEach(job -> record(phase, runner.run(job)));
  }

  private void sideBySide(String phase, List<Job> step) {
    ExecutorService pool =
        Executors.newFixedThreadPool(Math.min(SIDE_BY_SIDE, Math.max(1, step.size())));
    try {
      List<Future<RunRecord>> running =
          step.stream().map(job -> pool.submit(() -> runner.run(job))).toList();
      List<RuntimeException> failures = new ArrayList<>();
      for (Future<RunRecord> future : running) {
        try {
          record(phase, future.get());
        } catch (ExecutionException e) {
          failures.add(
              e.getCause() instanceof RuntimeException r
                  ? r
                  : new IllegalStateException(e.getCause()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new PlatformException(
              ErrorCode.STORAGE,
              "Cannot go on with pipeline "
                  + pipeline.name()
                  + ": it was interrupted. Run it again; finished steps stay.",
              e);
        }
      }
      if (!failures.isEmpty()) {
        failures.subList(1, failures.size()).forEach(failures.get(0)::addSuppressed);
        throw failures.get(0);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private void record(String phase, RunRecord record) {
    done.add(new StepRun(phase, record));
  }

  private PlatformException missing(String key, String write) {
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot run pipeline "
            + pipeline.name()
            + " ("
            + pipeline.location()
            + "): it has no "
            + key
            + ". Write "
            + write
            + ".");
  }
}
