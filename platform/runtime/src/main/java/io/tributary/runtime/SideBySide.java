package io.tributary.runtime;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Jobs that do not need each other, a few at once: while one plans or commits, another computes.
 */
public final class SideBySide {
  /** As many. */
  public static final int AT_ONCE = 3;

  private SideBySide() {}

  /**
   * Runs jobs. The first that fails, in their order, fails the call, once those beside it have
   * ended; what they did stays.
   *
   * @param work what runs a job, such as {@link JobRunner#run}
   * @param done is told what came of each job that did not fail, in their order
   */
  public static <J, R> void run(List<J> jobs, Function<J, R> work, Consumer<R> done) {
    ExecutorService pool =
        Executors.newFixedThreadPool(Math.min(AT_ONCE, Math.max(1, jobs.size())));
    try {
      List<Future<R>> running =
          jobs.stream().map(job -> pool.submit(() -> work.apply(job))).toList();
      List<Throwable> failures = new ArrayList<>();
      for (Future<R> future : running) {
        try {
          done.accept(future.get());
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new PlatformException(
              ErrorCode.STORAGE,
              "Cannot go on: it was interrupted. Run it again; finished steps stay.",
              e);
        }
      }
      if (!failures.isEmpty()) {
        throw first(failures);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static RuntimeException first(List<Throwable> failures) {
    Throwable first = failures.get(0);
    failures.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
    if (first instanceof Error error) {
      throw error;
    }
    // Spark throws what it does not declare.
    return first instanceof RuntimeException failure ? failure : new IllegalStateException(first);
  }
}
