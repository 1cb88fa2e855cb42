package io.tributary.registry;

import io.tributary.core.Pin;
import io.tributary.core.TableVersion;
import java.util.List;
import java.util.Set;

/**
 * What a model is trained on.
 *
 * @param build of its training set
 * @param pins what the build was made from
 * @param definitions those that the version is made of, by kind and name
 */
public record TrainingUse(TableVersion build, List<Pin> pins, Set<String> definitions) {
  public TrainingUse {
    pins = List.copyOf(pins);
    definitions = Set.copyOf(definitions);
  }

  static TrainingUse of(ModelVersion version) {
    return new TrainingUse(
        version.trainingSet().table(),
        version.trainingSet().pins(),
        version.definitions().keySet());
  }
}
