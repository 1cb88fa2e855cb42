package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.drift.Standing;
import io.tributary.events.TableRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a lake holds of a monitor's verdicts, read without Spark. */
final class StoredVerdicts {
  private static final List<String> OF_INTERVALS =
      List.of(
          "_at",
          "interval_from",
          "interval_to",
          "question",
          "item",
          "measure",
          "value",
          "limit",
          "breached",
          "detail",
          "model",
          "model_version");
  private static final List<String> OF_WINDOWS =
      List.of(
          "_at",
          "interval_from",
          "interval_to",
          "days",
          "question",
          "item",
          "measure",
          "value",
          "lower",
          "upper",
          "limit",
          "standing",
          "smallest_found",
          "farthest",
          "farthest_from",
          "part",
          "breached",
          "detail",
          "model",
          "model_version",
          "role");
  private static final List<String> OF_COUNTS =
      List.of(
          "_at",
          "interval_from",
          "interval_to",
          "model",
          "model_version",
          "artefact",
          "inputs",
          "scores");

  private final Lake lake;
  private final String monitor;

  StoredVerdicts(Lake lake, String monitor) {
    this.lake = lake;
    this.monitor = monitor;
  }

  /** A verdict on an interval, and the version whose scores it is on. */
  record OfInterval(Interval interval, String model, MonitorVerdict verdict) {}

  /**
   * A verdict on the window that ends with a day.
   *
   * @param days of the window that were counted
   * @param role what the version was to the last day's rows
   * @param breached whether it is a breach, the first of its episode
   */
  record OfWindow(
      Interval window,
      long days,
      String model,
      String role,
      boolean breached,
      WindowVerdict verdict) {}

  /** What was counted of an interval's rows that one version scored. */
  record Counts(Interval interval, String model, String artefact, byte[] inputs, byte[] scores) {}

  /** The intervals that were judged, the one that ends last leading. */
  List<Interval> judged() {
    return table("monitor").commits().stream()
        .flatMap(commit -> commit.facts().stream())
        .filter(facts -> facts.key().job().equals("monitor"))
        .flatMap(facts -> facts.key().interval().stream())
        .distinct()
        .sorted(Comparator.comparing(Interval::to).thenComparing(Interval::from).reversed())
        .toList();
  }

  /**
   * The verdicts on all intervals that end in a stretch of time, in the order of their ends; those
   * of one interval as they were judged, what to look at first leading.
   */
  List<OfInterval> ofIntervals(Interval within) {
    List<OfInterval> verdicts =
        read(
            "monitor",
            OF_INTERVALS,
            within,
            row ->
                new OfInterval(
                    interval(row),
                    row.get(10) + "@" + row.get(11),
                    new MonitorVerdict(
                        Question.parse((String) row.get(3)),
                        (String) row.get(4),
                        (String) row.get(5),
                        number(row.get(6)),
                        number(row.get(7)),
                        (Boolean) row.get(8),
                        (String) row.get(9))));
    verdicts.sort(Comparator.comparing(v -> v.interval().to()));
    return verdicts;
  }

  /** The verdicts on all windows that end in a stretch of time, in the order of their ends. */
  List<OfWindow> ofWindows(Interval within) {
    List<OfWindow> verdicts =
        read(
            "windows",
            OF_WINDOWS,
            within,
            row ->
                new OfWindow(
                    interval(row),
                    (Long) row.get(3),
                    row.get(18) + "@" + row.get(19),
                    (String) row.get(20),
                    (Boolean) row.get(16),
                    new WindowVerdict(
                        Question.parse((String) row.get(4)),
                        (String) row.get(5),
                        (String) row.get(6),
                        number(row.get(7)),
                        number(row.get(8)),
                        number(row.get(9)),
                        number(row.get(10)),
                        standing((String) row.get(11)),
                        number(row.get(12)),
                        number(row.get(13)),
                        Optional.ofNullable((String) row.get(14)),
                        number(row.get(15)),
                        (Boolean) row.get(16),
                        (String) row.get(17))));
    verdicts.sort(Comparator.comparing(v -> v.window().to()));
    return verdicts;
  }

  /**
   * What was counted of all intervals that end in a stretch of time, in the order of their ends.
   */
  List<Counts> counts(Interval within) {
    List<Counts> counts =
        read(
            "counts",
            OF_COUNTS,
            within,
            row ->
                new Counts(
                    interval(row),
                    row.get(3) + "@" + row.get(4),
                    (String) row.get(5),
                    (byte[]) row.get(6),
                    (byte[]) row.get(7)));
    counts.sort(Comparator.comparing(c -> c.interval().to()));
    return counts;
  }

  private static Interval interval(List<Object> row) {
    return Interval.of((Instant) row.get(1), (Instant) row.get(2));
  }

  private static double number(Object value) {
    return value == null ? Double.NaN : (Double) value;
  }

  private static Optional<Standing> standing(String text) {
    return Arrays.stream(Standing.values()).filter(s -> s.text().equals(text)).findFirst();
  }

  private LakeTable table(String layer) {
    return lake.table(TableName.of(layer, monitor));
  }

  private <T> List<T> read(
      String layer, List<String> columns, Interval within, Function<List<Object>, T> row) {
    List<T> rows = new ArrayList<>();
    Optional<TableVersion> version = table(layer).version();
    version.ifPresent(
        v ->
            TableRows.read(
                table(layer).path(),
                v.version(),
                columns,
                "_at",
                within,
                values -> rows.add(row.apply(values))));
    return rows;
  }
}
