package io.tributary.features;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.offline.ChosenRunner;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.offline.engine.EngineDigest;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.util.List;
import java.util.Optional;

/**
 * Builds a training set into {@code training.<name>}, replaced by one commit. The commit's facts
 * are the build's number (from 1), the rows' content digest, the digest of its meaning, and counts;
 * its inputs are the pins from which the same rows can be rebuilt.
 */
public final class TrainingSetJob implements Job {
  private final FeatureStore store;
  private final CheckedTrainingSet set;

  private TrainingSetJob(FeatureStore store, CheckedTrainingSet set) {
    this.store = store;
    this.set = set;
  }

  public static TrainingSetJob of(FeatureStore store, TrainingSet set) {
    return new TrainingSetJob(store, store.project().trainingSet(set.name()));
  }

  /** The table with the newest build. */
  public static TableName table(String trainingSet) {
    return TableName.of("training", trainingSet);
  }

  @Override
  public JobKey key() {
    return JobKey.of("training-set", set.name());
  }

  @Override
  public List<Pin> inputs() {
    return store.pins().of(set.definition());
  }

  @Override
  public Digest definition() {
    return EngineDigest.of(set.digest());
  }

  @Override
  public List<Definition> definitions() {
    return store.project().definitions(List.of("training-set " + set.name()));
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(table(set.name()));
  }

  @Override
  public void run(Attempt attempt) {
    ChosenRunner runner = store.trainingSets().runner(set.definition(), attempt.inputs());
    attempt.computedBy(runner.name(), runner.why());
    try (TrainingSetBuild build = store.trainingSets().build(set.definition(), attempt.inputs())) {
      attempt.report(build.facts(nextNumber(attempt), set.digest()));
      attempt
          .progress()
          .say(
              "%s: %d of %d rows labelled, %d features"
                  .formatted(key(), build.content().rows(), build.labels().asked(), features()));
      build.warnings().forEach(w -> attempt.progress().say(key() + ": " + w));
      attempt.lake().table(table(set.name())).replace(build.rows(), attempt.commitPoint());
    }
  }

  private int features() {
    return set.uses().stream().mapToInt(use -> use.columns().size()).sum();
  }

  private long nextNumber(Attempt attempt) {
    return attempt
            .lake()
            .table(table(set.name()))
            .recorded(key())
            .flatMap(r -> r.facts(TrainingSetFacts.class))
            .map(TrainingSetFacts::number)
            .orElse(0L)
        + 1;
  }
}
