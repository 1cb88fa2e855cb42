package io.tributary.drift;

import java.util.Optional;

/** A measure of how good scores are, in one interval less what its own scores promise. */
public enum Measure {
  /** Is worse when lower. */
  AUC("auc"),
  /** Is worse when higher. */
  LOG_LOSS("log-loss"),
  /** Is worse when higher. */
  BRIER("brier"),
  /** The share of true labels less the mean score: is worse the farther away it is. */
  CALIBRATION("calibration");

  private final String text;

  Measure(String text) {
    this.text = text;
  }

  /** As it is stored and printed. */
  public String text() {
    return text;
  }

  /** How much worse a difference is; negative where it is better. */
  double worse(double difference) {
    return switch (this) {
      case AUC -> -difference;
      case LOG_LOSS, BRIER -> difference;
      case CALIBRATION -> Math.abs(difference);
    };
  }

  /**
   * The measure in one interval.
   *
   * @param difference as measured less as promised
   * @param noise the variance of the difference that its rows alone would have
   * @param weight of the interval among others
   */
  record Point(double difference, double noise, double weight) {}

  /** Empty where all labels are equal or the scores leave no doubt, and the measure is an area. */
  Optional<Point> of(Outcomes rows) {
    double n = rows.rows();
    return switch (this) {
      case AUC ->
          rows.auc().isEmpty() || rows.aucPromised().isEmpty()
              ? Optional.empty()
              : Optional.of(area(rows));
      case LOG_LOSS ->
          Optional.of(
              new Point(rows.logLoss() - rows.logLossPromised(), rows.logLossSpread() / n, n));
      case BRIER ->
          Optional.of(new Point(rows.brier() - rows.brierPromised(), rows.brierSpread() / n, n));
      case CALIBRATION ->
          Optional.of(
              new Point(rows.positives() / n - rows.meanScore(), rows.brierPromised() / n, n));
    };
  }

  /** With the variance of Hanley and McNeil (1982) for an area as it was promised. */
  private static Point area(Outcomes rows) {
    double area = rows.aucPromised().orElseThrow();
    double positives = rows.positives();
    double negatives = rows.rows() - positives;
    double twoHits = area / (2 - area) - area * area;
    double twoMisses = 2 * area * area / (1 + area) - area * area;
    double pairs = positives * negatives;
    double noise =
        (area * (1 - area) + (positives - 1) * twoHits + (negatives - 1) * twoMisses) / pairs;
    return new Point(rows.auc().orElseThrow() - area, noise, Math.sqrt(pairs));
  }
}
