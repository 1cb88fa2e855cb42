package io.tributary.runtime;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.events.definitions.Staleness;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.DeadRuns;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.runtime.internal.DriverMeter;
import io.tributary.runtime.internal.RunWatch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs jobs and keeps their records: decides from recorded inputs whether there is anything to do,
 * holds the job's lock, and appends run and lineage events after the commit point. Thread-safe;
 * jobs with different {@link Job#lockKey()} may run concurrently.
 *
 * <p>A lake that is not on a local disk has no locks; there Delta's commits alone protect two
 * processes from each other.
 */
public final class JobRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
  private static final String MDC_RUN = "run";

  private final Lake lake;
  private final Progress progress;
  private final List<Definition> within;
  private final Clock clock;
  private final RunLog log;
  private final Optional<JobLocks> locks;
  private final List<RunRecord> unchanged = new ArrayList<>();
  private final Set<RunId> worked = new HashSet<>();
  private final Map<JobKey, Integer> attempts = new HashMap<>();
  private final Set<RunId> inLog = new HashSet<>();

  private JobRunner(Lake lake, Progress progress, List<Definition> within, Clock clock) {
    this.lake = lake;
    this.progress = progress;
    this.within = List.copyOf(within);
    this.clock = clock;
    this.log = lake.runs();
    this.locks = lake.folder().map(JobLocks::new);
  }

  /** A runner without progress. */
  public static JobRunner open(Lake lake) {
    return open(lake, Progress.none());
  }

  /** A runner; it first records what earlier processes could not record before they died. */
  public static JobRunner open(Lake lake, Progress progress) {
    return open(lake, progress, List.of());
  }

  /**
   * A runner whose runs name, beside what they use, what runs them.
   *
   * @param within such as a pipeline
   */
  public static JobRunner open(Lake lake, Progress progress, List<Definition> within) {
    return open(lake, progress, within, Clock.systemUTC());
  }

  static JobRunner open(Lake lake, Progress progress, Clock clock) {
    return open(lake, progress, List.of(), clock);
  }

  private static JobRunner open(
      Lake lake, Progress progress, List<Definition> within, Clock clock) {
    Environment here = Environment.ofProcess();
    LakeIdentity.ensure(
        lake.uri(), new LakeIdentity.Build(clock.instant(), here.code(), here.dirty()));
    JobRunner runner = new JobRunner(lake, progress, within, clock);
    runner.recordTheDead();
    return runner;
  }

  /** The log that records go to. */
  public RunLog log() {
    return log;
  }

  /** What decides a run's result, as it is now. */
  private record Plan(
      List<Pin> inputs,
      Digest fingerprint,
      Optional<CompletedRun> recorded,
      boolean settled,
      Map<String, Digest> definitions) {
    boolean isDone() {
      return recorded.filter(r -> r.fingerprint().equals(fingerprint)).isPresent();
    }

    /** No work, and no meaning to fix. */
    boolean nothingToDo() {
      return settled && isDone();
    }

    Plan with(Map<String, Digest> kept) {
      return new Plan(inputs, fingerprint, recorded, settled, kept);
    }
  }

  /**
   * Runs a job, or finds that its fingerprint is the recorded one: then the outcome is {@code
   * UNCHANGED} and no session is started.
   *
   * @throws PlatformException as the job threw it, after a failed run was recorded; {@code
   *     CONFLICT} when another run holds the job's lock; {@code STORAGE} when the lake can't be
   *     written. Any other exception of the job is rethrown as it is
   */
  public RunRecord run(Job job) {
    Instant started = clock.instant();
    RunId run = RunId.startingAt(started);
    MDC.put(MDC_RUN, run.text());
    try {
      Plan plan = plan(job, run, started, locks.isEmpty());
      if (plan.nothingToDo()) {
        return unchanged(job, plan, run, started);
      }
      int number = nextAttempt(job.key());
      if (locks.isEmpty()) {
        return begin(job, plan, run, started, number, () -> {});
      }
      JobLocks.Holder holder =
          new JobLocks.Holder(
              run,
              job.key(),
              job.lockKey(),
              number,
              started,
              ProcessHandle.current().pid(),
              lake.environment());
      try (JobLocks.Share share =
              locks
                  .get()
                  .share(() -> progress.say(job.key() + ": waits while tributary clean works"));
          JobLocks.Held held = locks.get().acquire(holder)) {
        // Who held the lock before may have done the work.
        return begin(job, plan(job, run, started, true), run, started, number, held::keepTrace);
      }
    } finally {
      MDC.remove(MDC_RUN);
    }
  }

  private RunRecord begin(
      Job job, Plan plan, RunId run, Instant started, int number, Runnable unrecorded) {
    return plan.isDone()
        ? unchanged(job, plan, run, started)
        : work(job, plan, run, started, number, unrecorded);
  }

  /**
   * @param begins whether this run holds the job's lock, where the lake has locks: then its
   *     definitions are stored, and their meanings fixed
   */
  private Plan plan(Job job, RunId run, Instant started, boolean begins) {
    try {
      List<Definition> used = new ArrayList<>(job.definitions());
      used.addAll(within);
      String what = "run " + job.key();
      boolean settled = lake.definitions().require(what, used);
      List<Pin> inputs = List.copyOf(job.inputs());
      Plan plan =
          new Plan(
              inputs,
              Fingerprint.of(lake, job.definition(), inputs),
              job.recorded(lake),
              settled,
              Map.of());
      if (job.commitPoint().isEmpty()) {
        plan.recorded().ifPresent(recorded -> recordLost(job.key(), recorded));
      }
      return begins && !plan.nothingToDo()
          ? plan.with(lake.definitions().admit(what, used, run, Principal.ofProcess()))
          : plan;
    } catch (RuntimeException | Error e) {
      RunRecord failed =
          failed(job.key(), run, nextAttempt(job.key()), started, List.of(), Optional.empty(), e);
      record(failed, e);
      throw e;
    }
  }

  private RunRecord unchanged(Job job, Plan plan, RunId run, Instant started) {
    CompletedRun recorded = plan.recorded().orElseThrow();
    RunRecord record =
        new RunRecord(
            run,
            job.key(),
            recorded.attempt(),
            Outcome.UNCHANGED,
            Optional.of(recorded.run()),
            Optional.empty(),
            "as run " + recorded.run() + " left it",
            started,
            seconds(started),
            plan.inputs(),
            recorded.outputs(),
            recorded.facts(),
            recorded.notes(),
            List.of(),
            recorded.writes(),
            recorded.definitions(),
            Optional.empty(),
            lake.environment());
    synchronized (unchanged) {
      unchanged.add(record);
    }
    job.unchanged();
    progress.say(job.key() + ": unchanged");
    return record;
  }

  private RunRecord work(
      Job job, Plan plan, RunId run, Instant started, int number, Runnable unrecorded) {
    RunningAttempt attempt =
        new RunningAttempt(
            run,
            job.key(),
            number,
            started,
            lake,
            plan.inputs(),
            plan.fingerprint(),
            lake.environment(),
            plan.definitions(),
            progress);
    progress.say(job.key().toString());
    lake.session().begin(run);
    RunRecord record;
    try (DriverMeter meter = attempt.meter()) {
      toItsEnd(job, attempt);
      checkCommitPoint(job, run);
      record = succeeded(attempt);
    } catch (Exception | Error e) {
      // Spark throws what it does not declare.
      RunRecord failed =
          failed(job.key(), run, number, started, plan.inputs(), Optional.of(attempt), e);
      // A failure during shutdown means nothing; the next start records the run as killed.
      if (ending() || !record(failed, e)) {
        unrecorded.run();
      }
      throw e;
    } finally {
      lake.session().end();
      lake.forget(run);
    }
    if (!record(record, null)) {
      unrecorded.run();
    }
    synchronized (worked) {
      worked.add(run);
    }
    progress.say("%s: done in %.1f s".formatted(job.key(), record.seconds()));
    return record;
  }

  private void toItsEnd(Job job, RunningAttempt attempt) {
    try {
      watched(job, attempt);
    } catch (Exception e) {
      Optional<PlatformException> ended = lake.session().ended(e);
      if (ended.isPresent() && PlatformException.codeOf(e) == ErrorCode.BUG) {
        throw ended.get();
      }
      throw e;
    }
  }

  private void watched(Job job, RunningAttempt attempt) {
    if (progress == Progress.NONE) {
      job.run(attempt);
      return;
    }
    RunId run = attempt.run();
    try (RunWatch watching =
        RunWatch.over(run, job.key().toString(), () -> lake.session().soFar(run), progress::say)) {
      job.run(attempt);
    }
  }

  /** A job whose commit point is not marked as such would run again every time. */
  private void checkCommitPoint(Job job, RunId run) {
    if (job.commitPoint().isPresent()
        && job.recorded(lake).filter(r -> r.run().equals(run)).isEmpty()) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot complete %s: it made no commit to %s as its commit point. Report this as a bug."
              .formatted(job.key(), job.commitPoint().get()));
    }
  }

  private RunRecord succeeded(RunningAttempt attempt) {
    CommitFacts facts = attempt.facts();
    return new RunRecord(
        attempt.run(),
        attempt.key(),
        attempt.number(),
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        attempt.started(),
        seconds(attempt.started()),
        facts.inputs(),
        facts.outputs(),
        facts.facts(),
        facts.notes(),
        facts.reads(),
        facts.writes(),
        facts.definitions(),
        Optional.of(used(attempt)),
        facts.environment());
  }

  private Resources used(RunningAttempt attempt) {
    Resources tasks = lake.session().used(attempt.run());
    double here = lake.session().inProcess() ? tasks.executorCpuSeconds().orElse(0.0) : 0;
    return tasks.plus(attempt.meter().used(here)).plus(attempt.used());
  }

  private RunRecord failed(
      JobKey key,
      RunId run,
      int number,
      Instant started,
      List<Pin> inputs,
      Optional<RunningAttempt> attempt,
      Throwable thrown) {
    Optional<CommitFacts> facts = attempt.map(Attempt::facts);
    return new RunRecord(
        run,
        key,
        number,
        Outcome.FAILED,
        Optional.empty(),
        Optional.of(RunError.of(PlatformException.codeOf(thrown))),
        JobMain.stored(thrown),
        started,
        seconds(started),
        inputs,
        lake.written(run),
        facts.flatMap(CommitFacts::facts),
        facts.map(CommitFacts::notes).orElse(Map.of()),
        facts.map(CommitFacts::reads).orElse(List.of()),
        facts.map(CommitFacts::writes).orElse(List.of()),
        facts.map(CommitFacts::definitions).orElse(Map.of()),
        attempt.map(this::used),
        lake.environment());
  }

  /**
   * Appends a record; a failure to do so is logged and never hides what went wrong before.
   *
   * @param thrown what the run failed with; null if it did not
   * @return whether it is recorded
   */
  private boolean record(RunRecord record, Throwable thrown) {
    List<RunRecord> records;
    synchronized (unchanged) {
      records = new ArrayList<>(unchanged);
      unchanged.clear();
    }
    records.add(record);
    try {
      log.append(records);
      return true;
    } catch (RuntimeException e) {
      if (thrown != null) {
        thrown.addSuppressed(e);
      }
      LOG.warn(
          "Run {} of {} is not in the run log yet: {}", record.run(), record.key(), e.getMessage());
      return false;
    }
  }

  private int nextAttempt(JobKey key) {
    synchronized (attempts) {
      return attempts.compute(
          key, (k, before) -> (before == null ? recordedAttempts(k) : before) + 1);
    }
  }

  private int recordedAttempts(JobKey key) {
    try {
      return log.attempts(key);
    } catch (PlatformException e) {
      LOG.warn("Attempts at {} are numbered from 1 again: {}", key, e.getMessage());
      return 0;
    }
  }

  private void recordTheDead() {
    try {
      DeadRuns.record(log, locks);
    } catch (PlatformException e) {
      LOG.warn("Runs of processes that died are not in the run log yet: {}", e.getMessage());
    }
  }

  /**
   * Appends the record of a run whose work is complete but whose process died before it could: one
   * whose commit point is no table's, so that {@link RunLog#repair} can't find it.
   */
  private void recordLost(JobKey key, CompletedRun recorded) {
    RunId run = recorded.run();
    synchronized (inLog) {
      if (inLog.contains(run)) {
        return;
      }
      if (!log.isRecorded(run)) {
        if (locks.filter(l -> l.isHeld(run)).isPresent()) {
          return;
        }
        Optional<RunRecord> killed = log.find(run);
        Instant started = killed.map(RunRecord::started).orElse(recorded.at());
        RunRecord lost =
            new RunRecord(
                run,
                key,
                killed.map(RunRecord::attempt).orElse(recorded.attempt()),
                Outcome.SUCCEEDED,
                Optional.empty(),
                Optional.empty(),
                "",
                started,
                Math.max(0, Duration.between(started, recorded.at()).toMillis()) / 1e3,
                recorded.inputs(),
                recorded.outputs(),
                recorded.facts(),
                recorded.notes(),
                List.of(),
                recorded.writes(),
                recorded.definitions(),
                Optional.empty(),
                recorded.environment());
        try {
          log.append(List.of(lost));
        } catch (PlatformException e) {
          LOG.warn("Run {} of {} is not in the run log yet: {}", run, key, e.getMessage());
          return;
        }
      }
      inLog.add(run);
    }
  }

  private static boolean ending() {
    Thread never = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(never);
      Runtime.getRuntime().removeShutdownHook(never);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private void sayStale(List<RunRecord> unchanged) {
    Set<RunId> done = new HashSet<>();
    synchronized (worked) {
      done.addAll(worked);
    }
    unchanged.forEach(run -> done.add(run.run()));
    if (done.isEmpty() || progress == Progress.NONE) {
      return;
    }
    try {
      Staleness.by(lake.definitions(), log, done)
          .forEach(stale -> progress.say("WARN stale until it is rebuilt: " + stale));
    } catch (PlatformException e) {
      LOG.warn("It is not known what has become stale: {}", e.getMessage());
    }
  }

  /** 0 if the clock was set back meanwhile. */
  private double seconds(Instant since) {
    return Math.max(0, Duration.between(since, clock.instant()).toMillis()) / 1e3;
  }

  /**
   * Appends the records of unchanged runs, which are buffered to be written in one commit; and
   * reports what became stale because the runs used other definitions than before.
   */
  @Override
  public void close() {
    List<RunRecord> records;
    synchronized (unchanged) {
      records = List.copyOf(unchanged);
      unchanged.clear();
    }
    if (!records.isEmpty()) {
      try {
        log.append(records);
      } catch (RuntimeException e) {
        LOG.warn("{} unchanged runs are not in the run log: {}", records.size(), e.getMessage());
      }
    }
    sayStale(records);
  }
}
