package io.tributary.serving;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ViewUse;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.definitions.Meanings;
import io.tributary.model.StoredModel;
import io.tributary.online.StoredView;
import io.tributary.registry.Alias;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.SuspectPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of models that were asked for, opened by the first who asks. What a reference points
 * to is looked up again outside of requests, so that an answer is by one version, and the next one
 * by another: by a new one once it is open. Safe for threads.
 */
final class ServedModels {
  private static final Logger LOG = LoggerFactory.getLogger(ServedModels.class);

  private final ModelRegistry registry;
  private final LakeDefinitions definitions;

  /** By reference, those that were asked for last at the end. */
  private final Map<String, ServedVersion> served = new LinkedHashMap<>(16, 0.75f, true);

  private volatile Optional<String> trouble = Optional.empty();

  ServedModels(Project project, String lake) {
    registry =
        ModelRegistry.open(
            lake, SuspectPolicy.of(project::suspect, sentence -> LOG.warn("{}", sentence)));
    definitions = LakeDefinitions.open(lake);
  }

  /**
   * The version that a reference points to.
   *
   * @param written {@code late_arrival@3}, {@code late_arrival@production}, or {@code late_arrival}
   *     for the latter
   * @throws Refused 404 where there is none, 409 where it may not be used
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
    try {
      ServedVersion opened = open(reference);
      keep(reference, opened);
      return opened;
    } catch (PlatformException e) {
      throw unusable(e);
    }
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
      } catch (PlatformException e) {
        // A registry only grows: where a version is not found any more, the lake isn't there.
        if (e.code() == ErrorCode.REFUSED) {
          // Who asks next is told why.
          synchronized (served) {
            served.remove(of.getKey());
          }
        } else {
          why =
              Optional.of(
                  "%s The server goes on with %s as %s."
                      .formatted(e.getMessage(), of.getValue().version().reference(), of.getKey()));
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
      return former.get().with(offline);
    }
    version.requireScorable("score with " + version.reference());
    StoredModel stored = StoredModel.of(registry.artefact(version), version.artefact().digest());
    return new ServedVersion(version, stored.open(), uses(version), offline);
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
   * Checks that what is published of a view means what a version was trained on.
   *
   * @throws PlatformException REFUSED where it doesn't
   */
  void requireMeaning(ServedVersion of, StoredView published) {
    boolean same =
        of.meant().computeIfAbsent(published.definition(), digest -> isSame(of, published));
    if (!same) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot use %s online: what is published of %s has another meaning than what it was trained on. Publish that again, or train it again: tributary training-set, tributary train %s."
              .formatted(of.version().reference(), published.id(), of.version().model()));
    }
  }

  private boolean isSame(ServedVersion of, StoredView published) {
    Digest trained =
        of.trainedOn(published.id())
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.REFUSED,
                        "Cannot use %s online: nobody recorded which definition of %s it was trained on. Train it again."
                            .formatted(of.version().reference(), published.id())));
    String view = Definition.VIEW + " " + published.id();
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
