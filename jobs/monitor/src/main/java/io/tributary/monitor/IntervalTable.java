package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.runtime.Attempt;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A table of what is kept of intervals, by the version that scored their rows. */
final class IntervalTable {
  private final Lake lake;
  private final LakeTable table;
  private final StructType schema;
  private final ZoneId zone;

  /**
   * The table of a layer.
   *
   * @param own its columns beside interval, version and run
   */
  IntervalTable(Lake lake, TableName name, StructType own, ZoneId zone) {
    this.lake = lake;
    this.table = lake.table(name);
    this.zone = zone;
    StructType all =
        new StructType()
            .add("_at", DataTypes.TimestampType, false)
            .add("interval_from", DataTypes.TimestampType, false)
            .add("interval_to", DataTypes.TimestampType, false)
            .add("model", DataTypes.StringType, false)
            .add("model_version", DataTypes.LongType, false)
            .add("artefact", DataTypes.StringType, false);
    for (StructField field : own.fields()) {
      all = all.add(field);
    }
    this.schema = all.add("_run", DataTypes.StringType, false);
  }

  LakeTable table() {
    return table;
  }

  /** What one version's rows of an interval come to. */
  record Kept(Scorer scorer, Object... own) {}

  /** Replaces what is kept of an interval. */
  void replace(Attempt attempt, Interval interval, List<Kept> kept) {
    List<Row> rows = new ArrayList<>();
    for (Kept of : kept) {
      List<Object> row =
          new ArrayList<>(
              List.of(
                  Timestamp.from(interval.snapshotInstant()),
                  Timestamp.from(interval.from()),
                  Timestamp.from(interval.to()),
                  of.scorer().model(),
                  of.scorer().number(),
                  of.scorer().artefact()));
      row.addAll(Arrays.asList(of.own()));
      row.add(attempt.run().text());
      rows.add(RowFactory.create(row.toArray()));
    }
    table.replaceWhere(
        lake.spark().createDataFrame(rows, schema).coalesce(1),
        MonitorJob.of(interval),
        attempt.facts());
  }

  /** The rows of a span's days, of intervals that are whole days alone. */
  Map<LocalDate, List<Row>> days(TableVersion version, LocalDate first, LocalDate last) {
    Map<LocalDate, List<Row>> days = new TreeMap<>();
    for (Row row :
        table
            .read(version)
            .where(
                col("_at")
                    .geq(Timestamp.from(KeptWindows.start(first, zone)))
                    .and(col("_at").lt(Timestamp.from(KeptWindows.start(last.plusDays(1), zone)))))
            .collectAsList()) {
      Interval interval =
          Interval.of(
              row.<Timestamp>getAs("interval_from").toInstant(),
              row.<Timestamp>getAs("interval_to").toInstant());
      LocalDate day = Interval.dayOf(interval.from(), zone);
      if (interval.equals(Interval.day(day, zone))) {
        days.computeIfAbsent(day, d -> new ArrayList<>()).add(row);
      }
    }
    return days;
  }

  /** The version that a row is of. */
  static Scorer scorer(Row row) {
    return new Scorer(row.getAs("model"), row.<Long>getAs("model_version"), row.getAs("artefact"));
  }
}
