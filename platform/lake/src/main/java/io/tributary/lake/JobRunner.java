package io.tributary.lake;

import io.tributary.events.runs.RunRecord;

/**
 * Runs jobs so that none can forget its records: decides from recorded inputs whether there is
 * anything to do, holds the job's lock, and appends run and lineage events after the commit point.
 * Safe for threads; jobs of different keys may run at once.
 */
public final class JobRunner implements AutoCloseable {
  private final Lake lake;
  private final Progress progress;

  private JobRunner(Lake lake, Progress progress) {
    this.lake = lake;
    this.progress = progress;
  }

  public static JobRunner open(Lake lake) {
    return open(lake, Progress.none());
  }

  /** Derives the records again that earlier processes could not append before they died. */
  public static JobRunner open(Lake lake, Progress progress) {
    return new JobRunner(lake, progress);
  }

  /**
   * Runs a job, or finds that its fingerprint is the recorded one: then the outcome is {@code
   * UNCHANGED} and no session is started.
   *
   * @throws io.tributary.core.PlatformException as the job threw it, after a failed run was
   *     recorded; {@code CONFLICT} when another process is working on the same key
   */
  public RunRecord run(Job job) {
    throw new UnsupportedOperationException("not built yet " + lake + progress + job);
  }

  /** Appends the records of unchanged runs, which are kept until now to be written at once. */
  @Override
  public void close() {}
}
