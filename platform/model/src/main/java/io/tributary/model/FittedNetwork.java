package io.tributary.model;

import io.tributary.definition.Model.Layer;
import java.util.List;

/**
 * A network with the parameters of its best epoch.
 *
 * @param layers its hidden layers
 * @param configuration all its layers, as Deeplearning4j writes them as JSON
 * @param parameters all of them, in Deeplearning4j's order
 * @param history every epoch that was run
 * @param bestEpoch the number of the epoch that the parameters are from
 */
public record FittedNetwork(
    List<Layer> layers,
    String configuration,
    float[] parameters,
    List<Epoch> history,
    int bestEpoch) {
  public FittedNetwork {
    layers = List.copyOf(layers);
    history = List.copyOf(history);
  }
}
