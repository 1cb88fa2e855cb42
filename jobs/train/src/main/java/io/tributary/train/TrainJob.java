package io.tributary.train;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.definition.Model;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.util.List;
import java.util.Optional;

/**
 * Trains a version of a model on the newest build of its training set and registers it. Where its
 * admission rules hold, it is compared with the version in force and promoted as the model's policy
 * says. The work is complete with the {@code registered} event and that comparison; what a process
 * that died has left of it is done by the next run, without another fit, unless somebody has moved
 * the alias since.
 */
public final class TrainJob implements Job {
  private final ModelVersions versions;
  private final Optional<String> alias;

  /**
   * A job for one model.
   *
   * @param alias that an admitted version is promoted to; empty = it is registered only
   */
  public TrainJob(FeatureStore store, Model model, Optional<String> alias) {
    this.versions = new ModelVersions(store, model);
    this.alias = alias;
  }

  @Override
  public JobKey key() {
    return JobKey.of("train", versions.model().name());
  }

  @Override
  public List<Pin> inputs() {
    return versions.inputs();
  }

  @Override
  public Digest definition() {
    return versions.definition(Optional.empty());
  }

  @Override
  public List<Definition> definitions() {
    return versions.definitions();
  }

  /** The run of the newest version that no breach led to; empty while its promotion is pending. */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    return versions
        .registered(version -> version.decision().isEmpty())
        .filter(version -> !owesPromotion(version))
        .map(ModelVersions::completed);
  }

  @Override
  public void run(Attempt attempt) {
    Optional<RegisteredVersion> earlier =
        versions.registered(version -> version.fingerprint().equals(attempt.fingerprint()));
    ModelVersions.Fitted fitted =
        earlier
            .map(known -> new ModelVersions.Fitted(known.version(), Optional.empty()))
            .orElseGet(() -> versions.train(attempt, Optional.empty()));
    ModelVersion version = fitted.version();
    FitFacts facts =
        ModelVersions.facts(
            version, fitted.rows(), alias.flatMap(name -> versions.incumbent(version, name)));
    attempt.report(facts);
    attempt.writes(ModelVersions.node(version));
    Optional<FitFacts.Promotion> promotion =
        earlier.isEmpty() || earlier.get().retirement().isEmpty()
            ? promote(attempt, version)
            : Optional.empty();
    versions.report(
        attempt, promotion.map(p -> facts.followedBy(p, Optional.empty())).orElse(facts));
  }

  private Optional<FitFacts.Promotion> promote(Attempt attempt, ModelVersion version) {
    if (alias.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> why =
        version.failed().isEmpty()
            ? versions.registry().outdated(version).or(this::blocked).or(this::overtaken)
            : Optional.of(
                String.join(
                    "; ", version.failed().stream().map(AdmissionVerdict::toString).toList()));
    if (why.isPresent()) {
      attempt
          .progress()
          .say("%s is registered, not promoted: %s".formatted(version.reference(), why.get()));
      return Optional.empty();
    }
    Optional<ModelVersion> champion = versions.holder(alias.get());
    return champion.filter(held -> held.number() == version.number()).isPresent()
        ? Optional.empty()
        : Optional.of(versions.follow(attempt, version, alias.get(), Optional.empty(), champion));
  }

  /** Why no version of the model may be promoted. */
  private Optional<String> blocked() {
    return alias.flatMap(name -> versions.registered().flatMap(known -> known.blocked(name)));
  }

  /** Why a version by the split as it is written doesn't replace the one that has the alias. */
  private Optional<String> overtaken() {
    return alias
        .flatMap(versions::holder)
        .filter(holder -> holder.decision().isPresent())
        .filter(holder -> holder.definition().equals(versions.model().digest()))
        .map(
            holder ->
                "%s was trained by the same definition on newer days, because of a breach. Move the split on, or promote the version by hand."
                    .formatted(holder.reference()));
  }

  /**
   * Whether a version may be promoted and never has been. Where the alias was moved after it was
   * registered, by a person or a comparison, that stands.
   */
  private boolean owesPromotion(RegisteredVersion version) {
    return alias.isPresent()
        && version.version().failed().isEmpty()
        && version.retirement().isEmpty()
        && versions.registry().outdated(version.version()).isEmpty()
        && blocked().isEmpty()
        && overtaken().isEmpty()
        && versions.owesPromotion(version.version(), alias.get())
        && versions.registry().history(versions.model().name()).stream()
            .filter(change -> change.alias().equals(alias))
            .noneMatch(
                change ->
                    change.number() == version.version().number()
                        || change.at().isAfter(version.at()));
  }
}
