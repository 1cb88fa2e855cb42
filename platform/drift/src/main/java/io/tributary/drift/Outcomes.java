package io.tributary.drift;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What became of some rows whose label came after their score, beside what the scores had led to
 * expect: what one would see if each score were the chance that it claims to be.
 *
 * @param positives rows whose label is true
 * @param auc the area under the receiver operating characteristic; empty if all labels are equal
 * @param aucPromised the area to expect; empty if the scores leave no doubt
 * @param logLoss the mean negative logarithm of the probability given to the label that came
 * @param logLossPromised the mean to expect
 * @param logLossSpread the mean variance of a row's loss that is to be expected
 * @param brier the mean squared difference of score and label
 * @param brierPromised the mean to expect, which is the mean variance of a label as well
 * @param brierSpread the mean variance of a row's squared difference that is to be expected
 */
public record Outcomes(
    long rows,
    long positives,
    double meanScore,
    Optional<Double> auc,
    Optional<Double> aucPromised,
    double logLoss,
    double logLossPromised,
    double logLossSpread,
    double brier,
    double brierPromised,
    double brierSpread) {
  /** The mean of a measure over all rows of several, which have it by their rows. */
  public static double mean(List<Outcomes> several, ToDoubleFunction<Outcomes> measure) {
    double rows = several.stream().mapToLong(Outcomes::rows).sum();
    return several.stream().mapToDouble(of -> measure.applyAsDouble(of) * of.rows()).sum() / rows;
  }
}
