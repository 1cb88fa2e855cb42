package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.registry.TrainedElsewhere.Kind;
import io.tributary.registry.TrainedElsewhere.Problem;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One version of a model and its provenance: fitted by this platform, or {@link TrainedElsewhere}.
 *
 * @param number given by the registry, from 1; 0 for a draft that is not registered yet
 * @param metrics on the test rows, by the measure's name; of one that was trained elsewhere as
 *     whoever registered it says
 * @param baselines the same of each baseline, by the baseline's name
 * @param parameters what it was fitted with; empty if it was trained elsewhere
 * @param admission the result of each admission rule, in the definition's order
 * @param environment in which it was fitted; empty if it was trained elsewhere
 * @param trainingSet the build that it was fitted to; empty if it was trained elsewhere, on rows
 *     that the lake does not have
 * @param onlineUse how values of the online store compare with those that it was trained on; empty
 *     if not recorded
 * @param definition the digest of the model's definition, or of what is said of it
 * @param fit the digest of all that decides its network: versions with equal digests have the same
 *     network
 * @param definitions that definition and those that it is made of, by kind and name, as the lake
 *     stores them
 * @param run the run that fitted it; empty if it was trained elsewhere
 * @param fingerprint of that run's definition and logical inputs, or of what is said of it
 * @param decision the id of the decision to train again that it answers; mostly empty
 * @param elsewhere what is said of one that was trained elsewhere; empty if it was fitted here
 */
public record ModelVersion(
    String model,
    long number,
    Artefact artefact,
    Map<String, Double> metrics,
    Map<String, Map<String, Double>> baselines,
    Optional<FitParameters> parameters,
    List<AdmissionVerdict> admission,
    Optional<ModelEnvironment> environment,
    Optional<TrainingSetReference> trainingSet,
    Optional<OnlineUse> onlineUse,
    Digest definition,
    Digest fit,
    Map<String, Digest> definitions,
    Optional<RunId> run,
    Digest fingerprint,
    Optional<String> decision,
    Optional<TrainedElsewhere> elsewhere) {
  public ModelVersion {
    if (number < 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name version %s of model %s: versions start at 1. Report this as a bug."
              .formatted(number, model));
    }
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    Map<String, Map<String, Double>> copied = new TreeMap<>();
    baselines.forEach(
        (name, of) -> copied.put(name, Collections.unmodifiableMap(new TreeMap<>(of))));
    baselines = Collections.unmodifiableMap(copied);
    admission = List.copyOf(admission);
    definitions = Collections.unmodifiableMap(new TreeMap<>(definitions));
  }

  /** The registered form of a draft: with its number, and its dependencies by digest. */
  ModelVersion registered(long number) {
    return new ModelVersion(
        model,
        number,
        artefact,
        metrics,
        baselines,
        parameters,
        admission,
        environment.map(ModelEnvironment::withoutDependencies),
        trainingSet,
        onlineUse,
        definition,
        fit,
        definitions,
        run,
        fingerprint,
        decision,
        elsewhere);
  }

  public ModelReference reference() {
    return ModelReference.of(model, number);
  }

  /**
   * The first instant behind the rows that it was tested on, if a decision to train again moved its
   * split; empty where that stands as it was written.
   */
  public Optional<Instant> movedUpTo() {
    return decision.map(RetrainDecision::upTo);
  }

  /** The artefacts that it refers to: its own, and the list of its dependencies if it has one. */
  Set<Digest> artefacts() {
    Set<Digest> artefacts = new LinkedHashSet<>(List.of(artefact.digest()));
    environment.map(ModelEnvironment::dependencyArtefact).ifPresent(artefacts::add);
    return artefacts;
  }

  /** The admission rules that failed. */
  public List<AdmissionVerdict> failed() {
    return admission.stream().filter(AdmissionVerdict::failed).toList();
  }

  /** The build that it was fitted to, or that nobody knows which. */
  public String trainedOn() {
    return trainingSet.map(TrainingSetReference::toString).orElse("none");
  }

  /**
   * Refuses one that was trained elsewhere.
   *
   * @param what can't be done with it, as in {@code reproduce late_arrival@3}
   * @throws PlatformException REFUSED
   */
  public void requireFittedHere(String what) {
    elsewhere.ifPresent(
        said -> {
          throw new PlatformException(
              ErrorCode.REFUSED,
              "Cannot %s: it was trained elsewhere, and the lake has only what its registration says. Ask whoever registered it: tributary registry show %s."
                  .formatted(what, reference()));
        });
  }

  /** Whether its files are a bundle, which has what monitors compare with. */
  public boolean hasBundle() {
    return elsewhere.map(said -> said.kind() == Kind.BUNDLE).orElse(true);
  }

  /** What it foretells. */
  public Problem problem() {
    return elsewhere.map(TrainedElsewhere::problem).orElse(Problem.BINARY);
  }

  /**
   * Refuses one that does not foretell a label that is true or false.
   *
   * @param what can't be done with it, as in {@code evaluate late_arrival@3}
   * @param otherwise who does what instead, in a sentence
   * @throws PlatformException REFUSED
   */
  public void requireBinary(String what, String otherwise) {
    if (problem() != Problem.BINARY) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot %s: %s is of problem %s, and scores are measured in this version where they are probabilities of a label that is true or false. %s"
              .formatted(what, reference(), problem(), otherwise));
    }
  }

  /**
   * Refuses one that can't be scored.
   *
   * @param what can't be done with it, as in {@code score with late_arrival@3}
   * @throws PlatformException REFUSED
   */
  public void requireScorable(String what) {
    elsewhere
        .filter(said -> said.kind() == Kind.FILES || said.problem() == Problem.CLASSES)
        .ifPresent(
            said -> {
              throw new PlatformException(
                  ErrorCode.REFUSED,
                  "Cannot %s: it is registered as %s, of problem %s, and bundles and ONNX models of problem binary or number alone are scored. Whoever registered it scores it elsewhere, or registers it as one of these."
                      .formatted(what, said.kind(), said.problem()));
            });
  }

  /** Those that are judged when it is to be promoted. */
  List<AdmissionVerdict> judgedAtPromotion() {
    return admission.stream().filter(v -> v.atPromotion().isPresent()).toList();
  }
}
