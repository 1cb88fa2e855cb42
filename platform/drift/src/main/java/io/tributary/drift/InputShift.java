package io.tributary.drift;

/**
 * How an input of one training lies beside the same input of another one.
 *
 * @param index the population stability index of the rows of this training against the other's, in
 *     that one's groups of values, missing ones too. The shares are known to a bin of {@link
 *     ValueBins}, 1 in 256 rows, where the two have edges of their own; from equal rows it is 0
 * @param missing the share of this training's rows that have no value
 * @param missingBefore the same of the other training
 */
public record InputShift(String input, double index, double missing, double missingBefore) {
  static InputShift of(InputReference input, long rows, InputReference before, long rowsBefore) {
    double missing = rows - input.bins().total();
    double missingBefore = rowsBefore - before.bins().total();
    Groups groups = Groups.of(before);
    return new InputShift(
        input.name(),
        Stability.value(
            Stability.shares(groups.counts(before.bins(), input, missing)),
            Stability.shares(groups.counts(before.bins(), before, missingBefore))),
        missing / Math.max(1, rows),
        missingBefore / Math.max(1, rowsBefore));
  }
}
