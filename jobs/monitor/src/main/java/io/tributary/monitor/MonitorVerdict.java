package io.tributary.monitor;

/**
 * The answer to one question about one measured item.
 *
 * @param item an input's column, or what was measured: {@code interval}, {@code score}, {@code
 *     auc}, {@code rows}
 * @param measure what the value is: {@code deviation}, of several days {@code psi}, {@code mean},
 *     {@code decided}, {@code outside}, {@code mean-above}, {@code mean-below}, {@code auc}, {@code
 *     rows}, {@code late}
 * @param value as measured on the interval; NaN when there was nothing to measure or judge
 * @param limit that the value must not pass; NaN of what is shown and not judged
 * @param breached whether it passed the limit
 * @param detail the measurement in words
 */
record MonitorVerdict(
    Question question,
    String item,
    String measure,
    double value,
    double limit,
    boolean breached,
    String detail) {
  /** Whether it is an answer: not where nothing was measured, or is only shown. */
  boolean isJudged() {
    return !Double.isNaN(value) && !Double.isNaN(limit);
  }

  /** Whether it was measured and is not judged. */
  boolean isShown() {
    return !Double.isNaN(value) && Double.isNaN(limit);
  }
}
