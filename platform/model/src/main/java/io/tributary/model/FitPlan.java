package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.List;

/**
 * How a network looks and how it is fitted; with the training rows it decides every bit of the
 * fitted parameters (on one kind of CPU, with {@code OMP_NUM_THREADS=1}).
 *
 * @param layers the hidden layers, in order
 * @param updater one of {@link #UPDATERS}
 * @param batch rows a step
 * @param patience epochs without a better validation loss before it stops
 * @param replicas how many threads share a batch; part of the plan, because it changes the order in
 *     which gradients are added
 */
public record FitPlan(
    List<Layer> layers,
    String updater,
    double learningRate,
    int batch,
    int epochs,
    int patience,
    long seed,
    int replicas) {
  /** How gradients can change the parameters. */
  public static final List<String> UPDATERS =
      List.of("adam", "sgd", "nesterovs", "rmsprop", "adagrad");

  public FitPlan {
    layers = List.copyOf(layers);
    require(UPDATERS.contains(updater), "updater " + updater, "Use one of " + UPDATERS);
    require(
        learningRate > 0 && learningRate < 100,
        "learning-rate " + learningRate,
        "Use a small positive number, as 0.001");
    require(batch > 0 && batch <= 1 << 20, "batch " + batch, "Use 1 to 1048576 rows, as 1024");
    require(epochs > 0, "epochs " + epochs, "Use at least 1");
    require(patience > 0, "patience " + patience, "Use at least 1");
    require(
        replicas > 0 && replicas <= 64 && replicas <= batch,
        "replicas " + replicas,
        "Use 1 to 64, and no more than the batch has rows");
    for (Layer layer : layers) {
      if (layer instanceof Layer.Dense dense) {
        require(
            dense.width() > 0 && dense.width() <= 16_384,
            "layer " + dense,
            "Use a width of 1 to 16384");
        Network.activation(dense.activation());
      } else if (layer instanceof Layer.Dropout dropout) {
        require(
            dropout.share() >= 0 && dropout.share() < 1,
            "layer " + dropout,
            "Use a share from 0 to below 1");
      }
    }
  }

  private static void require(boolean held, String what, String advice) {
    if (!held) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot fit with " + what + ": it is out of range. " + advice + ".");
    }
  }
}
