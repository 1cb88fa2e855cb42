package io.tributary.offline.internal.label;

import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows that ask for the labels that they hold themselves.
 *
 * @param kept columns that labelled rows have
 * @param apart those of them by which one row is there several times
 * @param from microseconds; no as-of is before it
 * @param to microseconds; no as-of is at it or after it
 */
public record Asking(
    Dataset<Row> frame, Set<String> kept, List<String> apart, long from, long to) {}
