package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.lake.Tally;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Between frames and rows as Spark holds them. */
public final class Spark {
  /** Names of what is counted. */
  public static final String ROWS_IN = "rows-in";

  public static final String ROWS_OUT = "rows-out";
  public static final String NULL_AS_OF = "null-as-of";

  private Spark() {}

  public static SourceRows rows(Dataset<Row> frame) {
    return new SourceRows(Scala.rows(frame), frame.schema());
  }

  public static Dataset<Row> frame(SparkSession session, SourceRows rows) {
    return Scala.frame(session, rows.rows(), rows.schema());
  }

  /**
   * The rows that ask, counted as they pass, and those without as-of; one outside of the bounds is
   * refused.
   */
  public static SourceRows asking(
      SourceRows rows, String asOf, long least, long greatest, Tally tally) {
    int place = rows.index(asOf);
    return new SourceRows(
        rows.rows()
            .mapPartitions(
                part -> {
                  long[] counts = new long[2];
                  return Iterators.atEnd(
                      Iterators.map(
                          part,
                          row -> {
                            counts[0]++;
                            if (row.isNullAt(place)) {
                              counts[1]++;
                            } else {
                              requireWithin(row.getLong(place), least, greatest);
                            }
                            return row;
                          }),
                      () -> {
                        tally.put(ROWS_IN, counts[0]);
                        tally.put(NULL_AS_OF, counts[1]);
                      });
                }),
        rows.schema());
  }

  private static void requireWithin(long asOf, long least, long greatest) {
    if (asOf < least || asOf > greatest) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot join features at "
              + Micros.instant(asOf)
              + ": the rows were said to ask from "
              + Micros.instant(least)
              + " to "
              + Micros.instant(greatest)
              + ". Report this as a bug.");
    }
  }

  /** The same rows, counted as they pass. */
  public static SourceRows counted(SourceRows rows, String name, Tally tally) {
    return new SourceRows(
        rows.rows()
            .mapPartitions(
                part -> {
                  long[] count = new long[1];
                  return Iterators.atEnd(
                      Iterators.map(
                          part,
                          row -> {
                            count[0]++;
                            return row;
                          }),
                      () -> tally.put(name, count[0]));
                }),
        rows.schema());
  }
}
