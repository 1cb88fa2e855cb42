package io.tributary.events.facts;

/**
 * Counts of rows of a training set's column; without values of the data, so that logs may have
 * them.
 *
 * @param type in Spark SQL's DDL
 * @param nulls rows without a value
 * @param notFinite rows whose number is NaN or infinite
 */
public record ColumnCounts(String column, String type, long nulls, long notFinite) {}
