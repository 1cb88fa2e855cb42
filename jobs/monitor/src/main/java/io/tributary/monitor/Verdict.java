package io.tributary.monitor;

/**
 * The answer to one question about one thing.
 *
 * @param item an input's column, or what was measured: {@code score}, {@code mean-score}, {@code
 *     auc}
 * @param measure what the value is: {@code psi}, {@code missing-rise}, {@code outside}, {@code
 *     mean}, {@code auc}
 * @param value as measured on the night; NaN when there was nothing to measure
 * @param limit what the value may not pass
 * @param breached whether it did
 * @param detail the measured thing in words
 */
record Verdict(
    Question question,
    String item,
    String measure,
    double value,
    double limit,
    boolean breached,
    String detail) {}
