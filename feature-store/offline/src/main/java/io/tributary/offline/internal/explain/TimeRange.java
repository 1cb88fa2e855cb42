package io.tributary.offline.internal.explain;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Micros;
import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which event times the candidates of an explanation have, both bounds inclusive, in microseconds.
 *
 * @param timed whether there are event times at all
 * @param leavesOlder whether there are older events that could win
 * @param text the same in words
 */
record TimeRange(long least, long greatest, boolean timed, boolean leavesOlder, String text)
    implements Serializable {
  boolean has(long time) {
    return !timed || time >= least && time <= greatest;
  }

  Dataset<Row> of(Dataset<Row> rows) {
    return timed
        ? rows.where(
            col(CheckedSource.EVENT_TIME)
                .geq(lit(Micros.instant(least)))
                .and(col(CheckedSource.EVENT_TIME).leq(lit(Micros.instant(greatest)))))
        : rows;
  }
}
