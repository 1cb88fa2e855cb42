package io.tributary.offline.internal.snapshot;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The snapshots that were taken of a view.
 *
 * @param rows entity columns, {@code _at}, {@code _event_time}, {@code _known_time}, features
 * @param instants all at which one was taken, ascending, in microseconds; one without rows too
 */
public record SnapshotRows(Dataset<Row> rows, long[] instants) {}
