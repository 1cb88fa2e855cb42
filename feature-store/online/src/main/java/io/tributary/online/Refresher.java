package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store's publications up to date, by a thread of its own from the first read on. What
 * goes wrong is logged once, and tried again.
 */
public final class Refresher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);

  private final Runnable refresh;
  private final Duration period;
  private Optional<ScheduledExecutorService> refreshing = Optional.empty();
  private volatile boolean closed;

  /** What the last refresh failed with, so that it is logged once. */
  private String failure = "";

  /** That of a store; nothing is done before it starts. */
  public Refresher(Runnable refresh, Duration period) {
    this.refresh = refresh;
    this.period = period;
  }

  /**
   * Starts it, unless it has been, for the first read of a view.
   *
   * @throws PlatformException BUG once it is closed
   */
  public synchronized void start(ViewId view) {
    if (closed) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot read features of " + view + ": the store is closed. Report this as a bug.");
    }
    if (refreshing.isEmpty()) {
      refreshing = Optional.of(Executors.newSingleThreadScheduledExecutor(r -> daemon(r)));
      // It ends with its executor; what goes wrong is caught and logged, so that the next one runs.
      ScheduledFuture<?> unused =
          refreshing
              .get()
              .scheduleWithFixedDelay(
                  this::tryToRefresh, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "online-store-refresh");
    thread.setDaemon(true);
    return thread;
  }

  private void tryToRefresh() {
    try {
      refresh.run();
      if (!failure.isEmpty()) {
        LOG.info("Online publications are refreshed again.");
      }
      failure = "";
    } catch (RuntimeException | Error e) {
      if (!closed && !failure.equals(e.toString())) {
        LOG.warn("Reads go on from the publications in force: {}", e.getMessage(), e);
      }
      failure = e.toString();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    refreshing.ifPresent(ScheduledExecutorService::shutdownNow);
  }
}
