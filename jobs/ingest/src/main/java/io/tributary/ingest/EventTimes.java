package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

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

  /** Rows that are looked at for each stretch: their numbers differ by a tenth or so. */
  private static final long SAMPLED = 200;

  EventTimes {
    knownFrom = Collections.unmodifiableSortedMap(new TreeMap<>(knownFrom));
    cuts = List.copyOf(cuts);
  }

  /** The columns of which they are. */
  static Column[] columns() {
    return new Column[] {
      col(LakeTable.DELIVERY),
      col("_file"),
      col("_line"),
      col(CheckedSource.KNOWN_TIME),
      col(CheckedSource.EVENT_TIME)
    };
  }

  /**
   * Reads rows of {@link #columns()} once; of the same rows it is the same.
   *
   * @param count about how many they are
   * @param stretches into about how many they are to be cut
   */
  static EventTimes of(Dataset<Row> rows, long count, int stretches) {
    long step = Math.max(1, count / (SAMPLED * stretches));
    Column isSampled =
        lit(stretches > 1).and(xxhash64(col("_file"), col("_line")).mod(step).equalTo(0));
    List<Row> deliveries =
        rows.groupBy(LakeTable.DELIVERY)
            .agg(
                unix_micros(min(col(CheckedSource.KNOWN_TIME))),
                collect_list(when(isSampled, unix_micros(col(CheckedSource.EVENT_TIME)))))
            .collectAsList();
    Map<Long, Instant> knownFrom = new TreeMap<>();
    List<Long> sampled = new ArrayList<>();
    for (Row row : deliveries) {
      knownFrom.put(row.getLong(0), Micros.instant(row.getLong(1)));
      sampled.addAll(row.getList(2));
    }
    Collections.sort(sampled);
    List<Long> cuts =
        IntStream.range(1, sampled.isEmpty() ? 1 : stretches)
            .mapToObj(i -> sampled.get((int) ((long) i * sampled.size() / stretches)))
            .distinct()
            .toList();
    return new EventTimes(knownFrom, cuts);
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
