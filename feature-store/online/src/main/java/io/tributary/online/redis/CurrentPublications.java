package io.tributary.online.redis;

import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Refresher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The publications that reads answer from: found by the first read of a view, and looked after by a
 * thread of their own from then on. A read takes no lock.
 */
final class CurrentPublications implements AutoCloseable {
  private final RedisClient client;
  private final Function<ViewId, Publications> publications;
  private final Function<ViewId, PlatformException> neverPublished;
  private final Map<ViewId, OpenRows> open = new ConcurrentHashMap<>();

  /** What was loaded last: a server that has nothing of such a view any more has lost it. */
  private final Map<ViewId, Manifest> last = new ConcurrentHashMap<>();

  private final Map<ViewId, CompletableFuture<OpenRows>> loading = new ConcurrentHashMap<>();
  private final Refresher refresher;

  CurrentPublications(
      RedisClient client,
      Function<ViewId, Publications> publications,
      Function<ViewId, PlatformException> neverPublished,
      Duration period) {
    this.client = client;
    this.publications = publications;
    this.neverPublished = neverPublished;
    this.refresher = new Refresher(this::refresh, period);
  }

  /** The publication of a view that is in force. */
  OpenRows inForce(ViewId view) {
    OpenRows known = open.get(view);
    return known != null ? known : first(view);
  }

  /**
   * Reads from one publication of a view: from the one in force, or from what replaced it if rows
   * of that have been removed meanwhile.
   *
   * @param reader empty where rows are not there any more
   */
  <T> T read(ViewId view, Function<OpenRows, Optional<T>> reader) {
    OpenRows from = inForce(view);
    while (true) {
      Optional<T> answer = reader.apply(from);
      if (answer.isPresent()) {
        return answer.get();
      }
      if (publications.apply(view).pointer().equals(Optional.of(from.manifest().pointer()))) {
        throw OpenRows.gone(client, from.manifest());
      }
      OpenRows now = loadOnce(view);
      // Where another read was faster, from what it found: what is in force never goes back.
      from = open.replace(view, from, now) ? now : inForce(view);
    }
  }

  private OpenRows first(ViewId view) {
    refresher.start(view);
    OpenRows loaded = loadOnce(view);
    OpenRows before = open.putIfAbsent(view, loaded);
    return before != null ? before : loaded;
  }

  /** What is published now, or when another read asked that has no answer yet. */
  private OpenRows loadOnce(ViewId view) {
    CompletableFuture<OpenRows> own = new CompletableFuture<>();
    CompletableFuture<OpenRows> first = loading.putIfAbsent(view, own);
    if (first != null) {
      try {
        return first.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof PlatformException known
            ? new PlatformException(known.code(), known.getMessage(), known)
            : e;
      }
    }
    try {
      own.complete(load(view));
    } catch (RuntimeException | Error e) {
      own.completeExceptionally(e);
      throw e;
    } finally {
      loading.remove(view);
    }
    return own.join();
  }

  /** What is published now. */
  private OpenRows load(ViewId view) {
    Optional<String> seen = Optional.empty();
    while (true) {
      Publications published = publications.apply(view);
      Optional<Manifest> newest = published.newest();
      if (newest.isEmpty()) {
        open.remove(view);
        Manifest before = last.get(view);
        throw before == null ? neverPublished.apply(view) : OpenRows.gone(client, before);
      }
      Optional<OpenRows> rows = OpenRows.open(client, published.keys(), newest.get());
      if (rows.isPresent()) {
        last.put(view, newest.get());
        return rows.get();
      }
      if (seen.equals(Optional.of(newest.get().pointer()))) {
        throw OpenRows.gone(client, newest.get());
      }
      seen = Optional.of(newest.get().pointer());
    }
  }

  /** All views, by one question; what is wrong with one keeps no other from being refreshed. */
  void refresh() {
    List<ViewId> views = List.copyOf(open.keySet());
    if (views.isEmpty()) {
      return;
    }
    String[] keys =
        views.stream().map(view -> publications.apply(view).keys().now()).toArray(String[]::new);
    List<String> pointers =
        client.read("look for new publications", jedis -> new ArrayList<>(jedis.mget(keys)));
    Optional<RuntimeException> wrong = Optional.empty();
    for (int i = 0; i < keys.length; i++) {
      try {
        refresh(views.get(i), Optional.ofNullable(pointers.get(i)));
      } catch (RuntimeException e) {
        wrong = Optional.of(e);
      }
    }
    if (wrong.isPresent()) {
      throw wrong.get();
    }
  }

  private void refresh(ViewId view, Optional<String> pointer) {
    OpenRows former = open.get(view);
    if (pointer.isEmpty()) {
      // A server that was started again without its data: the next read says so.
      open.remove(view);
    } else if (former != null && !pointer.get().equals(former.manifest().pointer())) {
      published(view);
    }
  }

  /** Brings a view up to date that has been published; what was loaded before replaces nothing. */
  void published(ViewId view) {
    OpenRows former;
    do {
      former = open.get(view);
    } while (former != null && !open.replace(view, former, load(view)));
  }

  @Override
  public synchronized void close() {
    refresher.close();
    open.clear();
  }
}
