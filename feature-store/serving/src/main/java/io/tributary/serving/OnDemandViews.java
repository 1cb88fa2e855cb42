package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The views of a project that are computed on demand, compiled once, beside requests. A project
 * without any costs nothing. Safe for threads.
 */
final class OnDemandViews {
  private static final Logger LOG = LoggerFactory.getLogger(OnDemandViews.class);

  private final Project project;
  private final OnDemandCompiler compiler;
  private final List<FeatureView> views;
  private final CompletableFuture<Map<ViewId, OnDemandView>> compiled = new CompletableFuture<>();
  private volatile long since = System.nanoTime();
  private volatile Optional<String> trouble;

  OnDemandViews(Project project, OnDemandCompiler compiler) {
    this.project = project;
    this.compiler = compiler;
    views =
        project.views().values().stream()
            .filter(FeatureView::isOnDemand)
            .sorted(Comparator.comparing(FeatureView::id))
            .toList();
    trouble = views.stream().findFirst().map(view -> compiling(view.id()));
  }

  /** Begins to compile them, on a thread of its own. */
  void start() {
    if (!views.isEmpty()) {
      since = System.nanoTime();
      Thread thread = new Thread(this::compile, "compile");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void compile() {
    try {
      compiled.complete(
          compiler.compile(project).stream()
              .collect(Collectors.toMap(of -> of.view().id(), Function.identity())));
      trouble = Optional.empty();
    } catch (RuntimeException | Error e) {
      trouble = Optional.of(Problem.of(e).detail());
      LOG.error("Nothing is computed on demand: {}", trouble.get());
      compiled.completeExceptionally(e);
    }
  }

  /** Those that are served, in name order. */
  List<FeatureView> views() {
    return views;
  }

  boolean isServed(ViewId id) {
    return views.stream().anyMatch(view -> view.id().equals(id));
  }

  /**
   * One that is served.
   *
   * @throws Refused 503 as long as it is compiled, after the time that anybody may wait
   * @throws PlatformException INVALID_DEFINITION where that is wrong
   */
  OnDemandView find(ViewId id) {
    try {
      return compiled
          .get(
              Math.max(0, Limits.WAIT.toNanos() - (System.nanoTime() - since)),
              TimeUnit.NANOSECONDS)
          .get(id);
    } catch (TimeoutException e) {
      throw new Refused(
          new Problem(503, ErrorCode.SERVER.name(), compiling(id) + " Ask again in a second."));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused(Problem.TOO_MANY);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PlatformException why
          ? why
          : new IllegalStateException("Cannot compile " + id, e.getCause());
    }
  }

  private static String compiling(ViewId id) {
    return "Cannot answer yet: %s is being compiled.".formatted(id);
  }

  /** Why they can't be computed now; empty where they can. */
  Optional<String> trouble() {
    return trouble;
  }
}
