package io.tributary.events.facts;

import java.util.Optional;

/**
 * What a column holds, in numbers; they don't depend on the order of rows.
 *
 * @param nulls rows without a value
 * @param least over numbers (booleans as 0 and 1) that are finite
 * @param mean of them, the exact one rounded
 */
public record ColumnStatistics(
    String column,
    String type,
    long nulls,
    Optional<Double> least,
    Optional<Double> mean,
    Optional<Double> greatest) {}
