package io.tributary.online.rocksdb;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publications that reads answer from: opened by the first read of a view, and looked after by
 * a thread of their own from then on. A read takes no lock.
 */
final class PublicationsInForce implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationsInForce.class);

  private final Function<ViewId, Path> folder;
  private final Duration period;
  private final Map<ViewId, OpenPublication> open = new ConcurrentHashMap<>();
  private Optional<ScheduledExecutorService> refreshing = Optional.empty();
  private boolean closed;

  /** What the last refresh of our own failed with, so that it is logged once. */
  private String failure = "";

  PublicationsInForce(Function<ViewId, Path> folder, Duration period) {
    this.folder = folder;
    this.period = period;
  }

  /** Reads from the publication of a view that is in force, which stays open meanwhile. */
  <T> T read(
      ViewId view,
      Function<ViewId, Manifests.InForce> newest,
      Function<OpenPublication, T> reader) {
    while (true) {
      OpenPublication inForce = open.get(view);
      if (inForce == null) {
        inForce = first(view, newest);
      }
      if (inForce.retain()) {
        try {
          return reader.apply(inForce);
        } finally {
          inForce.release();
        }
      }
    }
  }

  private synchronized OpenPublication first(
      ViewId view, Function<ViewId, Manifests.InForce> newest) {
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
    return open.computeIfAbsent(view, v -> new OpenPublication(folder.apply(v), newest.apply(v)));
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "online-store-refresh");
    thread.setDaemon(true);
    return thread;
  }

  /** All views; what is wrong with one keeps no other from being refreshed. */
  synchronized void refresh() {
    Optional<RuntimeException> wrong = Optional.empty();
    for (ViewId view : open.keySet()) {
      try {
        refresh(view);
      } catch (RuntimeException e) {
        wrong = Optional.of(e);
      }
    }
    if (wrong.isPresent()) {
      throw wrong.get();
    }
  }

  synchronized void refresh(ViewId view) {
    OpenPublication former = open.get(view);
    if (former == null) {
      return;
    }
    Path files = folder.apply(view);
    new Manifests(files)
        .newerThan(former.inForce())
        .ifPresent(
            newest -> {
              open.put(view, new OpenPublication(files, newest));
              former.release();
            });
  }

  private void tryToRefresh() {
    try {
      refresh();
      if (!failure.isEmpty()) {
        LOG.info("Online publications are refreshed again.");
      }
      failure = "";
    } catch (RuntimeException | Error e) {
      if (!failure.equals(e.toString())) {
        LOG.warn("Reads go on from the publications in force: {}", e.getMessage(), e);
      }
      failure = e.toString();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    refreshing.ifPresent(ScheduledExecutorService::shutdownNow);
    open.values().forEach(OpenPublication::release);
    open.clear();
  }
}
