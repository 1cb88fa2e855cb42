package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.expression.CheckedSource;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Refuses rows without the times that rule 3 asks for: a query source has no quarantine. */
final class RequiredTimes {
  private RequiredTimes() {}

  static JavaRDD<InternalRow> of(JavaRDD<InternalRow> rows, StructType schema, String what) {
    int event = schema.fieldIndex(CheckedSource.EVENT_TIME);
    int known = schema.fieldIndex(CheckedSource.KNOWN_TIME);
    int deleted = schema.fieldIndex(CheckedSource.DELETED);
    return rows.mapPartitions(
        part ->
            Iterators.map(
                part,
                row -> {
                  if (row.isNullAt(known) || (row.isNullAt(event) && !row.getBoolean(deleted))) {
                    throw new PlatformException(
                        ErrorCode.INVALID_VALUE,
                        "Cannot read "
                            + what
                            + ": a row has no "
                            + (row.isNullAt(known) ? "known" : "event")
                            + " time. Filter such rows out of the query, or give them one.");
                  }
                  return row;
                }));
  }
}
