package io.tributary.online.rocksdb;

import io.tributary.definition.ViewId;
import io.tributary.online.Refresher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The publications that reads answer from: opened by the first read of a view, and looked after by
 * a thread of their own from then on. A read takes no lock.
 */
final class PublicationsInForce implements AutoCloseable {
  private final Function<ViewId, Path> folder;
  private final Map<ViewId, OpenPublication> open = new ConcurrentHashMap<>();
  private final Refresher refresher;

  PublicationsInForce(Function<ViewId, Path> folder, Duration period) {
    this.folder = folder;
    this.refresher = new Refresher(this::refresh, period);
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
    refresher.start(view);
    return open.computeIfAbsent(view, v -> new OpenPublication(folder.apply(v), newest.apply(v)));
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

  @Override
  public synchronized void close() {
    refresher.close();
    open.values().forEach(OpenPublication::release);
    open.clear();
  }
}
