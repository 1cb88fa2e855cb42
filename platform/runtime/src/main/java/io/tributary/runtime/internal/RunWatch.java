package io.tributary.runtime.internal;

import io.tributary.core.RunId;
import io.tributary.lake.TasksDone;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.MDC;

/**
 * Reports the progress of a run that takes more than two seconds, every few seconds until it is
 * closed.
 */
public final class RunWatch implements AutoCloseable {
  /** The time to the first report. */
  public static final Duration FIRST = Duration.ofSeconds(2);

  /** The time between later reports. */
  public static final Duration EVERY = Duration.ofSeconds(5);

  private final ScheduledExecutorService clock;
  private final Future<?> reporting;

  private RunWatch(ScheduledExecutorService clock, Future<?> reporting) {
    this.clock = clock;
    this.reporting = reporting;
  }

  public static RunWatch over(
      RunId run, String what, Supplier<TasksDone> soFar, Consumer<String> say) {
    return over(run, what, soFar, say, FIRST, EVERY);
  }

  static RunWatch over(
      RunId run,
      String what,
      Supplier<TasksDone> soFar,
      Consumer<String> say,
      Duration first,
      Duration every) {
    long begun = System.nanoTime();
    ThreadFactory quiet =
        work -> {
          Thread thread = new Thread(work, "progress-" + what);
          thread.setDaemon(true);
          return thread;
        };
    ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, quiet);
    Runnable report =
        () -> {
          MDC.put("run", run.text());
          long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
          say.accept(what + ": " + soFar.get().after(seconds));
        };
    return new RunWatch(
        clock,
        clock.scheduleAtFixedRate(
            report, first.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS));
  }

  @Override
  public void close() {
    reporting.cancel(false);
    clock.shutdownNow();
  }
}
