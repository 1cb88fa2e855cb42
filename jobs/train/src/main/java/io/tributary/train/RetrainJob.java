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
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.registry.Retrainings;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.util.List;
import java.util.Optional;

/**
 * Trains a challenger because of a breach, on the split moved to the newest matured days, and
 * compares it with the champion. Its work is complete with the comparison, which alone promotes it,
 * to the champion's alias and where the model's file allows. Killed before, it goes on without
 * another fit.
 */
public final class RetrainJob implements Job {
  private final ModelVersions versions;
  private final RetrainDecision decision;

  public RetrainJob(FeatureStore store, Model model, RetrainDecision decision) {
    this.versions = new ModelVersions(store, model);
    this.decision = decision;
  }

  @Override
  public JobKey key() {
    return lockKey().with("decision", decision.id());
  }

  @Override
  public JobKey lockKey() {
    return JobKey.of("train", decision.model());
  }

  @Override
  public List<Pin> inputs() {
    return versions.inputs();
  }

  @Override
  public Digest definition() {
    return versions.definition(Optional.of(decision));
  }

  @Override
  public List<Definition> definitions() {
    return versions.definitions();
  }

  /** The run that trained the challenger; empty while its comparison is pending. */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    return challenger()
        .filter(version -> retrainings().isAnswered(decision))
        .map(ModelVersions::completed);
  }

  @Override
  public void run(Attempt attempt) {
    ModelVersions.Fitted fitted =
        challenger()
            .map(known -> new ModelVersions.Fitted(known.version(), Optional.empty()))
            .orElseGet(() -> versions.train(attempt, Optional.of(decision)));
    ModelVersion challenger = fitted.version();
    FitFacts facts =
        ModelVersions.facts(
            challenger, fitted.rows(), versions.incumbent(challenger, decision.alias()));
    versions.report(attempt, facts);
    attempt.writes(ModelVersions.node(challenger));
    if (retrainings().isAnswered(decision)) {
      return;
    }
    FitFacts.Promotion promotion =
        versions.follow(
            attempt,
            challenger,
            decision.alias(),
            Optional.of(decision),
            versions.numbered(decision.champion()));
    versions.report(
        attempt,
        facts.followedBy(
            promotion,
            Optional.of(
                new FitFacts.Retraining(
                    decision.monitor(),
                    decision.night(),
                    decision.reason(),
                    promotion.comparison().orElse(""),
                    promotion.followed()))));
  }

  private Retrainings retrainings() {
    return versions.registry().retrainings();
  }

  private Optional<RegisteredVersion> challenger() {
    return retrainings().challenger(decision);
  }
}
