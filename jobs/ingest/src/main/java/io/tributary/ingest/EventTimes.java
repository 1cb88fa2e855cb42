package io.tributary.ingest;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.percentile_approx;
import static org.apache.spark.sql.functions.unix_micros;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Micros;
import io.tributary.lake.InternalRows;
import io.tributary.lake.LakeTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * When rows happened and were known.
 *
 * @param knownFrom the least known time of each delivery that has rows
 * @param cuts event times in microseconds, ascending, between which about equally many rows lie
 */
record EventTimes(Map<Long, Instant> knownFrom, List<Long> cuts) {
  static final EventTimes NONE = new EventTimes(Map.of(), List.of());

  /** A cut has a delivery's rows before it but for one in so many. */
  private static final int ACCURACY = 10_000;

  EventTimes {
    knownFrom = Collections.unmodifiableSortedMap(new TreeMap<>(knownFrom));
    cuts = List.copyOf(cuts);
  }

  /** The columns of which they are. */
  static Column[] columns() {
    return new Column[] {
      col(LakeTable.DELIVERY), col(CheckedSource.KNOWN_TIME), col(CheckedSource.EVENT_TIME)
    };
  }

  /**
   * Reads rows of {@link #columns()} once.
   *
   * @param stretches into how many they are to be cut
   */
  static EventTimes of(Dataset<Row> rows, int stretches) {
    Column event = unix_micros(col(CheckedSource.EVENT_TIME));
    Column[] shares =
        IntStream.range(1, stretches)
            .mapToObj(i -> lit((double) i / stretches))
            .toArray(Column[]::new);
    List<Row> deliveries =
        rows.groupBy(LakeTable.DELIVERY)
            .agg(
                unix_micros(min(col(CheckedSource.KNOWN_TIME))),
                count(event),
                stretches == 1 ? lit(null) : percentile_approx(event, array(shares), lit(ACCURACY)))
            .collectAsList();
    Map<Long, Instant> knownFrom = new TreeMap<>();
    NavigableMap<Long, Long> rowsBefore = new TreeMap<>();
    long all = 0;
    for (Row row : deliveries) {
      knownFrom.put(row.getLong(0), Micros.instant(row.getLong(1)));
      all += row.getLong(2);
      List<Long> times = row.isNullAt(3) ? List.of() : row.getList(3);
      times.forEach(time -> rowsBefore.merge(time, row.getLong(2), Long::sum));
    }
    return new EventTimes(knownFrom, cuts(rowsBefore, all));
  }

  /**
   * Of the cuts of several deliveries those that cut all their rows.
   *
   * @param stretches the rows of the stretch before each cut, times the number of stretches
   */
  private static List<Long> cuts(NavigableMap<Long, Long> stretches, long rows) {
    List<Long> cuts = new ArrayList<>();
    long before = 0;
    long next = rows;
    for (Map.Entry<Long, Long> cut : stretches.entrySet()) {
      before += cut.getValue();
      if (before >= next) {
        cuts.add(cut.getKey());
        next = before - before % rows + rows;
      }
    }
    return cuts;
  }

  /**
   * Rows as {@code validated} has them, in partitions of one stretch each, sorted by event time.
   */
  Dataset<Row> clustered(Dataset<Row> rows) {
    Dataset<Row> divided =
        cuts.isEmpty()
            ? rows.coalesce(1)
            : InternalRows.divided(
                rows,
                cuts.size() + 1,
                new Stretches(
                    rows.schema().fieldIndex(CheckedSource.EVENT_TIME),
                    cuts.stream().mapToLong(Long::longValue).toArray()));
    return divided.sortWithinPartitions(CheckedSource.EVENT_TIME);
  }

  /** A row that withdraws its event may have no event time. */
  private record Stretches(int column, long[] cuts) implements InternalRows.Placing {
    @Override
    public int of(InternalRow row) {
      int found = row.isNullAt(column) ? 0 : Arrays.binarySearch(cuts, row.getLong(column));
      return found < 0 ? -found - 1 : found;
    }
  }
}
