package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import java.util.List;

/**
 * How a network looks and how it is fitted; with the training rows it decides every bit of the
 * fitted parameters (on one kind of CPU, with {@code OMP_NUM_THREADS=1}).
 *
 * @param layers the hidden layers, in order
 * @param replicas how many threads share a batch; part of the plan, because it changes the order in
 *     which gradients are added
 */
public record FitPlan(List<Layer> layers, Fit fit, int replicas) {
  public FitPlan {
    layers = List.copyOf(layers);
    require(
        Fit.UPDATERS.contains(fit.updater()),
        "updater " + fit.updater(),
        "Use one of " + Fit.UPDATERS);
    require(
        fit.learningRate() > 0 && fit.learningRate() < 100,
        "learning-rate " + fit.learningRate(),
        "Use a small positive number, as 0.001");
    require(
        fit.batch() > 0 && fit.batch() <= 1 << 20,
        "batch " + fit.batch(),
        "Use 1 to 1048576 rows, as 1024");
    require(fit.epochs() > 0, "epochs " + fit.epochs(), "Use at least 1");
    require(fit.patience() > 0, "patience " + fit.patience(), "Use at least 1");
    require(
        replicas > 0 && replicas <= 64 && replicas <= fit.batch(),
        "replicas " + replicas,
        "Use 1 to 64, and no more than the batch has rows");
  }

  private static void require(boolean met, String what, String advice) {
    if (!met) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot fit with " + what + ": it is out of range. " + advice + ".");
    }
  }
}
