package io.tributary.registry;

import io.tributary.core.Pin;
import io.tributary.core.TableVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a model is trained or measured on.
 *
 * @param build of its training set; empty where the rows are in none
 * @param pins what the rows were made from
 * @param definitions those that the version is made of, by kind and name
 */
public record TrainingUse(Optional<TableVersion> build, List<Pin> pins, Set<String> definitions) {
  public TrainingUse {
    pins = List.copyOf(pins);
    definitions = Set.copyOf(definitions);
  }

  /** Of a build. */
  public TrainingUse(TableVersion build, List<Pin> pins, Set<String> definitions) {
    this(Optional.of(build), pins, definitions);
  }

  /** Empty for a version that was trained on rows that the lake does not have. */
  static Optional<TrainingUse> of(ModelVersion version) {
    return version
        .trainingSet()
        .map(set -> new TrainingUse(set.table(), set.pins(), version.definitions().keySet()));
  }
}
