package io.tributary.monitor;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Monitor;
import io.tributary.drift.Standing;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.runtime.Attempt;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What is said of windows of days, in {@code windows.<monitor>}: a row for each measured item of
 * the window that ends with a day. A window is of the days of one version.
 *
 * <p>What is said is a function of what is kept of the days and of the definition, and of nothing
 * else: not of the order in which days were run. So a run that has changed what is kept of a day
 * calls {@link #judge} before its commit point. It judges all windows again that the day can have
 * changed, in one commit, and once more as long as another run has changed a day meanwhile: of runs
 * at the same time the last leaves what all of them make. One that is killed has not reached its
 * commit point, and is run again.
 */
final class KeptWindows {
  private static final StructType ROWS =
      new StructType()
          .add("_at", DataTypes.TimestampType, false)
          .add("interval_from", DataTypes.TimestampType, false)
          .add("interval_to", DataTypes.TimestampType, false)
          .add("days", DataTypes.IntegerType, false)
          .add("question", DataTypes.StringType, false)
          .add("item", DataTypes.StringType, false)
          .add("measure", DataTypes.StringType, false)
          .add("value", DataTypes.DoubleType, true)
          .add("lower", DataTypes.DoubleType, true)
          .add("upper", DataTypes.DoubleType, true)
          .add("limit", DataTypes.DoubleType, true)
          .add("standing", DataTypes.StringType, false)
          .add("smallest_found", DataTypes.DoubleType, true)
          .add("farthest", DataTypes.DoubleType, true)
          .add("farthest_from", DataTypes.StringType, true)
          .add("part", DataTypes.DoubleType, true)
          .add("breached", DataTypes.BooleanType, false)
          .add("detail", DataTypes.StringType, false)
          .add("model", DataTypes.StringType, false)
          .add("model_version", DataTypes.LongType, false)
          .add("role", DataTypes.StringType, false)
          .add("_run", DataTypes.StringType, false);

  private static final String CANNOT_JUDGE = "cannot judge";

  /** How often windows are judged because another run came before. */
  private static final int TRIES = 20;

  private final Lake lake;
  private final LakeTable table;
  private final int length;
  private final ZoneId zone;

  KeptWindows(Lake lake, Monitor monitor, ZoneId zone) {
    this.lake = lake;
    this.table = lake.table(TableName.of("windows", monitor.name()));
    this.length = monitor.window();
    this.zone = zone;
  }

  /** What is kept of one version's rows in a day. */
  interface Day {
    LocalDate date();

    Scorer scorer();

    /** What the version was to the rows. */
    String role();
  }

  /** Where days are kept. */
  interface Days<D extends Day> {
    LakeTable table();

    /** The days of a span, in order, one of a version each, as they were at a table's version. */
    List<D> read(TableVersion version, LocalDate first, LocalDate last);
  }

  /**
   * A window as it was judged.
   *
   * @param days how many it has
   * @param breached those that are a breach: the first of their episode
   */
  record Judged(Day last, int days, List<WindowVerdict> verdicts, List<WindowVerdict> breached) {}

  /**
   * A window in words.
   *
   * @param days how many it has
   * @param length how many it may have
   */
  static String span(long days, int length) {
    return days < length
        ? "%d of the last %d days".formatted(days, length)
        : "the last %d days".formatted(length);
  }

  /**
   * Judges the windows again that a day can have changed: those that hold it, and those whose
   * former day's window does.
   *
   * @param questions that they answer; rows on others stay
   * @param judge answers them for a window's days in order, at least one, and those of all versions
   *     within the window
   * @return the windows that end with the day or after it, one of each version
   */
  <D extends Day> List<Judged> judge(
      Attempt attempt,
      LocalDate day,
      Set<Question> questions,
      Days<D> days,
      BiFunction<List<D>, List<D>, List<WindowVerdict>> judge) {
    int reach = 2 * (length - 1);
    Interval within =
        Interval.of(start(day.minusDays(reach), zone), start(day.plusDays(reach + 1L), zone));
    String those =
        "_at >= timestamp'%s' AND _at <= timestamp'%s' AND question IN (%s)"
            .formatted(
                at(day),
                within.snapshotInstant(),
                questions.stream()
                    .map(question -> "'" + question.text() + "'")
                    .collect(Collectors.joining(", ")));
    for (int tries = 1; ; tries++) {
      TableVersion version = days.table().requireVersion();
      List<Judged> judged =
          new Windows<>(
                  days.read(version, day.minusDays(reach), day.plusDays(reach)), length, judge)
              .from(day);
      List<Row> rows = new ArrayList<>();
      judged.forEach(window -> rows.addAll(rows(attempt, window)));
      try {
        table.replaceWhere(
            lake.spark().createDataFrame(rows, ROWS).coalesce(1), those, attempt.facts());
        if (!isChanged(days.table(), version, within)) {
          return judged;
        }
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.CONFLICT || tries >= TRIES) {
          throw e;
        }
      }
      if (tries >= TRIES) {
        throw new PlatformException(
            ErrorCode.CONFLICT,
            "Cannot judge the windows of %s: other runs have changed their days %d times meanwhile. Run it again."
                .formatted(day, tries));
      }
    }
  }

  /** Whether another run has replaced what is kept of a day since. */
  private static boolean isChanged(LakeTable days, TableVersion since, Interval within) {
    return days.commits().stream()
        .filter(commit -> commit.version().version() > since.version())
        .flatMap(commit -> commit.facts().flatMap(facts -> facts.key().interval()).stream())
        .anyMatch(within::overlaps);
  }

  /** When a day begins; of one that the zone skipped, when the next one does. */
  static Instant start(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant();
  }

  private Instant at(LocalDate day) {
    return Interval.day(day, zone).snapshotInstant();
  }

  private List<Row> rows(Attempt attempt, Judged window) {
    LocalDate last = window.last().date();
    return window.verdicts().stream()
        .map(
            v ->
                RowFactory.create(
                    Timestamp.from(at(last)),
                    Timestamp.from(start(last.minusDays(length - 1L), zone)),
                    Timestamp.from(Interval.day(last, zone).to()),
                    window.days(),
                    v.question().text(),
                    v.item(),
                    v.measure(),
                    number(v.value()),
                    number(v.lower()),
                    number(v.upper()),
                    number(v.limit()),
                    v.standing().map(Standing::text).orElse(CANNOT_JUDGE),
                    number(v.smallestFound()),
                    number(v.farthest()),
                    v.farthestFrom().orElse(null),
                    number(v.part()),
                    window.breached().contains(v),
                    v.detail(),
                    window.last().scorer().model(),
                    window.last().scorer().number(),
                    window.last().role(),
                    attempt.run().text()))
        .toList();
  }

  private static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** The windows of some days, each judged once. */
  static final class Windows<D extends Day> {
    private final int length;
    private final List<D> days;
    private final Map<D, List<WindowVerdict>> known = new IdentityHashMap<>();
    private final BiFunction<List<D>, List<D>, List<WindowVerdict>> judge;

    Windows(List<D> days, int length, BiFunction<List<D>, List<D>, List<WindowVerdict>> judge) {
      this.length = length;
      this.days = days;
      this.judge = judge;
    }

    /** The days of the window that ends with one. */
    private List<D> of(D last) {
      return beside(last).stream().filter(day -> day.scorer().equals(last.scorer())).toList();
    }

    /** The same of all versions. */
    private List<D> beside(D last) {
      LocalDate first = last.date().minusDays(length - 1L);
      return days.stream()
          .filter(day -> !day.date().isBefore(first) && !day.date().isAfter(last.date()))
          .toList();
    }

    private List<WindowVerdict> verdicts(D last) {
      return known.computeIfAbsent(last, day -> judge.apply(of(day), beside(day)));
    }

    List<Judged> from(LocalDate first) {
      return days.stream().filter(day -> !day.date().isBefore(first)).map(this::judged).toList();
    }

    private Judged judged(D last) {
      List<D> own = of(last);
      List<WindowVerdict> breached =
          verdicts(last).stream().filter(WindowVerdict::breaching).toList();
      if (own.size() > 1 && !breached.isEmpty()) {
        List<WindowVerdict> former = verdicts(own.get(own.size() - 2));
        breached =
            breached.stream()
                .filter(v -> former.stream().noneMatch(f -> f.breaching() && f.isOf(v)))
                .toList();
      }
      return new Judged(last, own.size(), verdicts(last), breached);
    }
  }
}
