package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.IntervalTable.Kept;
import io.tributary.monitor.Matured.Group;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.monitor.Matured.Slice;
import io.tributary.runtime.Attempt;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What became of the rows whose labels matured in each interval, in {@code actuals.<monitor>}: by
 * the version that scored them, by its role, and by slice.
 */
final class KeptActuals implements KeptWindows.Days<KeptActuals.Day> {
  private static final StructType ACTUALS =
      new StructType()
          .add("role", DataTypes.StringType, false)
          .add("slice", DataTypes.StringType, true)
          .add("slice_value", DataTypes.StringType, true)
          .add("scored", DataTypes.LongType, true)
          .add("rows", DataTypes.LongType, false)
          .add("positives", DataTypes.LongType, false)
          .add("mean_score", DataTypes.DoubleType, false)
          .add("auc", DataTypes.DoubleType, true)
          .add("auc_promised", DataTypes.DoubleType, true)
          .add("log_loss", DataTypes.DoubleType, false)
          .add("log_loss_promised", DataTypes.DoubleType, false)
          .add("log_loss_spread", DataTypes.DoubleType, false)
          .add("brier", DataTypes.DoubleType, false)
          .add("brier_promised", DataTypes.DoubleType, false)
          .add("brier_spread", DataTypes.DoubleType, false)
          .add("bin_rows", DataTypes.createArrayType(DataTypes.LongType, false), true)
          .add("bin_positives", DataTypes.createArrayType(DataTypes.LongType, false), true);

  private static final Comparator<String> CHAMPION_FIRST =
      Comparator.comparing((String role) -> !role.equals(ScoreColumns.CHAMPION))
          .thenComparing(Comparator.naturalOrder());

  private final IntervalTable rows;

  KeptActuals(Lake lake, String monitor, ZoneId zone) {
    this.rows = new IntervalTable(lake, TableName.of("actuals", monitor), ACTUALS, zone);
  }

  /**
   * What matured in a day of the rows of one version.
   *
   * @param rows all of them
   * @param bins the same by log-odds
   * @param slices some of them
   */
  record Day(
      LocalDate date,
      Scorer scorer,
      String role,
      Outcomes rows,
      ScoreBins bins,
      Map<Slice, Outcomes> slices)
      implements KeptWindows.Day {}

  @Override
  public LakeTable table() {
    return rows.table();
  }

  /**
   * Replaces what is kept of an interval.
   *
   * @param scored how many rows were scored whose labels were due
   */
  void replace(
      Attempt attempt,
      Interval interval,
      Map<Group, OutcomeSums> matured,
      Map<Group, Long> scored) {
    List<Kept> kept = new ArrayList<>();
    matured.forEach(
        (group, sums) -> {
          Outcomes of = sums.outcomes();
          boolean all = group.slice().isEmpty();
          kept.add(
              new Kept(
                  group.scorer(),
                  group.role(),
                  group.slice().map(Slice::column).orElse(null),
                  group.slice().map(Slice::value).orElse(null),
                  scored.get(group),
                  of.rows(),
                  of.positives(),
                  of.meanScore(),
                  of.auc().orElse(null),
                  of.aucPromised().orElse(null),
                  of.logLoss(),
                  of.logLossPromised(),
                  of.logLossSpread(),
                  of.brier(),
                  of.brierPromised(),
                  of.brierSpread(),
                  all ? sums.binRows() : null,
                  all ? sums.binPositives() : null));
        });
    rows.replace(attempt, interval, kept);
  }

  /** The days of each version; of one that had several roles in a day the champion's. */
  @Override
  public List<Day> read(TableVersion version, LocalDate first, LocalDate last) {
    List<Day> days = new ArrayList<>();
    rows.days(version, first, last)
        .forEach(
            (date, of) -> {
              Map<Scorer, Map<String, List<Row>>> scorers = new LinkedHashMap<>();
              for (Row row : of) {
                scorers
                    .computeIfAbsent(
                        IntervalTable.scorer(row), scorer -> new TreeMap<>(CHAMPION_FIRST))
                    .computeIfAbsent(row.getAs("role"), role -> new ArrayList<>())
                    .add(row);
              }
              scorers.forEach(
                  (scorer, roles) -> {
                    Map.Entry<String, List<Row>> role = roles.entrySet().iterator().next();
                    days.add(day(date, scorer, role.getKey(), role.getValue()));
                  });
            });
    return days;
  }

  private static Day day(LocalDate date, Scorer scorer, String role, List<Row> rows) {
    Map<Slice, Outcomes> slices = new LinkedHashMap<>();
    Optional<Row> all = Optional.empty();
    for (Row row : rows) {
      if (row.getAs("slice") == null) {
        all = Optional.of(row);
      } else {
        slices.put(new Slice(row.getAs("slice"), row.getAs("slice_value")), outcomes(row));
      }
    }
    return new Day(
        date,
        scorer,
        role,
        outcomes(all.orElseThrow()),
        new ScoreBins(
            all.get().getList(all.get().fieldIndex("bin_rows")),
            all.get().getList(all.get().fieldIndex("bin_positives"))),
        Collections.unmodifiableMap(slices));
  }

  private static Outcomes outcomes(Row row) {
    return new Outcomes(
        row.<Long>getAs("rows"),
        row.<Long>getAs("positives"),
        row.<Double>getAs("mean_score"),
        Optional.ofNullable(row.<Double>getAs("auc")),
        Optional.ofNullable(row.<Double>getAs("auc_promised")),
        row.<Double>getAs("log_loss"),
        row.<Double>getAs("log_loss_promised"),
        row.<Double>getAs("log_loss_spread"),
        row.<Double>getAs("brier"),
        row.<Double>getAs("brier_promised"),
        row.<Double>getAs("brier_spread"));
  }
}
