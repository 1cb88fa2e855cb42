package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a training run did.
 *
 * @param model the version that it registered, {@code name@number}
 * @param artefact the digest of the version's bundle
 * @param trainingSet the build that it was fitted to, as people read it
 * @param rows what became of the build's rows, such as {@code train-rows}; empty where an earlier
 *     run had fitted it
 * @param metrics on the test rows, by name
 * @param baselines the same of each baseline, by its name
 * @param admitted whether all admission rules hold
 * @param promoted the alias that the version got
 */
@JsonDeserialize
public record FitFacts(
    String model,
    Digest artefact,
    String trainingSet,
    Map<String, Long> rows,
    Map<String, Double> metrics,
    Map<String, Map<String, Double>> baselines,
    boolean admitted,
    Optional<String> promoted)
    implements RunFacts {
  static final String KIND = "fit";

  public FitFacts {
    rows = Collections.unmodifiableMap(new TreeMap<>(rows));
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    baselines = Collections.unmodifiableMap(new TreeMap<>(baselines));
  }

  @Override
  public String kind() {
    return KIND;
  }

  /** The same of a version that was promoted. */
  public FitFacts promotedTo(String alias) {
    return new FitFacts(
        model, artefact, trainingSet, rows, metrics, baselines, admitted, Optional.of(alias));
  }
}
