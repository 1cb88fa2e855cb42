package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One version of a model and where it is from.
 *
 * @param number given by the registry, from 1; 0 for a draft that is not registered yet
 * @param metrics on the test rows, by the measure's name
 * @param baselines the same of each baseline, by the baseline's name
 * @param parameters what it was fitted with
 * @param admission what became of each admission rule, in the definition's order
 * @param onlineUse how what the online store answers compares with what it was trained on; empty
 *     where that was not recorded
 * @param definition the digest of the model's definition
 * @param fit the digest of all that decides its network: versions that are equal in it have the
 *     same
 * @param definitions what that definition is made of and what it was, by kind and name, as the lake
 *     keeps them
 * @param run the run that fitted it
 * @param fingerprint of that run's definition and logical inputs
 */
public record ModelVersion(
    String model,
    long number,
    Artefact artefact,
    Map<String, Double> metrics,
    Map<String, Map<String, Double>> baselines,
    FitParameters parameters,
    List<AdmissionVerdict> admission,
    ModelEnvironment environment,
    TrainingSetReference trainingSet,
    Optional<OnlineUse> onlineUse,
    Digest definition,
    Digest fit,
    Map<String, Digest> definitions,
    RunId run,
    Digest fingerprint) {
  public ModelVersion {
    if (number < 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name version "
              + number
              + " of model "
              + model
              + ": versions start at 1. Report this as a bug.");
    }
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    Map<String, Map<String, Double>> copied = new TreeMap<>();
    baselines.forEach(
        (name, of) -> copied.put(name, Collections.unmodifiableMap(new TreeMap<>(of))));
    baselines = Collections.unmodifiableMap(copied);
    admission = List.copyOf(admission);
    definitions = Collections.unmodifiableMap(new TreeMap<>(definitions));
  }

  /** The same as it is registered: under a number, with its dependencies by digest. */
  ModelVersion registered(long number) {
    return new ModelVersion(
        model,
        number,
        artefact,
        metrics,
        baselines,
        parameters,
        admission,
        environment.withoutDependencies(),
        trainingSet,
        onlineUse,
        definition,
        fit,
        definitions,
        run,
        fingerprint);
  }

  public ModelReference reference() {
    return ModelReference.of(model, number);
  }

  /** The admission rules that do not hold. */
  public List<AdmissionVerdict> failed() {
    return admission.stream().filter(v -> !v.passed()).toList();
  }
}
