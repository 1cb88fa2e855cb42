package io.tributary.registry;

import io.tributary.events.facts.FitFacts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a version was fitted with.
 *
 * @param split as it fell on the rows
 * @param inputs how each input becomes numbers, by its column
 * @param network its hidden layers, {@code dense(64, relu)}
 * @param mostEpochs how many there may have been
 * @param patience after how many epochs without a better one it ends
 * @param replicas how many threads shared a batch
 * @param testRows rows that it was tested on
 * @param testPositives of them those whose label is true
 * @param epochs that were run
 * @param bestEpoch the one that the network is from
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
