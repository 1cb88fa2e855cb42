package io.tributary.definition;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What is asked of a model each night.
 *
 * @param model the model that is watched
 * @param scores the score set that is watched
 * @param window how many days are compared with training together
 * @param matters a window's shift that moves the mean score by less is no breach
 * @param inputPsi the population stability index from which on an input of a window is far from
 *     training
 * @param predictionPsi the same for predicted labels
 * @param lowest bounds of each score
 * @param lowestMean bounds of the night's mean score
 * @param actualsAfter how long after the as-of actuals are taken as mature
 * @param aucDrop how much lower than promised the AUC may be over a window of days
 * @param breach what a breach leads to
 */
public record Monitor(
    String name,
    String description,
    String model,
    String scores,
    int window,
    double matters,
    double inputPsi,
    double predictionPsi,
    double lowest,
    double highest,
    Optional<Double> lowestMean,
    Optional<Double> highestMean,
    Duration actualsAfter,
    double aucDrop,
    Breach breach,
    SourceLocation location) {
  /** What a breach leads to. */
  public enum Breach {
    ALERT,
    BLOCK_PROMOTION,
    RETRAIN;

    /** As users write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
