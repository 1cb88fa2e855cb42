package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.core.Interval;
import io.tributary.core.Lazy;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.drift.DriftProfile;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.runtime.Attempt;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What was counted of each interval, in {@code counts.<monitor>}, by the version that scored its
 * rows: a window of intervals is judged without their rows.
 */
final class KeptCounts implements KeptWindows.Days<KeptCounts.Day> {
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
  private final ZoneId zone;
  private final Function<Scorer, ModelBundle> bundles;

  KeptCounts(Lake lake, String monitor, ZoneId zone, Function<Scorer, ModelBundle> bundles) {
    this.lake = lake;
    this.table = lake.table(TableName.of("counts", monitor));
    this.zone = zone;
    this.bundles = bundles;
  }

  /** A day's counts, in the groups that windows are compared by. */
  record Day(
      LocalDate date,
      Scorer scorer,
      Lazy<DriftProfile.Grouped> inputs,
      Lazy<DriftProfile.Grouped> scores)
      implements KeptWindows.Day {
    @Override
    public String role() {
      return ScoreColumns.CHAMPION;
    }
  }

  @Override
  public LakeTable table() {
    return table;
  }

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
  Optional<Scorer> last(LocalDate before, int days) {
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

  /** The days that one version scored alone. */
  @Override
  public List<Day> read(TableVersion version, LocalDate first, LocalDate last) {
    List<Row> rows =
        table
            .read(version)
            .where(
                col("_at")
                    .geq(Timestamp.from(Interval.day(first, zone).from()))
                    .and(col("_at").lt(Timestamp.from(Interval.day(last, zone).to()))))
            .select(
                "model",
                "model_version",
                "artefact",
                "interval_from",
                "interval_to",
                "inputs",
                "scores")
            .collectAsList();
    Map<LocalDate, List<Row>> byDay = new TreeMap<>();
    for (Row row : rows) {
      Interval interval =
          Interval.of(row.getTimestamp(3).toInstant(), row.getTimestamp(4).toInstant());
      LocalDate day = Interval.dayOf(interval.from(), zone);
      if (interval.equals(Interval.day(day, zone))) {
        byDay.computeIfAbsent(day, d -> new ArrayList<>()).add(row);
      }
    }
    List<Day> days = new ArrayList<>();
    byDay.forEach(
        (date, of) -> {
          if (of.size() == 1) {
            days.add(day(date, of.get(0)));
          }
        });
    return days;
  }

  private Day day(LocalDate date, Row row) {
    Scorer scorer = Scorer.of(row);
    return new Day(
        date,
        scorer,
        Lazy.of(() -> grouped(bundles.apply(scorer).inputs(), row.getAs(5))),
        Lazy.of(() -> grouped(bundles.apply(scorer).scores(), row.getAs(6))));
  }

  private static DriftProfile.Grouped grouped(DriftProfile profile, byte[] state) {
    return profile.grouped(profile.state(state));
  }
}
