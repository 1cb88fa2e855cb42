package io.tributary.offline.internal;

import java.time.Instant;
import java.util.Iterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/** Between frames and rows as Spark holds them. */
public final class Spark {
  private Spark() {}

  public static SourceRows rows(Dataset<Row> frame) {
    return new SourceRows(Scala.rows(frame), frame.schema());
  }

  public static Dataset<Row> frame(SparkSession session, SourceRows rows) {
    return Scala.frame(session, rows.rows(), rows.schema());
  }

  public static long micros(Instant instant) {
    return Rows.micros(instant);
  }

  public static Instant instant(long micros) {
    return Rows.instant(micros);
  }

  /** The same rows, counted as they pass: all, and those without a value in a column. */
  public static SourceRows counted(
      SourceRows rows, String name, String column, String nullName, Tally tally) {
    int place = rows.index(column);
    return new SourceRows(
        rows.rows()
            .mapPartitions(
                part ->
                    new Iterator<InternalRow>() {
                      private long all;
                      private long nulls;

                      @Override
                      public boolean hasNext() {
                        boolean more = part.hasNext();
                        if (!more) {
                          tally.put(name, all);
                          tally.put(nullName, nulls);
                        }
                        return more;
                      }

                      @Override
                      public InternalRow next() {
                        InternalRow row = part.next();
                        all++;
                        if (row.isNullAt(place)) {
                          nulls++;
                        }
                        return row;
                      }
                    }),
        rows.schema());
  }
}
