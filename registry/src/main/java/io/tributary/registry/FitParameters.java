package io.tributary.registry;

import io.tributary.events.facts.FitFacts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a version was fitted with.
 *
 * @param split as applied to the rows
 * @param inputs how each input becomes numbers, by its column
 * @param network its hidden layers, {@code dense(64, relu)}
 * @param mostEpochs the maximum number of epochs
 * @param patience after how many epochs without improvement it stops
 * @param replicas how many threads shared a batch
 * @param testRows the number of test rows
 * @param testPositives the number of test rows whose label is true
 * @param epochs the number of epochs run
 * @param bestEpoch the epoch whose network was kept
 */
public record FitParameters(
    FitFacts.Split split,
    Map<String, String> inputs,
    List<String> network,
    String updater,
    double learningRate,
    int batch,
    int mostEpochs,
    int patience,
    long seed,
    int replicas,
    long testRows,
    long testPositives,
    int epochs,
    int bestEpoch) {
  public FitParameters {
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    network = List.copyOf(network);
  }
}
