package io.tributary.events.facts;

/**
 * What a column of a training set holds, in counts of rows: no value of a row, so that they may
 * stand in logs.
 *
 * @param type in Spark SQL's DDL
 * @param nulls rows without a value
 * @param notFinite rows whose number is NaN or infinite
 */
public record ColumnCounts(String column, String type, long nulls, long notFinite) {}
