package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.drift.IntervalState;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ModelBundle;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.runtime.Attempt;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What was counted of each interval, in {@code counts.<monitor>}, by the version that scored its
 * rows: a window of intervals is judged without their rows.
 */
final class KeptCounts {
  private static final StructType ROWS =
      new StructType()
          .add("_at", DataTypes.TimestampType, false)
          .add("interval_from", DataTypes.TimestampType, false)
          .add("interval_to", DataTypes.TimestampType, false)
          .add("model", DataTypes.StringType, false)
          .add("model_version", DataTypes.LongType, false)
          .add("artefact", DataTypes.StringType, false)
          .add("rows", DataTypes.LongType, false)
          .add("inputs", DataTypes.BinaryType, false)
          .add("scores", DataTypes.BinaryType, false)
          .add("_run", DataTypes.StringType, false);

  private final LakeTable table;
  private final Lake lake;

  KeptCounts(Lake lake, String monitor) {
    this.lake = lake;
    this.table = lake.table(TableName.of("counts", monitor));
  }

  /**
   * Consecutive days in order.
   *
   * @param weekdays 0 to 6
   */
  record Window(List<IntervalState> inputs, List<IntervalState> scores, int[] weekdays) {}

  /** Replaces what was counted of an interval. */
  void replace(Attempt attempt, Interval interval, Map<Scorer, IntervalCounts> counted) {
    List<Row> rows = new ArrayList<>();
    counted.forEach(
        (scorer, counts) ->
            rows.add(
                RowFactory.create(
                    Timestamp.from(interval.snapshotInstant()),
                    Timestamp.from(interval.from()),
                    Timestamp.from(interval.to()),
                    scorer.model(),
                    scorer.number(),
                    scorer.artefact(),
                    counts.rows(),
                    counts.inputs().bytes(),
                    counts.scores().bytes(),
                    attempt.run().text())));
    table.replaceWhere(
        lake.spark().createDataFrame(rows, ROWS).coalesce(1),
        MonitorJob.of(interval),
        attempt.facts());
  }

  /**
   * The version that scored the last of the days before one.
   *
   * @param days how far back
   */
  Optional<Scorer> last(LocalDate before, int days, ZoneId zone) {
    return table
        .read(table.requireVersion())
        .where(
            col("_at")
                .geq(Timestamp.from(Interval.day(before.minusDays(days), zone).from()))
                .and(col("_at").lt(Timestamp.from(Interval.day(before, zone).from()))))
        .orderBy(col("_at").desc())
        .select("model", "model_version", "artefact")
        .limit(1)
        .collectAsList()
        .stream()
        .map(Scorer::of)
        .findFirst();
  }

  /**
   * The days that end with one and that a version scored, as far as they were counted.
   *
   * @param days how many
   */
  Window window(LocalDate last, int days, ZoneId zone, Scorer scorer, ModelBundle bundle) {
    List<IntervalState> inputs = new ArrayList<>();
    List<IntervalState> scores = new ArrayList<>();
    List<Integer> weekdays = new ArrayList<>();
    List<Row> rows =
        table
            .read(table.requireVersion())
            .where(
                col("_at")
                    .geq(Timestamp.from(Interval.day(last.minusDays(days - 1L), zone).from()))
                    .and(col("_at").lt(Timestamp.from(Interval.day(last, zone).to())))
                    .and(col("model").equalTo(scorer.model()))
                    .and(col("model_version").equalTo(scorer.number()))
                    .and(col("artefact").equalTo(scorer.artefact())))
            .select("interval_from", "interval_to", "inputs", "scores")
            .orderBy("interval_from", "interval_to")
            .collectAsList();
    for (Row row : rows) {
      Interval interval =
          Interval.of(row.getTimestamp(0).toInstant(), row.getTimestamp(1).toInstant());
      LocalDate day = Interval.dayOf(interval.from(), zone);
      if (interval.equals(Interval.day(day, zone))) {
        inputs.add(bundle.inputs().state(row.getAs(2)));
        scores.add(bundle.scores().state(row.getAs(3)));
        weekdays.add(day.getDayOfWeek().getValue() - 1);
      }
    }
    return new Window(inputs, scores, weekdays.stream().mapToInt(Integer::intValue).toArray());
  }
}
