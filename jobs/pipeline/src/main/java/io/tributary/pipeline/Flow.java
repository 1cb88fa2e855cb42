package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.PipelineGraph.Phase;
import io.tributary.definition.PipelineGraph.Step;
import io.tributary.events.runs.RunRecord;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.runtime.SideBySide;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline's graph, run in one process: what was delivered, the history in one go, the models,
 * then interval by interval. Steps run in the graph's order; those of one command that stand
 * together and do not need each other run side by side where that pays. The first job that fails
 * ends the flow, once those beside it have ended; what ran before it stays, and the next run finds
 * it unchanged.
 */
final class Flow {
  private static final Logger LOG = LoggerFactory.getLogger(Flow.class);

  /** The others keep all cores busy, or hold a model in memory. */
  private static final Set<String> SIDE_BY_SIDE = Set.of("ingest", "materialize", "publish");

  private final Jobs jobs;
  private final Pipeline pipeline;
  private final PipelineGraph graph;
  private final JobRunner runner;
  private final ZoneId zone;
  private final List<StepRun> done = new ArrayList<>();

  Flow(Jobs jobs, Pipeline pipeline, PipelineGraph graph, ZoneId zone, JobRunner runner) {
    this.jobs = jobs;
    this.pipeline = pipeline;
    this.graph = graph;
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
    for (Phase phase : List.of(Phase.LOAD, Phase.HISTORY, Phase.TRAIN)) {
      run(phase.text(), graph.steps(phase), history);
    }
    runNights(nights);
  }

  /** Runs the pipeline's steps for each night: the days of an interval, or a part of one day. */
  public void runNights(Interval interval) {
    for (Interval night : interval.isInOneDay(zone) ? List.of(interval) : interval.days(zone)) {
      String phase = night.from().atZone(zone).toLocalDate().toString();
      run(phase, graph.steps(Phase.INTERVAL), night);
      tried("what follows from breaches", () -> jobs.followUp().forEach(this::followed));
      tried("models to be trained again", () -> jobs.retraining().forEach(this::retrain));
    }
  }

  /** Trains one model again; what another one fails by is nothing to it. */
  private void retrain(List<Job> steps) {
    tried(
        "challenger of " + steps.get(steps.size() - 1).key().subject(),
        () -> {
          for (Job job : steps) {
            RunRecord record = runner.run(job);
            if (record.outcome() != Outcome.UNCHANGED) {
              // With the night's own steps.
              record(done.get(done.size() - 1).phase(), record);
            }
          }
        });
  }

  /**
   * What follows from breaches fails no night, whatever it fails by: runs that fail are recorded,
   * and the next one tries again.
   */
  private void tried(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.warn("Not done yet: {}", what, e);
      followed(
          "WARN not done yet, and the next run tries again: %s: %s"
              .formatted(what, e.getMessage()));
    }
  }

  private void followed(String sentence) {
    // A pipeline may be without steps for a night.
    if (done.isEmpty()) {
      return;
    }
    done.set(done.size() - 1, done.get(done.size() - 1).followedBy(sentence));
  }

  private void run(String phase, List<Step> steps, Interval interval) {
    int next = 0;
    while (next < steps.size()) {
      int first = next;
      String command = steps.get(first).command();
      while (next < steps.size() && steps.get(next).command().equals(command)) {
        next++;
      }
      run(phase, command, steps.subList(first, next), interval);
    }
  }

  /**
   * Steps of one command: all jobs are made, which looks for what was delivered, before any runs.
   */
  private void run(String phase, String command, List<Step> steps, Interval interval) {
    List<List<Job>> made = steps.stream().map(step -> jobs.of(step, interval)).toList();
    List<Job> together = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).needs().stream().anyMatch(ids::contains)) {
        run(phase, command, together);
        together.clear();
        ids.clear();
      }
      ids.add(steps.get(i).id());
      together.addAll(made.get(i));
    }
    run(phase, command, together);
    if (command.equals("ingest") && steps.get(0).phase() == Phase.INTERVAL) {
      jobs.arrivals(steps.stream().map(Step::subject).distinct().toList(), interval)
          .forEach(this::followed);
    }
  }

  private void run(String phase, String command, List<Job> together) {
    if (SIDE_BY_SIDE.contains(command)) {
      SideBySide.run(together, runner::run, record -> record(phase, record));
    } else {
      together.forEach(job -> record(phase, runner.run(job)));
    }
  }

  private void record(String phase, RunRecord record) {
    done.add(new StepRun(phase, record));
  }

  private PlatformException missing(String key, String write) {
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot run pipeline %s (%s): it has no %s. Write %s."
            .formatted(pipeline.name(), pipeline.location(), key, write));
  }
}
