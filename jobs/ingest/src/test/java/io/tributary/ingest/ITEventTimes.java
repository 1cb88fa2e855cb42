package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Rows cut by their event times, as {@code validated} has them in its files. */
class ITEventTimes {
  private static final int ROWS = 20_000;
  private static final int STRETCHES = 8;

  @Test
  void eachFileHasOneStretchOfTime() {
    Random random = new Random(3);
    List<Row> rows = new ArrayList<>();
    for (long line = 1; line <= ROWS; line++) {
      Instant event = Instant.EPOCH.plusSeconds(random.nextInt(100_000));
      Instant known = Instant.EPOCH.plusSeconds(line % 2 == 0 ? 7 + line : 9 + line);
      // One that withdraws its event may have no event time.
      rows.add(
          RowFactory.create(line % 2, "f", line, known, random.nextInt(50) == 0 ? null : event));
    }
    StructType schema =
        new StructType()
            .add("_delivery", DataTypes.LongType)
            .add("_file", DataTypes.StringType)
            .add("_line", DataTypes.LongType)
            .add("_known_time", DataTypes.TimestampType)
            .add("_event_time", DataTypes.TimestampType);
    Dataset<Row> all = SmallProject.SESSION.spark().createDataFrame(rows, schema);

    EventTimes times = EventTimes.of(all, ROWS, STRETCHES);
    assertThat(times.knownFrom())
        .isEqualTo(Map.of(0L, Instant.EPOCH.plusSeconds(9), 1L, Instant.EPOCH.plusSeconds(10)));
    assertThat(EventTimes.of(all, ROWS, STRETCHES)).isEqualTo(times);
    List<Row> clustered =
        times.clustered(all).withColumn("_part", functions.spark_partition_id()).collectAsList();
    assertThat(clustered)
        .isSortedAccordingTo(
            Comparator.<Row>comparingInt(r -> r.getInt(5))
                .thenComparing(
                    ITEventTimes::time, Comparator.nullsFirst(Comparator.naturalOrder())))
        .isSortedAccordingTo(
            Comparator.comparing(
                ITEventTimes::time, Comparator.nullsFirst(Comparator.naturalOrder())));
    assertThat(clustered.stream().map(r -> r.getLong(2)).sorted().toList())
        .isEqualTo(rows.stream().map(r -> r.getLong(2)).toList());
    int[] sizes = new int[STRETCHES];
    clustered.forEach(r -> sizes[r.getInt(5)]++);
    assertThat(Arrays.stream(sizes))
        .allMatch(size -> Math.abs(size - ROWS / STRETCHES) < 0.3 * ROWS / STRETCHES);
  }

  private static Instant time(Row row) {
    Object time = row.get(4);
    return time instanceof Timestamp stamp ? stamp.toInstant() : (Instant) time;
  }
}
