package io.tributary.definition;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
 * @param learntMean whether the least and the greatest mean score of a night of the model's
 *     training are its bounds
 * @param actualsAfter how long after the as-of actuals are taken as mature
 * @param aucDrop how much lower than promised the AUC may be over a window of days
 * @param aside nights of training that have no say in the limits, in the order of time
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
    boolean learntMean,
    Duration actualsAfter,
    double aucDrop,
    List<Aside> aside,
    Breach breach,
    SourceLocation location) {
  public Monitor {
    aside = List.copyOf(aside);
  }

  /**
   * A night of training that a person has set aside.
   *
   * @param reason for people
   */
  public record Aside(LocalDate night, String reason) {}

  /** The nights that are set aside, as drift profiles name them, each once, in order. */
  public SortedSet<String> nightsAside() {
    return aside.stream()
        .map(of -> of.night().toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

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
