package io.tributary.runtime;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Jobs that do not need each other, a few at once: while one plans or commits, another computes.
 */
public final class SideBySide {
  private static final int AT_ONCE = 3;

  private SideBySide() {}

  /**
   * Runs jobs. The first that fails, in their order, fails the call, once those beside it have
   * ended; what they did stays.
   *
   * @param done is told of each job that did not fail, in their order
   */
  public static void run(JobRunner runner, List<Job> jobs, Consumer<RunRecord> done) {
    ExecutorService pool =
        Executors.newFixedThreadPool(Math.min(AT_ONCE, Math.max(1, jobs.size())));
    try {
      List<Future<RunRecord>> running =
          jobs.stream().map(job -> pool.submit(() -> runner.run(job))).toList();
      List<RuntimeException> failures = new ArrayList<>();
      for (Future<RunRecord> future : running) {
        try {
          done.accept(future.get());
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          failures.add(
              e.getCause() instanceof RuntimeException r
                  ? r
                  : new IllegalStateException(e.getCause()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new PlatformException(
              ErrorCode.STORAGE,
              "Cannot go on: it was interrupted. Run it again; finished steps stay.",
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
}
