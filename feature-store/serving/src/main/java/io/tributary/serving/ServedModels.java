package io.tributary.serving;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ViewUse;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.model.StoredModel;
import io.tributary.online.StoredView;
import io.tributary.registry.Alias;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.SuspectPolicy;
import io.tributary.serving.ServedVersion.Meaning;
import io.tributary.serving.ServedViews.Asked;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of models that were asked for, opened once where one is asked for, on threads of
 * their own. What a reference points to is looked up again outside of requests, so that an answer
 * is by one version, and the next one by another: by a new one once it is open. Safe for threads.
 */
final class ServedModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedModels.class);

  private final String lake;
  private final ModelRegistry registry;
  private final LakeDefinitions definitions;

  /** By reference, those that were asked for last at the end. */
  private final Map<String, ServedVersion> served = new LinkedHashMap<>(16, 0.75f, true);

  /** By reference, those that are being opened, and for a moment those that could not be. */
  private final Map<String, Opening> opening = new ConcurrentHashMap<>();

  private final ExecutorService openers =
      Executors.newFixedThreadPool(
          Limits.OPENERS,
          work -> {
            Thread thread = new Thread(work, "open");
            thread.setDaemon(true);
            return thread;
          });

  private volatile Optional<String> trouble = Optional.empty();

  private record Opening(CompletableFuture<ServedVersion> version, long since) {
    /** Waits as long as anybody may since it began. */
    ServedVersion await(String reference) {
      try {
        return version.get(
            Limits.WAIT.toNanos() - (System.nanoTime() - since), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        throw new Refused(
            new Problem(
                503,
                ErrorCode.SERVER.name(),
                "Cannot answer yet: %s is being opened. Ask again in a second."
                    .formatted(reference)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Refused(Problem.TOO_MANY);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof PlatformException why
            ? unusable(why)
            : new IllegalStateException("Cannot open " + reference, e.getCause());
      }
    }
  }

  ServedModels(Project project, String lake) {
    this.lake = lake;
    Set<String> said = ConcurrentHashMap.newKeySet();
    registry =
        ModelRegistry.open(
            lake,
            SuspectPolicy.of(
                project::suspect,
                sentence -> {
                  if (said.add(sentence)) {
                    LOG.warn("{}", sentence);
                  }
                }));
    definitions = LakeDefinitions.open(lake);
  }

  /**
   * The version that a reference points to.
   *
   * @param written {@code late_arrival@3}, {@code late_arrival@production}, or {@code late_arrival}
   *     for the latter
   * @throws Refused 404 where there is none, 409 where it may not be used, 503 while it is opened
   */
  ServedVersion find(String written) {
    String reference = written.contains("@") ? written : written + "@" + Alias.PRODUCTION;
    Optional<ServedVersion> known = known(reference);
    if (known.isPresent()) {
      return known.get();
    }
    if (ModelReference.find(reference).isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read model reference \"%s\": write late_arrival@3, late_arrival@production, or late_arrival for the latter."
              .formatted(Body.shown(written)));
    }
    Opening begun = new Opening(new CompletableFuture<>(), System.nanoTime());
    Opening former = opening.putIfAbsent(reference, begun);
    if (former != null) {
      return former.await(reference);
    }
    // Those that are remembered as failed wait for nothing.
    if (opening.values().stream().filter(each -> !each.version().isDone()).count()
        > Limits.WAITING) {
      opening.remove(reference);
      throw new Refused(Problem.TOO_MANY);
    }
    openers.execute(() -> begin(reference, begun));
    return begun.await(reference);
  }

  private void begin(String reference, Opening begun) {
    try {
      requireLake();
      ServedVersion opened = open(reference);
      keep(reference, opened);
      opening.remove(reference);
      begun.version().complete(opened);
    } catch (RuntimeException | Error e) {
      if (!(e instanceof PlatformException)) {
        LOG.error("Cannot open {}", reference, e);
      }
      begun.version().completeExceptionally(e);
      CompletableFuture.delayedExecutor(
              Limits.REMEMBERED.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
          .execute(() -> opening.remove(reference));
    }
  }

  /** A lake that is away has no models, which is not that there are none. */
  private void requireLake() {
    if (LakeIdentity.require(lake).isEmpty()) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read the registry: there is no lake at %s. Mount it.".formatted(lake));
    }
  }

  @Override
  public void close() {
    openers.shutdownNow();
  }

  private Optional<ServedVersion> known(String reference) {
    synchronized (served) {
      return Optional.ofNullable(served.get(reference));
    }
  }

  private void keep(String reference, ServedVersion version) {
    synchronized (served) {
      served.put(reference, version);
      if (served.size() > Limits.MODELS) {
        served.remove(served.keySet().iterator().next());
      }
    }
  }

  private Map<String, ServedVersion> all() {
    synchronized (served) {
      return new LinkedHashMap<>(served);
    }
  }

  /** What forbids the use of a version, which no other request would change. */
  static RuntimeException unusable(PlatformException e) {
    return e.code() == ErrorCode.REFUSED || e.code() == ErrorCode.CONTRACT_BROKEN
        ? new Refused(new Problem(409, e.code().name(), e.getMessage()))
        : e;
  }

  /** Looks up again what references point to. */
  void refresh() {
    Optional<String> why = Optional.empty();
    for (Map.Entry<String, ServedVersion> of : all().entrySet()) {
      try {
        ServedVersion now = open(of.getKey());
        synchronized (served) {
          served.replace(of.getKey(), now);
        }
      } catch (RuntimeException | LinkageError e) {
        // A registry only grows: where a version is not found any more, the lake isn't there.
        if (e instanceof PlatformException refused && refused.code() == ErrorCode.REFUSED) {
          // Who asks next is told why.
          synchronized (served) {
            served.remove(of.getKey());
          }
        } else {
          why =
              Optional.of(
                  "%s The server goes on with %s as %s."
                      .formatted(
                          e instanceof PlatformException ? e.getMessage() : Problem.of(e).detail(),
                          of.getValue().version().reference(),
                          of.getKey()));
        }
      }
    }
    if (why.isPresent() && trouble.isEmpty()) {
      LOG.warn("{}", why.get());
    }
    trouble = why;
  }

  /** What of the registry can't be read, and what it leads to; empty where all is well. */
  Optional<String> trouble() {
    return trouble;
  }

  private ServedVersion open(String reference) {
    ModelVersion version = registry.resolve(reference);
    Optional<PlatformException> offline = offline(version);
    Optional<ServedVersion> former =
        all().values().stream().filter(of -> of.version().equals(version)).findFirst();
    if (former.isPresent()) {
      return former.get().with(offline, meant(former.get()));
    }
    version.requireScorable("score with " + version.reference());
    StoredModel stored = StoredModel.of(registry.artefact(version), version.artefact().digest());
    return new ServedVersion(version, stored.open(), uses(version), offline);
  }

  private Map<Meaning, Boolean> meant(ServedVersion of) {
    return of.meant().keySet().stream()
        .collect(Collectors.toMap(Function.identity(), asked -> isSame(of, asked)));
  }

  private Optional<PlatformException> offline(ModelVersion version) {
    try {
      registry.resolveOnline(version.reference().toString());
      return Optional.empty();
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.REFUSED) {
        throw e;
      }
      return Optional.of(e);
    }
  }

  private List<ViewUse> uses(ModelVersion version) {
    Optional<Digest> kept =
        version.trainingSet().map(set -> version.definitions().get("training-set " + set.name()));
    return kept.map(digest -> ViewUse.kept(definitions.store().read(digest))).orElse(List.of());
  }

  /**
   * Checks that what is published of a view, or computed by it, means what a version was trained
   * on.
   *
   * @throws PlatformException REFUSED where it doesn't
   */
  void requireMeaning(ServedVersion of, Asked asked) {
    StoredView view = asked.view();
    boolean same =
        of.meant()
            .computeIfAbsent(
                new Meaning(view.id(), view.definition()), meaning -> isSame(of, meaning));
    if (!same) {
      boolean published = asked.published().isPresent();
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot use %s online: what is %s of %s has another meaning than what it was trained on. %s, or train it again: tributary training-set, tributary train %s."
              .formatted(
                  of.version().reference(),
                  published ? "published" : "computed",
                  view.id(),
                  published ? "Publish that again" : "Serve with that definition",
                  of.version().model()));
    }
  }

  private boolean isSame(ServedVersion of, Meaning published) {
    Digest trained =
        of.trainedOn(published.view())
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.REFUSED,
                        "Cannot use %s online: nobody recorded which definition of %s it was trained on. Train it again."
                            .formatted(of.version().reference(), published.view())));
    String view = Definition.VIEW + " " + published.view();
    Digest meaning = definitions.store().read(trained).meaningDigest();
    return meaning.equals(published.definition())
        || definitions
                .meanings()
                .fixed(view)
                .map(Meanings.Change::meaning)
                .filter(published.definition()::equals)
                .isPresent()
            && definitions.meanings().accepts(of.version().reference().toString(), view, meaning);
  }
}
