package io.tributary.train;

import io.tributary.offline.FeatureStore;
import io.tributary.registry.Artefact;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelVersion;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A registered version, fitted again. The same rows in the same environment give the same files.
 *
 * @param artefact what its files come to; they are stored nowhere
 * @param sameRules whether this build decides a fit by the rules that the version was fitted by
 */
public record ModelReproduction(Artefact artefact, boolean sameRules) {
  /**
   * Fits a version again, in the memory of this process.
   *
   * @param store of the definitions that it was trained by
   * @param rows of its training set
   * @param progress receives a line for each step
   */
  public static ModelReproduction of(
      FeatureStore store, ModelVersion version, Dataset<Row> rows, Consumer<String> progress) {
    ModelVersions versions =
        new ModelVersions(store, store.project().model(version.model()).definition());
    Optional<ZoneId> zone = versions.zone(version);
    ModelTraining training =
        versions.again(version, rows, zone.orElse(store.project().project().zone()), progress);
    return new ModelReproduction(
        ArtefactStore.describe(training.bundle().files()), zone.isPresent());
  }
}
