package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.lake.Lake;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.runtime.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job that something happens to when it is about to make a commit. */
final class DisturbedJob implements Job {
  private final Job job;
  private final int commit;
  private final Runnable disturbance;

  DisturbedJob(Job job, int commit, Runnable disturbance) {
    this.job = job;
    this.commit = commit;
    this.disturbance = disturbance;
  }

  /** One whose process ends then. */
  static DisturbedJob dying(Job job, int commit) {
    return new DisturbedJob(
        job,
        commit,
        () -> {
          throw new Killed();
        });
  }

  @Override
  public JobKey key() {
    return job.key();
  }

  @Override
  public List<Pin> inputs() {
    return job.inputs();
  }

  @Override
  public Digest definition() {
    return job.definition();
  }

  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    return job.recorded(lake);
  }

  @Override
  public void run(Attempt attempt) {
    job.run(new DisturbedAttempt(attempt, commit, disturbance));
  }

  /** Stands for the end of a process. */
  static final class Killed extends Error {
    static final long serialVersionUID = 1L;
  }

  private static final class DisturbedAttempt implements Attempt {
    private final Attempt attempt;
    private final Runnable disturbance;
    private int left;

    DisturbedAttempt(Attempt attempt, int commit, Runnable disturbance) {
      this.attempt = attempt;
      this.left = commit;
      this.disturbance = disturbance;
    }

    private void live() {
      left--;
      if (left == 0) {
        disturbance.run();
      }
    }

    @Override
    public CommitFacts facts() {
      live();
      return attempt.facts();
    }

    @Override
    public CommitFacts facts(RunFacts own) {
      live();
      return attempt.facts(own);
    }

    @Override
    public CommitFacts commitPoint() {
      live();
      return attempt.commitPoint();
    }

    @Override
    public RunId run() {
      return attempt.run();
    }

    @Override
    public JobKey key() {
      return attempt.key();
    }

    @Override
    public int number() {
      return attempt.number();
    }

    @Override
    public Instant started() {
      return attempt.started();
    }

    @Override
    public Lake lake() {
      return attempt.lake();
    }

    @Override
    public List<Pin> inputs() {
      return attempt.inputs();
    }

    @Override
    public Digest fingerprint() {
      return attempt.fingerprint();
    }

    @Override
    public Environment environment() {
      return attempt.environment();
    }

    @Override
    public void used(Resources part) {
      attempt.used(part);
    }

    @Override
    public Map<String, Digest> definitions() {
      return attempt.definitions();
    }

    @Override
    public Progress progress() {
      return attempt.progress();
    }

    @Override
    public void report(RunFacts facts) {
      attempt.report(facts);
    }

    @Override
    public void note(String key, Object value) {
      attempt.note(key, value);
    }

    @Override
    public void reads(LineageNode node) {
      attempt.reads(node);
    }

    @Override
    public void writes(LineageNode node) {
      attempt.writes(node);
    }
  }
}
