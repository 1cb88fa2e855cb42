package io.tributary.registry;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model that was trained elsewhere, as somebody brings it to the registry.
 *
 * @param model the name of which it becomes a version
 * @param files by name, sub-folders with {@code /}
 * @param metrics by the measure's name, as admission rules call them
 * @param trainingSet the build that it was trained on, from {@link Registrar#trainingSet}; empty if
 *     it was trained on rows that the lake does not have
 * @param admission the result of each admission rule
 */
public record Registration(
    String model,
    SortedMap<String, byte[]> files,
    TrainedElsewhere said,
    Map<String, Double> metrics,
    Optional<TrainingSetReference> trainingSet,
    List<AdmissionVerdict> admission) {
  public Registration {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    admission = List.copyOf(admission);
  }

  /** {@code name@number} of its training set, or {@code none}. */
  String trainedOn() {
    return trainingSet.map(TrainingSetReference::toString).orElse("none");
  }
}
