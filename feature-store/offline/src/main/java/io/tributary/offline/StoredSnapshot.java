package io.tributary.offline;

import io.tributary.rows.PartitionedRows;

/**
 * The rows of a snapshot that a view's table has.
 *
 * @param rows with the columns of the table; read each time that they are
 * @param by what reads them
 */
public record StoredSnapshot(PartitionedRows rows, ChosenRunner by) {}
