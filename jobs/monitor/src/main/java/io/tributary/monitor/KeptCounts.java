package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.Lazy;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.drift.DriftProfile;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.IntervalTable.Kept;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.runtime.Attempt;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What was counted of each interval, in {@code counts.<monitor>}, by the version that scored its
 * rows: a window of intervals is judged without their rows.
 */
final class KeptCounts implements KeptWindows.Days<KeptCounts.Day> {
  private static final StructType COUNTS =
      new StructType()
          .add("rows", DataTypes.LongType, false)
          .add("inputs", DataTypes.BinaryType, false)
          .add("scores", DataTypes.BinaryType, false);

  private final IntervalTable rows;
  private final Function<Scorer, ModelBundle> bundles;

  KeptCounts(Lake lake, String monitor, ZoneId zone, Function<Scorer, ModelBundle> bundles) {
    this.rows = new IntervalTable(lake, TableName.of("counts", monitor), COUNTS, zone);
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
    return rows.table();
  }

  /** Replaces what was counted of an interval. */
  void replace(Attempt attempt, Interval interval, Map<Scorer, IntervalCounts> counted) {
    rows.replace(
        attempt,
        interval,
        counted.entrySet().stream()
            .map(
                of ->
                    new Kept(
                        of.getKey(),
                        of.getValue().rows(),
                        of.getValue().inputs().bytes(),
                        of.getValue().scores().bytes()))
            .toList());
  }

  /**
   * The days, each of the version that scored at least half of its rows; of the rest of its rows
   * too little is there to be compared with days.
   */
  @Override
  public List<Day> read(TableVersion version, LocalDate first, LocalDate last) {
    List<Day> days = new ArrayList<>();
    rows.days(version, first, last)
        .forEach(
            (date, of) -> {
              long all = of.stream().mapToLong(row -> row.<Long>getAs("rows")).sum();
              of.stream()
                  .filter(row -> 2 * row.<Long>getAs("rows") >= all)
                  .forEach(row -> days.add(day(date, row)));
            });
    return days;
  }

  /** A day as it was counted just now. */
  static Day day(LocalDate date, Scorer scorer, ModelBundle bundle, IntervalCounts counts) {
    return new Day(
        date,
        scorer,
        Lazy.of(() -> bundle.inputs().grouped(counts.inputs())),
        Lazy.of(() -> bundle.scores().grouped(counts.scores())));
  }

  private Day day(LocalDate date, Row row) {
    Scorer scorer = IntervalTable.scorer(row);
    return new Day(
        date,
        scorer,
        Lazy.of(() -> grouped(bundles.apply(scorer).inputs(), row.getAs("inputs"))),
        Lazy.of(() -> grouped(bundles.apply(scorer).scores(), row.getAs("scores"))));
  }

  private static DriftProfile.Grouped grouped(DriftProfile profile, byte[] state) {
    return profile.grouped(profile.state(state));
  }
}
